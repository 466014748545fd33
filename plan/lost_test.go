package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// A run types a verb for several versions, one after the other. The write for the first one,
// whose answer was lost and that arrives late, is not that for the second, whichever shows it.
func TestLateWriteForAnotherVersion(t *testing.T) {
	hold := func(version int64) plan.Act {
		q := plan.Request{Verb: plan.VerbHold, Version: version, Reason: "x"}
		return plan.Decide(noon, ordersPolicy(), record(plan.Steady), q, seen()).Act
	}
	for name, c := range map[string]struct {
		landed, lost plan.Act
		did          bool
	}{
		"its own":          {hold(6), hold(6), true},
		"that for v5":      {hold(5), hold(6), false},
		"that for the key": {hold(0), hold(6), false},
	} {
		after := plan.Apply(record(plan.Steady), c.landed)
		o := seen()
		o.LostTo(c.lost, after)
		if o.DidVerb != c.did {
			t.Errorf("%s: %v", name, o.DidVerb)
		}
		o = seen()
		o.LostTo(c.lost, record(plan.Steady, func(r *plan.Record) { r.Rev, r.Events = 72, []plan.Event{{Rev: 72}} }))
		if o.MayHaveMade == nil {
			t.Fatalf("%s: it is not looked for in the ledger", name)
		}
		o.Learn(noon, after, plan.Act{Kind: plan.LookWrite},
			plan.Result{Answer: yes, Events: after.Events[len(after.Events)-1:]})
		if o.DidVerb != c.did {
			t.Errorf("%s, by the ledger: %v", name, o.DidVerb)
		}
	}
}
