package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A rollback over an open switch whose alias never left the active version only
// gives that switch up. Typed again, within the hour, it must not roll back
// further.
func TestRollbackOfAnOpenSwitchTypedTwice(t *testing.T) {
	q := plan.Request{Verb: plan.VerbRollback, Reason: "v8 breaks callers"}
	r := record(plan.Switching)
	d := plan.Decide(noon, ordersPolicy(), r, q, seen())
	if d.Act.Kind != plan.WriteAbandon {
		t.Fatalf("%s", d.Act.Kind)
	}
	r = plan.Apply(r, d.Act)
	if r.Step != plan.Steady || r.Active.Version != 7 {
		t.Fatalf("%s, active v%d", r, r.Active.Version)
	}
	for _, c := range []struct {
		name  string
		later time.Duration
		q     plan.Request
		kind  plan.Kind
	}{
		{"a minute later", time.Minute, q, plan.Stop},
		{"once more, and meant", time.Minute, plan.Request{Verb: plan.VerbRollback, Reason: "v7 too", Again: true}, plan.WriteClaim},
		{"another verb", time.Minute, plan.Request{Verb: plan.VerbRotate, Reason: "now"}, plan.WriteClaim},
		{"an hour later", plan.AgainWithin, q, plan.WriteClaim},
	} {
		now := noon.Add(c.later)
		o := seen(aliasOn("k7"))
		k := enabled("k6")
		o.Target = &k
		d := plan.Decide(now, ordersPolicy(), r, c.q, o)
		if d.Act.Kind != c.kind {
			t.Errorf("%s: %s %v, want %s", c.name, d.Act.Kind, d.Reasons, c.kind)
		}
		if c.kind == plan.Stop && !strings.Contains(d.Reasons[0].Text, "v7 is live") {
			t.Errorf("%s: %v", c.name, d.Reasons)
		}
	}
}
