package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// ofV6 is an event of the ledger about v6, `before` noon.
func ofV6(rev int64, before time.Duration, kinds ...plan.EventKind) plan.Event {
	return plan.Event{Rev: rev, At: noon.Add(-before), Generation: 7, Version: 6, KeyID: "k6", Kind: kinds, Run: other}
}

var (
	toldMark   = []plan.EventKind{plan.EventMark, plan.EventDisable}
	reinstate6 = plan.Request{Verb: plan.VerbReinstate, Version: 6, Reason: "in use"}
)

// A mark that only the ledger tells stays alive after a rebuild, until an event ends it.
func TestRebuildRemembersToldMarks(t *testing.T) {
	mark, no := ofV6(71, minute, toldMark...), ofV6(72, minute/2, plan.EventMarkNo, plan.EventDisable)
	until := mark.At.Add(plan.FenceFor)
	unmark := ofV6(72, minute/2, plan.EventUnmark)
	answered := ofV6(72, minute/2, plan.EventRetired)
	found := ofV6(72, minute/2, plan.EventRetired, plan.EventFound)
	reinstate := ofV6(72, minute/2, plan.EventReinstate)
	deletion, long := ofV6(71, minute, plan.EventMark, plan.EventDelete), ofV6(71, 21*minute, toldMark...)
	down := stateOfV6(plan.Disabled)
	for _, c := range []struct {
		name  string
		r     *plan.Record
		state string
		told  []plan.Event
		until time.Time // of the mark; zero is none
		look  bool
	}{
		{"marked", record(plan.Steady), "Enabled", []plan.Event{mark}, until, false},
		{"marked, and seen disabled", record(plan.Steady), "Disabled", []plan.Event{mark}, until, false},
		{"a deletion", record(plan.Steady, down), "Disabled", []plan.Event{deletion}, until, false},
		{"long ago", record(plan.Steady), "Enabled", []plan.Event{long}, time.Time{}, false},
		{"refused", record(plan.Steady), "Enabled", []plan.Event{mark, no}, time.Time{}, false},
		{"seen enabled", record(plan.Steady), "Enabled", []plan.Event{mark, unmark}, time.Time{}, false},
		{"answered", record(plan.Steady), "Disabled", []plan.Event{mark, answered}, time.Time{}, false},
		{"found so, with the call still out", record(plan.Steady), "Disabled", []plan.Event{mark, found}, until, false},
		{"reinstated", record(plan.Steady), "Enabled", []plan.Event{mark, reinstate}, time.Time{}, true},
		{"reinstated, and the older record has the mark", record(plan.Steady, marked(6)), "Enabled",
			[]plan.Event{ofV6(71, minute/2, plan.EventReinstate)}, time.Time{}, true},
		{"deleted, answered", record(plan.Steady, down), "PendingDeletion",
			[]plan.Event{deletion, ofV6(72, minute/2, plan.EventDeleting)}, time.Time{}, false},
		{"the older record does not list it", record(plan.Steady, func(r *plan.Record) { old(r, *r.Entry(5)) }),
			"Enabled", []plan.Event{mark}, until, false},
	} {
		r := rebuild(t, ordersPolicy(), c.r, listed(ledgerOf(c.told...), stateOf(6, c.state)))
		var got time.Time
		v := r.Entry(6)
		if v.Fence != nil {
			got = v.Fence.Until
		}
		if !got.Equal(c.until) || v.LookAfter.IsZero() == c.look {
			t.Errorf("%s: %+v, fence %+v", c.name, v, v.Fence)
		}
	}
}

// The call may arrive after a rebuild: a reinstate then is not done with what KMS shows now,
// also where no event tells of a mark.
func TestReinstateAfterARebuild(t *testing.T) {
	for name, events := range map[string][]plan.Event{"told": {ofV6(71, minute, toldMark...)}, "not told": nil} {
		o := listed()
		if events != nil {
			ledgerOf(events...)(&o)
		}
		r := rebuild(t, ordersPolicy(), record(plan.Steady), o)
		d := plan.Decide(noon.Add(minute), ordersPolicy(), r, reinstate6, seen(v6Seen("Enabled")))
		if said(d) != "reinstate" {
			t.Errorf("%s: %s %v", name, said(d), d.Reasons)
			continue
		}
		if v := plan.Apply(r, d.Act).Entry(6); !v.LookAfter.Equal(r.Fence.Until) || v.Fence != nil {
			t.Errorf("%s: %+v", name, v)
		}
		d = plan.Decide(r.Fence.Until, ordersPolicy(), plan.Apply(r, written(7, "", plan.Note{})), reinstate6,
			seen(v6Seen("Enabled")))
		if want := map[string]string{"told": "reinstate", "not told": "stop settled"}[name]; said(d) != want {
			t.Errorf("%s, later: %s, want %s", name, said(d), want)
		}
	}
}

