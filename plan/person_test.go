package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Whom a rollback without a version named goes back to.
func TestRollbackDefault(t *testing.T) {
	both := func(six, five time.Duration) change { // how long ago v6 and v5 were live
		return func(r *plan.Record) {
			old(r, plan.Version{Version: 5, KeyID: "k5", State: plan.Draining, Left: noon.Add(-five),
				DrainUntil: noon.Add(day)},
				plan.Version{Version: 6, KeyID: "k6", State: plan.Draining, Left: noon.Add(-six),
					DrainUntil: noon.Add(day)})
		}
	}
	for _, c := range []struct {
		name string
		r    *plan.Record
		want int64 // 0: refused
	}{
		{"the one that was live last", record(plan.Steady, both(2*day, day)), 5},
		{"none of two that the record does not know apart", record(plan.Steady, both(day, day)), 0},
		{"none of which it is only known when the record was rebuilt",
			record(plan.Steady, both(day, 2*day), leftUnknown(6)), 0},
		{"one that was live since the rebuild", record(plan.Steady, both(day, 2*day), leftUnknown(5)), 6},
		{"not one that is marked", record(plan.Steady, both(day, 2*day),
			func(r *plan.Record) { r.Entry(6).Fence = &plan.Fence{Until: noon.Add(minute)} }), 5},
		{"not one that is to be seen to", record(plan.Steady, both(day, 2*day),
			func(r *plan.Record) { r.Entry(6).LookAfter = noon }), 5},
		{"not one that never served", record(plan.Steady, both(day, 2*day),
			func(r *plan.Record) { r.Entry(6).Left = time.Time{} }), 5},
		{"a kept one", record(plan.Steady, func(r *plan.Record) {
			old(r, plan.Version{Version: 5, KeyID: "k5", State: plan.Kept, Left: noon.Add(-50 * day)})
		}), 5},
		{"none that is newer than the live one", record(plan.Steady, both(day, 2*day),
			func(r *plan.Record) { r.Active = 4; r.Versions[0].Version = 4 }), 0},
		{"over an open switch, the live one", record(plan.Switching), 7},
	} {
		got, ref := plan.BackTo(noon, ordersPolicy(), c.r, 0)
		switch {
		case c.want == 0 && ref == nil, c.want != 0 && (got == nil || got.Version != c.want):
			t.Errorf("%s: %+v %+v, want v%d", c.name, got, ref, c.want)
		}
	}
}

// leftUnknown says of a version that when it left is not known.
func leftUnknown(version int64) change {
	return func(r *plan.Record) { r.Entry(version).LeftUnknown = true }
}

// Whom a reinstate without a version named enables.
func TestReinstateDefault(t *testing.T) {
	off := func(r *plan.Record) {
		old(r, *r.Entry(6),
			plan.Version{Version: 3, KeyID: "k3", State: plan.Deleting, DisabledAt: noon.Add(-40 * day),
				DeleteAt: noon.Add(-day)},
			plan.Version{Version: 4, KeyID: "k4", State: plan.Disabled, DisabledAt: noon.Add(-30 * day)},
			plan.Version{Version: 5, KeyID: "k5", State: plan.Disabled, DisabledAt: noon.Add(-20 * day)})
	}
	reinstate := plan.Request{Verb: plan.VerbReinstate, Reason: "x"}
	v4 := reinstate
	v4.Version = 4
	lately := func(r *plan.Record) {
		r.Entry(6).ReinstatedAt = noon.Add(-30 * minute)
	}
	again := reinstate
	again.Again = true
	known := func(id string) sight {
		return func(o *plan.Observed) {
			k := enabled(id)
			k.State = "Disabled"
			o.Old = map[string]plan.OldSeen{id: {Key: &k}}
		}
	}
	works := func(id string) sight {
		return func(o *plan.Observed) { k := enabled(id); o.Old = map[string]plan.OldSeen{id: {Key: &k}} }
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"the one retired last", record(plan.Steady, off), reinstate, seen(known("k5")), "reinstate"},
		{"it is looked at first", record(plan.Steady, off), reinstate, seen(), "look old"},
		{"one that is named", record(plan.Steady, off), v4, seen(known("k4")), "reinstate"},
		{"none left", record(plan.Steady), reinstate, seen(), "refuse nothing-to-reinstate"},
		{"one was within the hour: it is looked at", record(plan.Steady, off, lately), reinstate, seen(known("k5")),
			"look old"},
		{"and is enabled", record(plan.Steady, off, lately), reinstate, seen(works("k6")), "stop settled"},
		{"and is not", record(plan.Steady, off, lately), reinstate, seen(known("k6")), "refuse nothing-to-reinstate"},
		{"one was within the hour, and once more is meant", record(plan.Steady, off, lately), again, seen(known("k5")),
			"reinstate"},
		{"one is under way: that one, with no other write", record(plan.Steady, off,
			func(r *plan.Record) { r.Entry(6).LookAfter = noon }), reinstate, seen(known("k6")), "enable key"},
	})
}

