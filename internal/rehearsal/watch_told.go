package rehearsal

import (
	"slices"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// ends notes what a write has made of the claim that was open, by nothing but the
// steps before and after it: the claim of a steady record was finished.
func (e *observation) ends(old, r *plan.Record) {
	if old.Step == plan.Steady {
		return
	}
	if r.Step == plan.Steady && r.Claim != nil {
		e.ended[r.Claim.ID] = true
	}
	if r.Claim == nil || r.Claim.ID != old.Claim.ID {
		e.ended[old.Claim.ID] = false
	}
}

// told checks what a person was told. A verb that wrote a claim ends well only if
// that very claim was finished, by whichever run. That the key is in order is no
// proof: it may be in order because somebody gave the claim up.
func (v *Watch) told(run string, q plan.Request, k rotate.KeyReport) {
	if q.Verb == "" || q.Verb == plan.VerbSchedule || k.Outcome != plan.Settled && k.Outcome != plan.Adopted {
		return
	}
	if q.Verb == plan.VerbRetire && k.Record != nil {
		if e := k.Record.Entry(q.Version); e == nil || !v.wentDown[e.KeyID] {
			v.Broken = append(v.Broken, Broken{"done", run,
				"the person was told that the version is retired, and it was never disabled"})
		}
	}
	for _, t := range slices.Backward(k.Trace) {
		id := t.Act.ClaimID()
		if id == "" {
			continue
		}
		if !v.ended[id] {
			v.Broken = append(v.Broken, Broken{"done", run,
				"the person was told that the " + string(q.Verb) + " is done, and its claim was not finished"})
		}
		return
	}
}
