package cmd

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

// trouble prints what went wrong with a key, if anything did.
func (s *session) trouble(k rotate.KeyReport) {
	p := problem{verb: s.verb, key: k.Policy.Name}
	switch k.Exit(false) {
	case plan.ExitPerson:
		p.code, p.what = k.Refusal.Code, k.Refusal.What
		if !k.News && !s.opts.verbose && s.verb == "run" { // a person who asked is told all of it
			p.what = "still refused: " + p.what + "; see " + s.con.hint("keyturn status")
			break
		}
		p.details = append(p.details, where(k)...)
		p.details = append(p.details, k.Refusal.Safe)
		p.todo = s.con.hint(k.Refusal.Hint)
	case plan.ExitFailed:
		p.code, p.what = "failed", failure(k)
		if k.Outcome == plan.Lagging {
			p.code = "lag"
		}
		ahead := "the next run goes on by itself"
		if k.Outcome == plan.Lagging && s.verb != "run" && !k.Changed() {
			ahead = "ask again in a few minutes, when KMS shows what is" // no run does what a person asked for
		}
		if unknown(k) {
			p.code, ahead = plan.NotKnown, "type it again if it is still wanted"
			p.todo = s.con.next(plan.Try("keyturn", "history", k.Policy.Name))
		}
		p.details = append(where(k), safety(k), ahead)
		if k.Gate != nil && k.Gate.Failed != "" {
			p.details = append(where(k), safety(k), "the next run asks again; keyturn rotate switches without asking",
				"before_switch is started by this user in this working directory: "+
					plan.Shell(k.Policy.BeforeSwitch...))
			p.todo = s.con.next(plan.Try("keyturn", "run", "--dry-run", "--ask", "--key", k.Policy.Name))
		}
	case plan.ExitBusy:
		if s.verb != "run" {
			behind := ""
			if fenced(k) {
				behind = s.aws.Behind(k.Policy)
			}
			s.con.print(s.notYet(k, s.aws.Now(), behind))
			return
		}
		p.code, p.what = "busy", "not done within --wait: "+texts(k.Reasons)
		wait := plan.FormatDuration(5 * time.Minute)
		if fenced(k) {
			wait = plan.FormatDuration(plan.FenceFor)
		}
		p.todo = s.con.next(plan.Try("keyturn", s.verb, "--wait", wait).Noted("or leave it to the next run"))
	case plan.ExitInterrupted:
		if !k.Changed() && (k.Record == nil || k.Record.Step == plan.Steady) {
			return // it was not begun
		}
		p.code, p.what = "interrupted", "interrupted; the lease is free"
		p.details = append(where(k), safety(k), "the next run goes on by itself")
	default:
		return
	}
	s.con.print(p)
}

// unknown reports whether nobody can say if a person's verb was carried out.
func unknown(k rotate.KeyReport) bool {
	return slices.ContainsFunc(k.Reasons, func(r plan.Reason) bool { return r.Code == plan.NotKnown })
}

func failure(k rotate.KeyReport) string {
	if k.Err != nil {
		return "failed: " + k.Err.Error()
	}
	return texts(k.Reasons)
}

// where says which generation the trouble is in.
func where(k rotate.KeyReport) []string {
	r := k.Record
	if r == nil || r.Step == "" { // of a newer keyturn's record nothing is known
		return nil
	}
	text := fmt.Sprintf("generation %d, %s", r.Generation, r.Step)
	if r.Active != nil {
		is := "is live"
		if k.Refusal != nil && (k.Refusal.Code == "drift" || k.Refusal.Code == "alias-missing") {
			is = "should be live"
		}
		text += fmt.Sprintf("; %s %s (%s)", plan.VersionName(r.Active.Version), is, r.Active.KeyID)
	}
	return []string{text}
}

// safety says whether encrypt and decrypt work in the middle of a generation.
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
	case r.Active == nil:
		return "there is no key to use yet"
	case r.Step == plan.Switching:
		return fmt.Sprintf("encrypt uses %s or already %s; both are enabled, decrypt works", plan.VersionName(r.Active.Version), plan.VersionName(r.Target.Version))
	}
	return fmt.Sprintf("encrypt uses %s; decrypt works", plan.VersionName(r.Active.Version))
}

// maxSkew is how far the host's clock may be off before it is worth a word.
// Nothing is decided by it: keyturn goes by AWS's time.
const maxSkew = time.Minute

// warnings prints what is not wrong and should be known.
func (s *session) warnings(r *rotate.Report) {
	if skew := s.aws.Skew(); skew.Abs() > maxSkew && s.box == nil {
		direction := "ahead of"
		if skew < 0 {
			direction = "behind"
		}
		s.con.warn("clock-skew", "this host's clock is %s %s AWS's; keyturn goes by AWS's, other programs may not", plan.Age(skew), direction)
	}
	if t := r.Table; t != nil && t.ID == "" && t.Unsafe == "" {
		s.con.warn("no-table-id", "table %s has no TableId: a restored or recreated table would not be noticed", s.plan.Table)
	}
	if r.Dry {
		return // the grants stand among the steps
	}
	for _, k := range r.Keys {
		if k.Uncopied != "" {
			s.con.warn("ledger", "%s: %s", k.Policy.Name, k.Uncopied)
		}
		for _, note := range k.PolicyNotes {
			s.con.warn("key-policy", "%s: %s", k.Policy.Name, note)
		}
		for _, note := range k.RotationNotes {
			s.con.warn("auto-rotation", "%s: %s", k.Policy.Name, note)
		}
		if line := grantsText(k); line != "" && k.Did(plan.WriteFinish) {
			s.con.warn("grants", "%s: %s", k.Policy.Name, line)
		}
	}
}

// grantsText says what does not follow an alias: AWS keeps grants with the
// key, so whoever was granted the old version is not granted the new one.
func grantsText(k rotate.KeyReport) string {
	if k.Before == nil || k.Before.Active == nil {
		return ""
	}
	v := plan.VersionName(k.Before.Active.Version)
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
