package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What a screen says a rollback would do is what Decide then does.
func TestBackTo(t *testing.T) {
	left := func(r *plan.Record) { r.Entry(5).Left = noon.Add(-60 * day) }
	kept5 := func(r *plan.Record) { r.Entry(5).State, r.Entry(5).KeptAt = plan.Kept, noon.Add(-day) }
	for _, c := range []struct {
		name  string
		r     *plan.Record
		named int64
		to    int64 // 0: refused
	}{
		{"steady", record(plan.Steady), 0, 6},
		{"v6 is being disabled: the kept one", record(plan.Steady, marked(6), left), 0, 5},
		{"over an open switch: what is active", record(plan.Switching), 0, 7},
		{"over a waiting version", record(plan.Created), 0, 6},
		{"an open rollback is finished", record(plan.Claimed, rolling), 0, 6},
		{"nothing to go back to", record(plan.Steady, func(r *plan.Record) { old(r) }), 0, 0},
		{"not made yet", record(plan.Claimed, firstClaimed), 0, 0},
		{"the one named, not the default", record(plan.Steady, kept5), 5, 5},
		{"the one named, over an open switch", record(plan.Switching, kept5), 5, 5},
		{"the live one named, over a waiting version", record(plan.Created), 7, 7},
		{"one named that cannot be used", record(plan.Steady, marked(6)), 6, 0},
		{"no such version", record(plan.Steady), 9, 0},
		{"the target of an open switch", record(plan.Switching), 8, 0},
		{"the open generation's, before it is recorded", record(plan.Claimed), 8, 0},
		{"the target of an open rollback", record(plan.Claimed, rolling), 6, 6},
		{"another one than that of an open rollback", record(plan.Claimed, rolling, kept5), 5, 5},
	} {
		to, ref := plan.BackTo(noon, ordersPolicy(), c.r, c.named)
		if c.to == 0 && (to != nil || ref == nil) || c.to != 0 && (to == nil || to.Version != c.to) {
			t.Errorf("%s: %+v %+v, want v%d", c.name, to, ref, c.to)
		}
	}
}

// The move signed last is found; a record that knows of none says so.
func TestLastSigned(t *testing.T) {
	r := record(plan.Claimed, leased(me, time.Minute))
	if e, ok := plan.LastSigned(r); ok {
		t.Errorf("found %+v", e)
	}
	confirm := written(8, "k8", plan.ConfirmWrite{Signed: noon, Target: plan.Version{Version: 8, KeyID: "k8"}})
	confirm.Self.Pool = "pool-7"
	r = plan.Apply(r, confirm)
	renew := written(8, "", plan.LeaseWrite{Renew: true})
	renew.Self.Run = other
	r = plan.Apply(r, renew)
	if e, ok := plan.LastSigned(r); !ok || e.Who.Pool != "pool-7" {
		t.Errorf("%v %+v", ok, e)
	}
}

func TestVersions(t *testing.T) {
	if got := record(plan.Switching).Numbers(); !slices.Equal(got, []int64{7, 8, 6, 5}) {
		t.Errorf("%v", got)
	}
	if got := record(plan.Claimed, rolling).Numbers(); !slices.Equal(got, []int64{7, 6, 5}) {
		t.Errorf("a rollback's target twice: %v", got)
	}
	if r := record(plan.Steady); !r.Knows(5) || r.Knows(8) {
		t.Error("knows")
	}
	if r := record(plan.Claimed); !r.Opens(8) || r.Opens(7) || r.Opens(0) || record(plan.Steady).Opens(7) {
		t.Error("the version of the open generation, before it is recorded")
	}
	if r := record(plan.Claimed, rolling); !r.Opens(6) || r.Opens(8) {
		t.Error("an open rollback makes no version")
	}
}
