package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// CallsAhead counts the calls by record and plan.
func TestCallsAhead(t *testing.T) {
	rotation := plan.Calls{CreateKey: 1, CreateAlias: 1, UpdateAlias: 1}
	adopted := func(r *plan.Record) {
		r.Generation, r.Active = 1, 1
		r.Versions = []plan.Version{{Version: 1, KeyID: "k1", Since: r.Window, Adopted: true}}
	}
	waits := ordersPolicy()
	waits.Prepublish = day
	rotate := plan.Request{Verb: plan.VerbRotate}
	for _, c := range []struct {
		name string
		p    plan.Policy
		r    *plan.Record
		q    plan.Request
		want plan.Calls
	}{
		{"no record", ordersPolicy(), nil, bySchedule, plan.Calls{}},
		{"due", ordersPolicy(), record(plan.Steady), bySchedule, rotation},
		{"not due", ordersPolicy(), record(plan.Steady, func(r *plan.Record) { r.Window = opened }), bySchedule,
			plan.Calls{}},
		{"not due, but a person wants it", ordersPolicy(), record(plan.Steady,
			func(r *plan.Record) { r.Window = opened }), rotate, rotation},
		{"the first rotation names v1", ordersPolicy(), record(plan.Steady, adopted), bySchedule,
			plan.Calls{CreateKey: 1, CreateAlias: 2, UpdateAlias: 1}},
		{"prepublish: the switch comes later", waits, record(plan.Steady), bySchedule,
			plan.Calls{CreateKey: 1, CreateAlias: 1}},
		{"claimed", ordersPolicy(), record(plan.Claimed), bySchedule, rotation},
		{"switching", ordersPolicy(), record(plan.Switching), bySchedule, plan.Calls{UpdateAlias: 1}},
		{"a hold", ordersPolicy(), record(plan.Steady), plan.Request{Verb: plan.VerbHold}, plan.Calls{}},
	} {
		if got := plan.CallsAhead(noon, c.p, c.r, c.q); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
