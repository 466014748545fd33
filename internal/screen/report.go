package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// Trouble with a key, on stderr. Cron mails what is printed, and every pool
// runs every quarter of an hour: so what needs a person is printed in full by
// the one run whose write put it into the record, and in one line by all
// others, until it is settled.

// problem returns what went wrong with a key; not ok if nobody has to read it.
func (v View) problem(k rotate.KeyReport) (p Problem, ok bool) {
	p = Problem{Verb: v.Verb, Key: k.Policy.Name}
	switch k.Exit(false) {
	case plan.ExitPerson:
		p.Code, p.What = k.Refusal.Code, k.Refusal.What
		if !k.News && !v.Verbose && v.Verb == "run" { // a person who asked is told all of it
			p.What = "still refused: " + p.What + "; see " + v.Hint("keyturn status")
			break
		}
		p.Details = append(p.Details, where(k)...)
		p.Details = append(p.Details, k.Refusal.Safe)
		p.Todo = v.Hint(k.Refusal.Hint)
	case plan.ExitFailed:
		fault := k.Fault()
		p.Code, p.What, p.Raw = fault.Code, failure(k), fault.Raw
		if k.Outcome == plan.Lagging {
			p.Code = plan.CodeLag
		}
		ahead, todo := v.ahead(k)
		p.Todo = todo
		if k.Outcome == plan.Lagging && v.Verb != "run" && !k.Changed() {
			ahead = "ask again in a few minutes, when KMS shows what is" // no run does what a person asked for
		}
		if unknown(k) {
			p.Code, ahead = plan.CodeNotKnown, "type it again if it is still wanted"
			p.Todo = v.Next(plan.Try("keyturn", "history", k.Policy.Name))
		}
		p.Details = append(where(k), safety(k), ahead)
		if cure := v.Next(fault.Hint); cure != "" && p.Todo != "" {
			p.Details = append(p.Details, "first: "+cure)
		} else if cure != "" {
			p.Todo = cure
		}
		if k.Gate != nil && k.Gate.Failed != "" {
			p.Details = append(where(k), safety(k), "the next run asks again; keyturn rotate switches without asking",
				"before_switch is started by this user in this working directory: "+
					plan.Shell(k.Policy.BeforeSwitch...))
			p.Todo = v.Next(plan.Try("keyturn", "run", "--dry-run", "--ask", "--key", k.Policy.Name))
		}
	case plan.ExitBusy:
		if v.Verb != "run" {
			behind := ""
			if k.Fenced() {
				behind = v.Behind(k.Policy)
			}
			return v.notYet(k, v.Now(), behind), true
		}
		p.Code, p.What = plan.CodeBusy, "not done within --wait: "+texts(k.Reasons)
		wait := plan.FormatDuration(5 * time.Minute)
		if k.Fenced() {
			wait = plan.FormatDuration(plan.FenceFor)
		}
		p.Todo = v.Next(plan.Try("keyturn", v.Verb, "--wait", wait).Noted("or leave it to the next run"))
	case plan.ExitInterrupted:
		if v.Verb == "run" && !k.Changed() && (k.Record == nil || k.Record.Step == plan.Steady) {
			return p, false // it was not begun, and the next run does it
		}
		p.Code, p.What = plan.CodeInterrupted, "interrupted"
		if k.Freed() {
			p.What += "; the lease is free"
		}
		ahead, todo := v.ahead(k)
		p.Details, p.Todo = append(where(k), safety(k), ahead), todo
	default:
		return p, false
	}
	return p, true
}

// ahead says what happens next to what was asked for, and what to type where it does
// not stand in the record: no run will do it then.
func (v View) ahead(k rotate.KeyReport) (text, todo string) {
	unsure := slices.ContainsFunc(k.Reasons, func(r plan.Reason) bool { return r.Code == plan.CodeRecordUnknown })
	again := v.Next(plan.Try(v.Again(k)...))
	switch {
	case v.Verb == "run":
		return "the next run goes on by itself", ""
	case k.Begun:
		return "this " + v.Verb + " stands in the record: the next run goes on with it", ""
	case unsure:
		return "whether it was recorded is not known; if it was not: " + again,
			v.Next(plan.Try("keyturn", "history", k.Policy.Name))
	}
	text = "nothing was recorded; type it again"
	if r := k.Record; r != nil && r.Leased(v.Now()) {
		text = fmt.Sprintf("%s/%s (run %s) works on the key, and not on this: %s", r.Lease.Pool, r.Lease.Host,
			r.Lease.Run, text)
	}
	return text, again
}