// A key behind the alias against which a call is out, as only the ledger tells.
func TestRebuildOntoAToldMark(t *testing.T) {
	on6 := func(o *plan.Observed) {
		aliasOn("k6")(o)
		o.Listing.Alias.KeyID = "k6"
	}
	mark, reinstate := ofV6(71, minute, toldMark...), ofV6(71, minute, plan.EventReinstate)
	alone := append(toldLedger(), ofV6(5, minute, toldMark...))
	tryCases(t, ordersPolicy(), []decideCase{
		{"a mark", record(plan.Steady), byRebuild, listed(on6, ledgerOf(mark)), "refuse marked"},
		{"a reinstate", record(plan.Steady), byRebuild, listed(on6, ledgerOf(reinstate)), "refuse marked"},
		{"a mark that is over", record(plan.Steady), byRebuild, listed(on6, ledgerOf(ofV6(71, 21*minute, toldMark...))),
			"rebuild"},
		{"no record", nil, byRebuild, listed(on6, ledgerOf(alone...)), "refuse marked"},
	})
}

// A deadline never gets earlier, whatever became of the version since, and that it was
// reinstated is not forgotten.
func TestRebuildKeepsDeadlinesAndReinstates(t *testing.T) {
	until, at := noon.Add(90*day), noon.Add(-2*day)
	down := func(r *plan.Record) {
		v := r.Entry(6)
		v.State, v.DisabledAt, v.RetiredBy = plan.Disabled, noon.Add(-day), "ann"
		v.DrainUntil, v.ReinstatedAt = until, at
	}
	kept := func(r *plan.Record) { v := r.Entry(6); v.State, v.DrainUntil, v.ReinstatedAt = plan.Kept, until, at }
	on7 := func(r *plan.Record) { r.Entry(7).ReinstatedAt = at }
	for _, c := range []struct {
		name    string
		change  change
		version int64
		state   string
	}{
		{"retired, and enabled by hand", down, 6, "Enabled"},
		{"retired", down, 6, "Disabled"},
		{"kept", kept, 6, "Enabled"},
		{"live", on7, 7, "Enabled"},
	} {
		r := rebuild(t, ordersPolicy(), record(plan.Steady, c.change), listed(stateOf(c.version, c.state)))
		v := r.Entry(c.version)
		if !v.ReinstatedAt.Equal(at) || c.version == 6 && !v.DrainUntil.Equal(until) {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
	back := ofV6(71, 2*day, plan.EventReinstate) // which only the ledger tells, as that v6 is live since
	finish := ofV6(72, day, plan.EventFinish)
	finish.Left = []plan.Left{{Version: 7, KeyID: "k7", Live: true, Until: until}}
	r := rebuild(t, ordersPolicy(), record(plan.Steady), listed(ledgerOf(back, finish), aliasOn("k6"),
		func(o *plan.Observed) { o.Listing.Alias.KeyID = "k6" }))
	if v := r.Entry(6); r.Active != 6 || !v.ReinstatedAt.Equal(at) {
		t.Errorf("live again: %+v", v)
	}
	late := rebuild(t, ordersPolicy(), record(plan.Steady, down), listed(stateOf(6, "Disabled")))
	late.Fence = nil
	late.MovesUntil, late.SwitchedAt = time.Time{}, at
	d := plan.Decide(noon, ordersPolicy(), late, retireOf(6), seen(v6Seen("Disabled")))
	if said(d) != "sign mark" {
		t.Errorf("KMS shows v6 disabled, and its EnableKey may have come late: %s %v", said(d), d.Reasons)
	}
}
