package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// summary is what became of one key, in a few words.
type summary struct {
	// done is what was done, or in a dry-run would be; "" if nothing.
	done string
	// then is what follows from it, or why nothing was done.
	then string
}

func summarize(k rotate.KeyReport, r *rotate.Report) summary {
	sum := summaryOf(k, r)
	if old := ofOld(k.Trace); old != "" && !byRetire(k) {
		if k.Effect() == rotate.Retired {
			sum.done = ""
		}
		sum.done = then(sum.done, old)
	}
	for _, r := range k.Reasons {
		if r.Code == plan.CodeOldLeft && !strings.Contains(sum.then, r.Text) {
			sum.then = then(sum.then, r.Text)
		}
	}
	return sum
}

// byRetire reports whether old versions were seen to by a person's retire.
func byRetire(k rotate.KeyReport) bool {
	return k.Request.Verb == plan.VerbRetire && k.Effect() == rotate.Retired
}

// ofOld returns what was done to old versions.
func ofOld(trace []rotate.Trace) string {
	var did []string
	reinstated := rotate.KeyReport{Trace: trace}.Did(plan.WriteReinstate)
	for _, t := range trace {
		v := plan.VersionName(t.Act.Version)
		switch t.Act.Kind {
		case plan.WriteKept:
			did = append(did, v+" has drained, and is left as it is")
		case plan.WriteRetired:
			did = append(did, plan.WriteText(t.Act)) // or: found so, which somebody else did
		case plan.WriteDeleting:
			did = append(did, plan.WriteText(t.Act))
		case plan.WriteLooked:
			if reinstated {
				continue // said already, by the verb
			}
			did = append(did, v+" is enabled again")
		}
	}
	return strings.Join(did, "; ")
}

// summaryOf returns a summary without what was done to old versions.
func summaryOf(k rotate.KeyReport, run *rotate.Report) summary {
	r, now, says := k.Record, run.Finished, doneWords()
	if run.Dry {
		says = dryWords()
	}
	switch effect := k.Effect(); {
	case k.Overtaken() && effect == rotate.Began:
		return summary{"began " + begunText(k), then(gaveUpText(k, says), "given up since by another run")}
	case k.Overtaken():
		return summary{} // the refusal says all of it
	case r != nil && k.FinishedByOther():
		return summary{"began " + begunText(k) + ", and another run finished it",
			then(gaveUpText(k, says), texts(k.Reasons))}
	case effect == "" || effect == rotate.Retired && !byRetire(k):
		return standing(k, now)
	case effect == rotate.Began:
		return ofBegun(k)
	case effect == rotate.Held, effect == rotate.Released, effect == rotate.Reinstated,
		effect == rotate.RolledBack, effect == rotate.GaveUp, effect == rotate.Retired:
		return ofVerb(k, now, says)
	}
	return ofRotation(k, now, says)
}

// ofRotation returns what brought a key forward.
func ofRotation(k rotate.KeyReport, now time.Time, says words) summary {
	r := k.Record
	_, gave := k.Given()
	active := func() string { return plan.VersionName(r.Active) }
	switch k.Effect() {
	case rotate.Rotated:
		if gave {
			return summary{fmt.Sprintf("rotated%s to %s", leftText(r), active()),
				then(gaveUpText(k, says), drainsText(*k.Policy, r), nextText(now, *k.Policy, r))}
		}
		old := k.Before.Active
		return summary{fmt.Sprintf("rotated %s to %s", plan.VersionName(old), active()),
			then(drainText(*k.Policy, r, old), nextText(now, *k.Policy, r))}
	case rotate.Created:
		return summary{"created " + active(), then(k.Policy.Alias+" names it", nextText(now, *k.Policy, r))}
	case rotate.Adopted:
		if k.Did(plan.WriteAdopt) {
			return summary{"adopted as " + active(), then("KMS unchanged", firstText(now, *k.Policy, r))}
		}
		return summary{"adopted as " + active(),
			then(overText(k, says), drainsText(*k.Policy, r), nextText(now, *k.Policy, r))}
	case rotate.Rebuilt:
		return summary{"rebuilt the record", then(active()+" is active; nothing changed in KMS",
			rebuiltText(*k.Policy, r), whyText(k, plan.CodeTermsUnknown),
			whyText(k, plan.CodeAnchorUnknown))}
	}
	return summary{"made " + plan.VersionName(r.Generation), texts(k.Reasons)}
}