// unknown reports whether nobody can say if a person's verb was carried out.
func unknown(k rotate.KeyReport) bool {
	return slices.ContainsFunc(k.Reasons, func(r plan.Reason) bool { return r.Code == plan.CodeNotKnown })
}

func failure(k rotate.KeyReport) string {
	if k.Err != nil {
		return "failed: " + k.Err.Error()
	}
	return texts(k.Reasons)
}

// where returns which generation the trouble is in.
func where(k rotate.KeyReport) []string {
	r := k.Record
	if r == nil || r.Step == "" { // of a newer keyturn's record nothing is known
		return nil
	}
	text := fmt.Sprintf("generation %d, %s", r.Generation, r.Step)
	if r.Active != 0 {
		is := "is live"
		if k.Refusal != nil && (k.Refusal.Code == plan.CodeDrift || k.Refusal.Code == plan.CodeAliasMissing) {
			is = "should be live"
		}
		text += fmt.Sprintf("; %s %s (%s)", plan.VersionName(r.Active), is, r.Live().KeyID)
	}
	return []string{text}
}

// safety reports whether encrypt and decrypt work in the middle of a generation.
// They do: no version is ever disabled by a rotation, and the alias names
// either the version before or the new one, which was tried first.
func safety(k rotate.KeyReport) string {
	r := k.Record
	act, reinstating := k.Last(plan.WriteReinstate)
	switch {
	case reinstating:
		return "what only " + plan.VersionName(act.Version) + " can decrypt cannot be read until it is enabled"
	case r == nil:
		return "nothing was changed; encrypt and decrypt work as before"
	case r.Active == 0:
		return "there is no key to use yet"
	case r.Step == plan.Switching:
		return fmt.Sprintf("encrypt uses %s or already %s; both are enabled, decrypt works",
			plan.VersionName(r.Active), plan.VersionName(r.Target))
	}
	return fmt.Sprintf("encrypt uses %s; decrypt works", plan.VersionName(r.Active))
}

// maxSkew is how far the host's clock may be off before it is worth a word.
// Nothing is decided by it: keyturn goes by AWS's time.
const maxSkew = time.Minute

// warnings prints what is not wrong and should be known.
func (v View) warnings(r *rotate.Report) {
	var skew time.Duration
	if v.Skew != nil {
		skew = v.Skew()
	}
	if skew.Abs() > maxSkew {
		direction := "ahead of"
		if skew < 0 {
			direction = "behind"
		}
		v.Warn("clock-skew", "this host's clock is %s %s AWS's; keyturn goes by AWS's, other programs may not",
			plan.Age(skew), direction)
	}
	if t := r.Table; t != nil && t.ID == "" && t.Unsafe == "" {
		v.Warn("no-table-id", "table %s has no TableId: a restored or recreated table would not be noticed",
			v.Plan.Table)
	}
	if r.Dry {
		return // the grants stand among the steps
	}
	for _, k := range r.Keys {
		if k.Uncopied != "" {
			v.Warn("ledger", "%s: %s", k.Policy.Name, k.Uncopied)
		}
		for _, note := range k.PolicyNotes {
			v.Warn("key-policy", "%s: %s", k.Policy.Name, note)
		}
		for _, note := range k.RotationNotes {
			v.Warn("auto-rotation", "%s: %s", k.Policy.Name, note)
		}
		if line := grantsText(k); line != "" && k.Did(plan.WriteFinish) {
			v.Warn("grants", "%s: %s", k.Policy.Name, line)
		}
	}
}

// grantsText returns what does not follow an alias: AWS keeps grants with the
// key, so whoever was granted the old version is not granted the new one.
func grantsText(k rotate.KeyReport) string {
	if k.Before == nil || k.Before.Active == 0 {
		return ""
	}
	v := plan.VersionName(k.Before.Active)
	switch {
	case k.GrantsUnknown != "":
		return fmt.Sprintf("whether there are grants on %s is not known (%s); they would not follow the alias",
			v, k.GrantsUnknown)
	case k.Grants == 1:
		return fmt.Sprintf("1 grant on %s does not follow the alias", v)
	case k.Grants > 1:
		return fmt.Sprintf("%d grants on %s do not follow the alias", k.Grants, v)
	}
	return ""
}

// list joins words for a sentence.
func list(words []string) string { return strings.Join(words, ", ") }