// A version that was reinstated, went live by a rollback and left again was
// reinstated all the same: who types it once more does not mean another one.
func TestReinstatedAndLiveMeanwhile(t *testing.T) {
	lately := noon.Add(-30 * minute)
	r := record(plan.Switching, rolling, func(r *plan.Record) {
		r.Entry(6).ReinstatedAt, r.Entry(5).State, r.Entry(5).DisabledAt = lately, plan.Disabled, noon.Add(-day)
	})
	r = plan.Apply(r, written(6, "k6", plan.FinishWrite{}))
	r = plan.Apply(r, written(9, "", plan.ClaimWrite{Claim: plan.Claim{ID: "c9", Verb: plan.VerbRotate}}))
	r = plan.Apply(r, written(9, "k9", plan.ConfirmWrite{Target: plan.Version{Version: 9, KeyID: "k9"}, Signed: noon}))
	r = plan.Apply(r, written(9, "k9", plan.FinishWrite{Answered: true}))
	d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbReinstate, Reason: "x"}, seen())
	if r.Active != 9 || d.Act.Version != 6 {
		t.Errorf("%s of v%d; v%d is live", said(d), d.Act.Version, r.Active)
	}
}

// Who gives up a rollback whose moves were all refused, minutes after the switch
// it was to take back, is shown the alias as it was before that switch. It is on
// the live version all the same.
func TestAbandonIsNotTakenInByLag(t *testing.T) {
	switched := func(ago time.Duration) change {
		return func(r *plan.Record) { r.SwitchedAt = noon.Add(-ago) }
	}
	refused := func(more ...change) *plan.Record { // its fence fell with the last no
		return record(plan.Switching, append([]change{rolling}, more...)...)
	}
	for _, q := range []plan.Request{
		{Verb: plan.VerbRotate, Abandon: true, Reason: "x"},
		{Verb: plan.VerbRollback, Version: 7, Reason: "x"},
	} {
		for _, c := range []struct {
			name string
			r    *plan.Record
			on   string
			live int64
		}{
			{"a minute after the switch", refused(switched(minute)), "k6", 7},
			{"so long after it that it is no lag", refused(switched(11 * minute)), "k6", 6},
			{"a fence ran out: one of the moves may have arrived", refused(switched(30*minute), fenced(-1)), "k6", 6},
			{"seen on the live version", refused(switched(minute)), "k7", 7},
			{"a new version was never there before", record(plan.Switching, switched(minute)), "k8", 8},
		} {
			t.Run(string(q.Verb)+", "+c.name, func(t *testing.T) {
				d := plan.Decide(noon, ordersPolicy(), c.r, q,
					seen(aliasOn(c.on), func(o *plan.Observed) { o.Target = nil }))
				if d.Act.Kind == plan.LookTarget { // v7 is wanted back
					k := enabled("k7")
					d = plan.Decide(noon, ordersPolicy(), c.r, q,
						seen(aliasOn(c.on), func(o *plan.Observed) { o.Target = &k }))
				}
				if d.Act.Kind != plan.WriteAbandon {
					t.Fatalf("got %q: %v", said(d), d.Reasons)
				}
				after := plan.Apply(c.r, d.Act)
				if after.Active != c.live {
					t.Errorf("v%d is live, want v%d", after.Active, c.live)
				}
				if c.live == 7 && entry(after, 7) != nil || c.live != 7 && entry(after, 7) == nil {
					t.Errorf("draining: %+v", after.Draining())
				}
			})
		}
	}
}

