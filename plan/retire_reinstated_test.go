package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A retire of a version that was reinstated and is not enabled yet, because that run died,
// takes the place of the reinstate. If it comes to nothing, the version is enabled after all.
func TestRefusedRetireLeavesAReinstate(t *testing.T) {
	for name, left := range map[string]time.Duration{"nothing was out": -time.Minute, "a disabling is out": minute} {
		before := record(plan.Steady, func(r *plan.Record) {
			r.Entry(6).ReinstatedAt, r.Entry(6).LookAfter = noon.Add(-5*minute), noon.Add(left)
		})
		r := retiring(t, before, 6, v6Seen("Disabled"), func(o *plan.Observed) { o.First = before })
		if v := r.Entry(6); !v.LookAfter.IsZero() || v.Fence == nil {
			t.Errorf("%s, marked: %+v", name, v)
		}
		no := plan.Apply(r, written(6, "k6", plan.MarkNoWrite{What: plan.FencedDisable}))
		if v := no.Entry(6); v.LookAfter.IsZero() || v.Fence != nil || v.RetiredBy != "" {
			t.Errorf("%s, refused: %+v", name, v)
		}
		later := noon.Add(21 * minute)
		if got := said(plan.Decide(later, disabling(), no, bySchedule, seen())); got != "look again" {
			t.Errorf("%s, then cron: %s", name, got)
		}
		down := plan.Apply(r, written(6, "k6", plan.RetiredWrite{Answered: true}))
		if v := down.Entry(6); v.State != plan.Disabled || (v.Fence != nil) != (left > 0) {
			t.Errorf("%s, retired: %+v", name, v)
		}
	}
}

// KMS may show a version disabled that was enabled just now, however long ago somebody typed
// the reinstate. A retire does not take that for done.
func TestRetireOfAVersionEnabledLately(t *testing.T) {
	looked := func(ago time.Duration) change {
		return func(r *plan.Record) {
			r.Entry(6).ReinstatedAt = noon.Add(-time.Hour)
			r.Events = append(r.Events, plan.Event{Rev: 70, At: noon.Add(-ago), Version: 6, KeyID: "k6",
				Kind: []plan.EventKind{plan.EventLooked}})
		}
	}
	waits := func(r *plan.Record) {
		r.Entry(6).ReinstatedAt, r.Entry(6).LookAfter = noon.Add(-12*minute), noon.Add(8*minute)
	}
	for _, c := range []struct {
		name  string
		of    change
		state string
		want  string
	}{
		{"cron enabled it a minute ago", looked(minute), "Disabled", "sign mark"},
		{"its EnableKey may have come late", looked(11 * minute), "Disabled", "sign mark"},
		{"no reinstate was ever typed", func(*plan.Record) {}, "Disabled", "retired"},
		{"any run may enable it", waits, "Disabled", "sign mark"},
		{"somebody has it deleted", waits, "PendingDeletion", "retired"},
	} {
		r := record(plan.Steady, c.of)
		o := seen(v6Seen(c.state), func(o *plan.Observed) { o.First = r })
		if got := said(plan.Decide(noon, ordersPolicy(), r, retireOf(6), o)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A rebuild while a retire is under way does not forget who wants it: the call may arrive, and
// a reinstate without a version must not choose that one.
func TestRebuildDuringARetire(t *testing.T) {
	r := retiring(t, record(plan.Steady), 6, v6Seen("Enabled"))
	after := rebuild(t, ordersPolicy(), r.Clone(), listed())
	if v := entry(after, 6); v == nil || v.Fence == nil || v.RetiredBy != r.Entry(6).RetiredBy {
		t.Fatalf("rebuilt: %+v", v)
	}
	down := plan.Apply(after, written(6, "k6", plan.RetiredWrite{Answered: true}))
	if v := down.Entry(6); v.RetiredBy == "" {
		t.Errorf("retired: %+v", v)
	}
}

// A reinstate that an older record has, and a retire that came to nothing, which only the
// ledger tells of: the version still has to be enabled.
func TestRebuildAfterARefusedRetire(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) {
		r.Entry(6).ReinstatedAt, r.Entry(6).LookAfter = noon.Add(-5*minute), noon.Add(5*minute)
	})
	mark := plan.Event{Rev: 71, At: noon.Add(-3 * minute), Generation: 7, Version: 6, KeyID: "k6",
		Kind: []plan.EventKind{plan.EventMark, "disable", "by-retire"}, Who: plan.Who{By: "ann"}}
	no := mark
	no.Rev, no.At, no.Kind = 72, noon.Add(-2*minute), []plan.EventKind{plan.EventMarkNo, "disable"}
	after := rebuild(t, ordersPolicy(), r, listed(stateOf(6, "Disabled"), func(o *plan.Observed) {
		o.Ledger, o.LedgerRev = []plan.Event{mark, no}, &no.Rev
	}))
	if v := entry(after, 6); v == nil || v.LookAfter.IsZero() || v.RetiredBy != "" {
		t.Errorf("rebuilt: %+v", after.Entry(6))
	}
}
