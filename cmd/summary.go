package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// summary is what became of one key, in a few words.
type summary struct {
	what string // for programs: see KeyDocument.Did; "" if nothing was done
	done string // for people
	then string // what follows from it, or why nothing was done
}

func summarize(k rotate.KeyReport, now time.Time) summary {
	sum := ofKey(k, now)
	if old := ofOld(k.Trace); old != "" {
		if sum.what == "" || sum.what == "began" {
			sum.what, sum.done = "retired", ""
		}
		sum.done = then(sum.done, old)
	}
	for _, r := range k.Reasons {
		if r.Code == plan.OldLeft && !strings.Contains(sum.then, r.Text) {
			sum.then = then(sum.then, r.Text)
		}
	}
	return sum
}

// ofOld is what was done to old versions.
func ofOld(trace []rotate.Trace) string {
	var did []string
	reinstated := rotate.KeyReport{Trace: trace}.Did(plan.WriteReinstate)
	for _, t := range trace {
		v := plan.VersionName(t.Act.Version)
		switch t.Act.Kind {
		case plan.WriteKept:
			did = append(did, v+" has drained, and is kept")
		case plan.WriteRetired:
			did = append(did, cmp.Or(t.Act.Note.What, "disabled "+v)) // or: found so, which somebody else did
		case plan.WriteDeleting:
			did = append(did, cmp.Or(t.Act.Note.What, "scheduled the deletion of "+v))
		case plan.WriteLooked:
			if reinstated {
				continue // said already, by the verb
			}
			did = append(did, v+" is enabled again")
		}
	}
	return strings.Join(did, "; ")
}

// ofKey is what was done to the key itself.
func ofKey(k rotate.KeyReport, now time.Time) summary {
	if sum, ok := ofVerb(k, now); ok {
		return sum
	}
	r := k.Record
	switch {
	case k.Did(plan.WriteFinish) && k.Before != nil && k.Before.Active != nil:
		old := k.Before.Active.Version
		return summary{"rotated", fmt.Sprintf("rotated %s to %s", plan.VersionName(old), plan.VersionName(r.Active.Version)),
			then(drainText(k.Policy, r, old), nextText(now, k.Policy, r))}
	case k.Did(plan.WriteFinish):
		return summary{"created", "created " + plan.VersionName(r.Active.Version), then(k.Policy.Alias+" names it", nextText(now, k.Policy, r))}
	case k.Did(plan.WriteAdopt):
		return summary{"adopted", "adopted as " + plan.VersionName(r.Active.Version), then("KMS unchanged", firstText(now, k.Policy, r))}
	case k.Did(plan.WriteAdoptDrift):
		return summary{"adopted", "adopted as " + plan.VersionName(r.Active.Version), then(drainsText(k.Policy, r), nextText(now, k.Policy, r))}
	case k.Did(plan.WriteRebuild):
		return summary{"rebuilt", "rebuilt the record", then(plan.VersionName(r.Active.Version)+" is active; nothing changed in KMS", rebuiltText(k.Policy, r), whyText(k, plan.TermsUnknown))}
	case k.Did(plan.WriteCreated):
		return summary{"made", "made " + plan.VersionName(r.Generation), texts(k.Reasons)}
	case k.Changed() && r != nil:
		return summary{"began", "began " + begunText(k), texts(k.Reasons)}
	}
	if doneByOther(k) {
		return summary{then: then(fmt.Sprintf("rotated to %s by %s", plan.VersionName(r.Active.Version), lastPool(r)), nextText(now, k.Policy, r))}
	}
	return summary{then: texts(k.Reasons)}
}

// begunText names the generation that this run claimed or carried on. Another one
// may be open by now.
func begunText(k rotate.KeyReport) string {
	for _, t := range slices.Backward(k.Trace) {
		switch a := t.Act; {
		case a.Claim != nil && a.Target != nil:
			return "the rollback to " + plan.VersionName(a.Target.Version)
		case a.Claim != nil && a.Kind == plan.WriteAbandon:
			return plan.VersionName(a.Version + 1)
		case a.Claim != nil, a.Kind == plan.WriteConfirm:
			return plan.VersionName(a.Version)
		}
	}
	return plan.VersionName(k.Record.Generation)
}

// whyText is one of the reasons for what was done, by its code; "" if it was none.
func whyText(k rotate.KeyReport, code string) string {
	for _, r := range k.Why {
		if r.Code == code {
			return r.Text
		}
	}
	return ""
}

// doneByOther tells whether another run rotated the key while this one stood by.
func doneByOther(k rotate.KeyReport) bool {
	return !k.Changed() && k.Before != nil && k.Record != nil && k.Before.Active != nil && k.Record.Active != nil &&
		k.Before.Active.Version != k.Record.Active.Version
}

func lastPool(r *plan.Record) string {
	if len(r.Events) == 0 {
		return "another run"
	}
	return r.Events[len(r.Events)-1].Pool
}

// then joins what is not empty.
func then(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "; ")
}

func texts(reasons []plan.Reason) string {
	var out []string
	for _, r := range reasons {
		out = append(out, r.Text)
	}
	return strings.Join(out, ", ")
}

// drainText says how long the version before stays enabled, and what comes
// then: until then it decrypts and verifies.
func drainText(p plan.Policy, r *plan.Record, version int64) string {
	for _, d := range r.Draining {
		if d.Version == version {
			return fmt.Sprintf("%s drains until %s, %s", plan.VersionName(d.Version), p.DrainEnd(d).UTC().Format(time.DateOnly), plan.AfterDrain(d.Retire))
		}
	}
	return ""
}

// drainsText is drainText of what the last switch left behind.
func drainsText(p plan.Policy, r *plan.Record) string {
	var all []string
	for _, d := range r.Draining {
		if !d.Since.Before(r.SwitchedAt) {
			all = append(all, drainText(p, r, d.Version))
		}
	}
	return strings.Join(all, "; ")
}

// rebuiltText says what a rebuild costs: nobody knows how long the old versions
// have drained, nor what was signed before.
func rebuiltText(p plan.Policy, r *plan.Record) string {
	var parts []string
	for _, d := range r.Draining {
		parts = append(parts, drainText(p, r, d.Version))
	}
	if len(parts) > 0 {
		parts[0] = "drains begin anew: " + parts[0]
	}
	if r.Fence != nil {
		parts = append(parts, "no rollback before "+plan.Clock(r.Fence.Until))
	}
	return strings.Join(parts, "; ")
}

func nextText(now time.Time, p plan.Policy, r *plan.Record) string {
	opens := plan.NextOpens(now, p, r)
	switch {
	case r.Step != plan.Steady:
		return "the next run goes on"
	case opens.IsZero():
		return ""
	case !opens.After(now):
		return "rotates in the next run"
	}
	return "next " + opens.UTC().Format(time.DateOnly)
}

func firstText(now time.Time, p plan.Policy, r *plan.Record) string {
	opens := plan.NextOpens(now, p, r)
	switch {
	case opens.IsZero():
		return ""
	case !opens.After(now):
		return "first rotation in the next run"
	}
	return "first rotation " + opens.UTC().Format(time.DateOnly)
}
