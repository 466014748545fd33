package screen

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// "Not yet" is what a person reads whose verb must wait: for another run's
// lease, or for an alias move that was signed and may still arrive. It says until
// when, which run has the key, whether encrypt and decrypt work, and what to type to
// wait; for a rollback also how to move the alias by hand, because only a person can
// judge whether that is worth it.

// notYet describes a verb that did not get its turn within --wait.
func (v View) notYet(p *Problem, k rotate.KeyReport, now time.Time) {
	if !k.Fenced {
		p.Code, p.What = plan.CodeBusy, "not yet: "+texts(k.Reasons)
		p.Details = []string{k.Works.Text()}
		return
	}
	p.Code, p.What = plan.CodeFenced, claim.SafeAt(now, k.Until)
	why := texts(k.Reasons) // of a call against an old version, or of a switch that may not show yet
	if k.Record.Fenced(now) {
		why = signerText(k.Record)
	}
	p.Details = append(p.Details, why, v.Looked(*k.Policy, k.Record).Text())
	if k.Record.Step != plan.Steady && !k.Record.HeldBack(now) {
		p.Details = append(p.Details, "first, so that no run finishes it meanwhile: "+
			v.Command("keyturn", "hold", k.Policy.Name, "--reason", "..."))
	}
	if v.Verb == string(plan.VerbRollback) {
		p.Details = append(p.Details, v.byHand(k, now)...)
	}
}

// Again returns the command that was typed, to type it again about these keys.
func (v View) Again(keys ...rotate.KeyReport) []string {
	return rotate.Again(len(keys) == len(v.Plan.Keys), keys...)
}

// signerText returns which run's signature may still arrive.
func signerText(r *plan.Record) string {
	e, ok := plan.LastSigned(r)
	switch {
	case !ok:
		return "nobody knows what was signed before the record was rebuilt; AWS may still apply it"
	case r.Step == plan.Switching:
		return fmt.Sprintf("%s (run %s) signed an alias move to %s at %s and recorded no answer; AWS may still "+
			"apply it",
			e.Who.Pool, e.Run, plan.VersionName(r.Target), plan.Clock(e.At))
	}
	return fmt.Sprintf("%s (run %s) signed an alias move at %s and recorded no answer; AWS may still apply it",
		e.Who.Pool, e.Run, plan.Clock(e.At))
}

// byHand returns how to move the alias without keyturn. In the middle of a switch
// the next run would go on with it, so the person holds the key first, and later
// closes the switch by the rollback itself. Else an adopt corrects the record.
func (v View) byHand(k rotate.KeyReport, now time.Time) []string {
	to, ref := plan.BackTo(now, *k.Policy, k.Record, k.Request.Version)
	if ref != nil {
		return nil
	}
	name, clock := k.Policy.Name, plan.Clock(k.Until)
	lines := []string{"if it cannot wait, by hand; the signed move may still undo that until " + clock +
		", so look again then:"}
	if k.Record.Step != plan.Steady {
		lines = append(lines, "  "+v.Command("keyturn", "hold", name, "--reason", "..."))
	}
	lines = append(lines, "  "+v.Command("aws", "kms", "update-alias", "--region", k.Policy.Region,
		"--alias-name", k.Policy.Alias, "--target-key-id", to.KeyID))
	after := []string{"keyturn", "adopt", name, "--reason", "..."}
	if to.KeyID == k.Record.Live().KeyID { // the record has it as live already
		after = v.Again(k)
	}
	return append(lines, "and after "+clock+", to put the record right:", "  "+v.Command(after...))
}
