package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// reinstating returns the record after a reinstate of a version, and its event.
func reinstating(t *testing.T, r *plan.Record, version int64, sights ...sight) (*plan.Record, plan.Event) {
	t.Helper()
	q := plan.Request{Verb: plan.VerbReinstate, Version: version}
	d := plan.Decide(noon, ordersPolicy(), r, q, seen(sights...))
	if d.Act.Kind != plan.WriteReinstate {
		t.Fatalf("%s: %v", said(d), d.Reasons)
	}
	after := plan.Apply(r, d.Act)
	return after, after.Events[len(after.Events)-1]
}

// The event of a reinstate tells what somebody else has done to the version.
func TestReinstateTellsWhatItFound(t *testing.T) {
	as := func(state plan.State) change {
		return func(r *plan.Record) { stateOfV6(state)(r); r.Entry(6).DrainUntil = noon.Add(7 * day) }
	}
	for _, c := range []struct {
		name  string
		of    change
		state string
		want  string
		ended bool
	}{
		{"disabled", func(*plan.Record) {}, "Disabled",
			"reinstated v6, found disabled by somebody else, at least 7d before its deadline", true},
		{"to be deleted", func(*plan.Record) {}, "PendingDeletion",
			"reinstated v6, found pending deletion, by somebody else, at least 7d before its deadline", true},
		{"keyturn disabled it, and somebody has it deleted", as(plan.Disabled), "PendingDeletion",
			"reinstated v6, found pending deletion", false},
		{"keyturn has it deleted", as(plan.Deleting), "PendingDeletion", "reinstated v6", false},
	} {
		_, e := reinstating(t, record(plan.Steady, c.of), 6, oldSeen("k6", c.state, "alias/orders-data/v6"))
		if got := plan.EventText(e); got != c.want || (len(e.Ended) > 0) != c.ended {
			t.Errorf("%s: %q, %+v", c.name, got, e.Ended)
		}
	}
}

// A kept version that only lacks its name drains to be kept again, whatever the plan says.
func TestReinstateOfWhatIsKept(t *testing.T) {
	p, at := disabling(), noon
	r := record(plan.Steady)
	q := plan.Request{Verb: plan.VerbReinstate, Version: 5}
	d := plan.Decide(at, p, r, q, seen(oldSeen("k5", "Enabled"), nothingNames(5)))
	if v := plan.Apply(r, d.Act).Entry(5); d.Act.Kind != plan.WriteReinstate || v.Retire.Action != plan.RetireKeep {
		t.Errorf("%s: %+v", said(d), v)
	}
}

// Once a version has its name and is enabled, what stopped a run at it is over.
func TestReinstateEndsWhatStopped(t *testing.T) {
	for about, over := range map[string]bool{"v6": true, "v6 k6": true, "v66 k66": false, "": false} {
		r := record(plan.Steady, func(r *plan.Record) {
			r.LastError = &plan.LastError{Code: plan.CodeVersionUnproven, About: about, At: noon, Run: me}
		})
		after := plan.Apply(r, written(6, "k6", plan.LookedWrite{Drain: day}))
		if (after.LastError == nil) != over {
			t.Errorf("%q: %+v", about, after.LastError)
		}
	}
}

// A version that was reinstated within the hour and is disabled again is to be named: so says
// the command, and the screens.
func TestReinstateOfWhatWasDisabledSince(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) { r.Entry(6).ReinstatedAt = noon.Add(-time.Minute) })
	q := plan.Request{Verb: plan.VerbReinstate}
	d := plan.Decide(noon, ordersPolicy(), r, q, seen(oldSeen("k6", "Disabled", "alias/orders-data/v6")))
	ref := d.Act.Refusal
	if ref == nil || !strings.Contains(strings.Join(ref.Hint.Commands[0], " "), "orders-data/v6") {
		t.Errorf("%s: %+v", said(d), ref)
	}
	if v := plan.UndoOf(noon, ordersPolicy(), r); v != 0 {
		t.Errorf("the short command means v%d", v)
	}
}

// A run that joins a reinstate ends once its own yes is written: it neither begins a second one
// nor looks again, which in a dry-run would show the version as it still is.
func TestReinstateThatWasBegun(t *testing.T) {
	begun := record(plan.Steady, func(r *plan.Record) {
		r.Entry(6).ReinstatedAt, r.Entry(6).LookAfter = noon.Add(-time.Minute), noon.Add(-time.Minute)
	})
	looked := written(6, "k6", plan.LookedWrite{Drain: day})
	after := plan.Apply(begun, looked)
	for _, version := range []int64{0, 6} {
		o := seen()
		o.Wrote(looked)
		d := plan.Decide(noon, ordersPolicy(), after, plan.Request{Verb: plan.VerbReinstate, Version: version}, o)
		if said(d) != "stop settled" {
			t.Errorf("v%d: %s, %v", version, said(d), d.Reasons)
		}
	}
}