// standing describes why nothing was done.
func standing(k rotate.KeyReport, now time.Time) summary {
	if k.DoneByOther() {
		return summary{then: then(fmt.Sprintf("rotated to %s by %s", plan.VersionName(k.Record.Active),
			lastPool(k.Record)), nextText(now, *k.Policy, k.Record))}
	}
	text := texts(k.Reasons)
	// Of a window that is due and held the reasons say it; a person's verb is not stopped.
	if r := k.Record; k.Outcome == plan.Settled && k.Request.Verb == plan.VerbSchedule && r != nil && r.Held(now) {
		text = then(text, r.Hold.Text(now))
	}
	return summary{then: text}
}

// ofBegun returns what was begun and not finished.
func ofBegun(k rotate.KeyReport) summary {
	if act, reinstating := k.Last(plan.WriteReinstate); reinstating {
		return summary{"began to reinstate " + plan.VersionName(act.Version),
			drainText(*k.Policy, k.Record, act.Version)}
	}
	if k.Beaten() {
		return summary{"worked on " + begunText(k) + ", and another run finished it", texts(k.Reasons)}
	}
	return summary{"began " + begunText(k), texts(k.Reasons)}
}

// begunText names the generation that this run claimed or carried on. Another one
// may be open by now.
func begunText(k rotate.KeyReport) string {
	for _, t := range slices.Backward(k.Trace) {
		switch w := t.Act.Write.(type) {
		case plan.ClaimWrite:
			return targetText(w.Target, t.Act.Version)
		case plan.AbandonWrite:
			if w.Claim != nil {
				return targetText(w.Target, t.Act.Version+1)
			}
		case plan.FirstClaimWrite:
			return plan.VersionName(t.Act.Version)
		case plan.ConfirmWrite:
			if resumed(k).Verb == plan.VerbRollback {
				return targetText(&w.Target, 0)
			}
			return plan.VersionName(t.Act.Version)
		}
	}
	if resumed(k).Verb == plan.VerbRollback {
		return targetText(k.Record.Next(), k.Record.Generation)
	}
	return plan.VersionName(k.Record.Generation)
}

// resumed returns the claim that this run wrote, or found and carried on.
func resumed(k rotate.KeyReport) plan.Claim {
	c := k.Claimed()
	if c.Verb == "" && k.Before != nil && k.Before.Claim != nil {
		return *k.Before.Claim
	}
	return c
}

// targetText names what a claim is about: a rollback's target, else the version that
// it makes.
func targetText(target *plan.Version, makes int64) string {
	if target != nil {
		return "the rollback to " + plan.VersionName(target.Version)
	}
	return plan.VersionName(makes)
}

// whyText returns one of the reasons for what was done, by its code; "" if it was none.
func whyText(k rotate.KeyReport, code plan.Code) string {
	for _, r := range k.Why {
		if r.Code == code {
			return r.Text
		}
	}
	return ""
}

func lastPool(r *plan.Record) string {
	if len(r.Events) == 0 {
		return "another run"
	}
	return r.Events[len(r.Events)-1].Who.Pool
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

// drainText returns how long the version before stays enabled, and what comes
// then: until then it decrypts and verifies.
func drainText(p plan.Policy, r *plan.Record, version int64) string {
	for _, d := range r.Draining() {
		if d.Version == version {
			return fmt.Sprintf("%s drains until %s, %s", plan.VersionName(d.Version),
				p.DrainEnd(d).UTC().Format(time.DateOnly), p.EndOf(d).Brief())
		}
	}
	return ""
}

// drainsText is drainText of what the last switch left behind.
func drainsText(p plan.Policy, r *plan.Record) string {
	var all []string
	for _, d := range r.Draining() {
		if !d.Left.Before(r.SwitchedAt) {
			all = append(all, drainText(p, r, d.Version))
		}
	}
	return strings.Join(all, "; ")
}

// rebuiltText returns what a rebuild costs: nobody knows how long the old versions
// have drained, nor what was signed before.
func rebuiltText(p plan.Policy, r *plan.Record) string {
	var parts []string
	for _, d := range r.Draining() {
		parts = append(parts, drainText(p, r, d.Version))
	}
	if len(parts) > 0 {
		parts[0] = "drains start again: " + parts[0]
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
