package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// A refusal of what a person's adopt has found does not count against the
// generation that is open beside it.
func TestWhatWasFoundIsNotOfTheOpenGeneration(t *testing.T) {
	failed := func(o *plan.Observed) {
		o.Failure = &plan.Failure{Doing: "probe v9", Answer: hardNo}
	}
	for _, c := range []struct {
		q    plan.Request
		want bool
	}{{byAdopt, false}, {bySchedule, true}} {
		d := plan.Decide(noon, ordersPolicy(), record(plan.Created), c.q, seen(aliasOn("kx"), failed))
		if d.Act.Kind != plan.WriteNote || noteOf(d.Act).Attempt != c.want {
			t.Errorf("%s: %s, counted %v", c.q.Verb, d.Act.Kind, noteOf(d.Act).Attempt)
		}
	}
}