// What was given up is called by a version only if it made one.
func TestGivenUpByItsName(t *testing.T) {
	p := ordersPolicy()
	toLive := plan.Request{Verb: plan.VerbRollback, Version: 7, Reason: "x"}
	nothing := func(o *plan.Observed) {
		o.Version = map[int64]plan.VersionSeen{8: {Version: 8, KeySeen: plan.KeySeen{Missing: true}}}
	}
	for _, c := range []struct {
		name, event, told string
		r                 *plan.Record
		o                 plan.Observed
	}{
		{"a rollback", "abandoned generation 8", "nothing to do: v7 is live; generation 8 was given up at ",
			record(plan.Switching, rolling), seen()},
		{"a rotation that had made nothing", "abandoned generation 8",
			"nothing to do: v7 is live; generation 8 was given up at ", record(plan.Claimed), seen(nothing)},
		{"a version that was made", "abandoned generation 8",
			"nothing to do: v7 is live; the switch to v8 was given up at ", record(plan.Created), seen()},
	} {
		d := plan.Decide(noon, p, c.r, toLive, c.o)
		after := plan.Apply(c.r, d.Act)
		if last := after.Events[len(after.Events)-1]; plan.EventText(last) != c.event || after.Step != plan.Steady {
			t.Errorf("%s: %q, %s", c.name, plan.EventText(last), after.Step)
		}
		again := plan.Decide(noon, p, after, toLive, seen())
		if got := again.Reasons[0].Text; said(again) != "stop settled" || !strings.HasPrefix(got, c.told) {
			t.Errorf("%s: told %s: %q", c.name, said(again), got)
		}
	}
}

// A rollback warns that it leaves the live version only where it does: over a switch whose
// alias has moved it goes back to the live one, and the new version was live.
func TestNeverLive(t *testing.T) {
	back := plan.Request{Verb: plan.VerbRollback, Reason: "x"}
	for _, c := range []struct {
		name string
		step plan.Step
		on   string
		to   string
		want bool
	}{
		{"a waiting version", plan.Created, "k7", "k6", true},
		{"a switch that has happened", plan.Switching, "k8", "k7", false},
		{"a switch that has not", plan.Switching, "k7", "k7", false},
	} {
		to := enabled(c.to)
		d := plan.Decide(noon, ordersPolicy(), record(c.step), back, seen(aliasOn(c.on),
			func(o *plan.Observed) { o.Target = &to }))
		_, gives := d.Act.Write.(plan.AbandonWrite)
		warns := slices.ContainsFunc(d.Reasons, func(r plan.Reason) bool { return r.Code == plan.CodeNeverLive })
		if !gives || warns != c.want {
			t.Errorf("%s: %s, %+v", c.name, said(d), d.Reasons)
		}
	}
}

// A rollback that no version is left for hints only at a reinstate that is not refused.
func TestRollbackHintsAtAReinstateThatWorks(t *testing.T) {
	for _, c := range []struct {
		name string
		by   string
		want string
	}{{"cron disabled it", "", "orders-data"}, {"a person retired it", "ann", "orders-data/v6"}} {
		r := record(plan.Steady, stateOfV6(plan.Disabled), func(r *plan.Record) {
			r.Entry(6).RetiredBy = c.by
			old(r, *r.Entry(6))
		})
		d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbRollback, Reason: "x"}, seen())
		if ref := d.Act.Refusal; ref == nil || ref.Code != plan.CodeNoVersion ||
			!slices.Equal(ref.Hint.Commands[0][:3], []string{"keyturn", "reinstate", c.want}) {
			t.Errorf("%s: %+v", c.name, ref)
		}
	}
}
