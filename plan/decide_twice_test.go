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
	if r.Step != plan.Steady || r.Active != 7 {
		t.Fatalf("%s, active v%d", r, r.Active)
	}
	for _, c := range []struct {
		name  string
		later time.Duration
		q     plan.Request
		kind  plan.Kind
	}{
		{"a minute later", time.Minute, q, plan.Stop},
		{"once more, and meant", time.Minute, plan.Request{Verb: plan.VerbRollback, Reason: "v7 too", Again: true},
			plan.WriteClaim},
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
		if c.kind == plan.Stop && d.Act.Outcome != plan.Settled {
			t.Errorf("%s: %v", c.name, d.Reasons)
		}
	}
}

// A verb counts as done within the hour only if the alias is seen on the live version and
// that version is enabled: somebody may have changed either since.
func TestDoneWithinTheHourIsLookedAt(t *testing.T) {
	done := func(verb plan.Verb, ago time.Duration) *plan.Record {
		return record(plan.Steady, func(r *plan.Record) { // v7 was left for v6
			r.Claim.Verb, r.Claim.At, r.SwitchedAt = verb, noon.Add(-ago), noon.Add(-ago)
			r.Generation, r.Live().Since = 8, noon.Add(-ago)
		})
	}
	rollback := plan.Request{Verb: plan.VerbRollback, Reason: "consumers fail again"}
	named := plan.Request{Verb: plan.VerbRollback, Reason: "consumers fail again", Version: 7}
	rotate := plan.Request{Verb: plan.VerbRotate, Reason: "leaked"}
	disabled := func(o *plan.Observed) { o.Alias.State = "Disabled" }
	tryCases(t, ordersPolicy(), []decideCase{
		{"the alias is asked first", done(plan.VerbRollback, 20*minute), rollback, onlyWho(), "look alias"},
		{"all is as recorded", done(plan.VerbRollback, 20*minute), rollback, seen(), "stop settled"},
		{"moved back since, to a version of ours", done(plan.VerbRollback, 20*minute), rollback,
			seen(aliasOn("k6"), movedLooked), "note refused drift"},
		{"so soon that it may be lag: not known", done(plan.VerbRollback, 5*minute), rollback, seen(aliasOn("k6")),
			"stop lagging"},
		{"the version named is live by the record alone", done(plan.VerbRollback, 5*minute), named, seen(aliasOn("k6")),
			"stop lagging"},
		{"moved to a foreign key", done(plan.VerbRotate, 5*minute), rotate, seen(aliasOn("kx"), movedLooked),
			"note refused drift"},
		{"the live version was disabled", done(plan.VerbRotate, 20*minute), rotate, seen(disabled),
			"refuse active-disabled"},
		{"a rotation of cron's answers a rotate as well", done(plan.VerbSchedule, 20*minute), rotate, seen(),
			"stop settled"},
	})
	for _, q := range []plan.Request{rollback, named} {
		d := plan.Decide(noon, ordersPolicy(), done(plan.VerbRollback, 20*minute), q, seen())
		if !strings.HasPrefix(d.Reasons[0].Text, "nothing to do: v7 has been live since ") {
			t.Errorf("%q could be taken for success", d.Reasons[0].Text)
		}
	}
}
