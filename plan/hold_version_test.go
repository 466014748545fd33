package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyturn/keyturn/plan"
)

func holdOf(version int64) plan.Request {
	return plan.Request{Verb: plan.VerbHold, Version: version, Reason: "INC-7"}
}

func releaseOf(version int64) plan.Request {
	return plan.Request{Verb: plan.VerbRelease, Version: version, Reason: "over"}
}

// heldVersion sets a hold on a version that began a day ago.
func heldVersion(version int64) change {
	return func(r *plan.Record) {
		r.Entry(version).Hold = &plan.Hold{By: "ann", Reason: "look first", Since: noon.Add(-day)}
	}
}

// carriedOut decides and applies a person's write.
func carriedOut(t *testing.T, r *plan.Record, q plan.Request, changes ...sight) *plan.Record {
	t.Helper()
	d := plan.Decide(noon, ordersPolicy(), r, q, seen(changes...))
	if !d.Act.Kind.Writes() {
		t.Fatalf("%s: %v", said(d), d.Reasons)
	}
	return plan.Apply(r, d.Act)
}

// A hold on a version stops what cron would do to that version, and nothing else.
func TestHeldVersion(t *testing.T) {
	deletes := ordersPolicy()
	deletes.Retire = plan.Retire{Action: plan.RetireDelete, UsageOff: true, DeleteAfter: day, DeletionWindow: 7 * day}
	down := func(r *plan.Record) {
		r.Window = opened
		old(r, plan.Version{Version: 5, KeyID: "k5", State: plan.Disabled, DisabledAt: noon.Add(-9 * day)})
	}
	over := func(r *plan.Record) { r.Entry(6).Hold.Until = noon.Add(-minute) }
	markOver := func(r *plan.Record) {
		r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Since: noon.Add(-time.Hour),
			Until: noon.Add(-time.Minute), Signers: 1}
	}
	sent := func(o *plan.Observed) {
		v6Ready(o)
		o.SignedOld = &plan.Signature{KeyID: "k6", What: plan.FencedDisable, Date: noon, Confirmed: true, Op: "op69"}
	}
	awaits := func(r *plan.Record) {
		r.Entry(6).Retire.Action = plan.RetireDisable
		r.Versions = append(r.Versions, *r.Entry(6))
		r.Versions[len(r.Versions)-1].Version, r.Versions[len(r.Versions)-1].KeyID = 4, "k4"
	}
	tryCases(t, disabling(), []decideCase{
		{"it is not asked about", record(plan.Steady, v6Drained, heldVersion(6)), bySchedule, seen(), "stop settled"},
		{"nor marked by a run that has asked", record(plan.Steady, v6Drained, heldVersion(6)), bySchedule,
			seen(v6Ready), "stop settled"},
		{"a hold on another one does not matter", record(plan.Steady, v6Drained, heldVersion(5)), bySchedule, seen(),
			"checked"},
		{"nor one that has ended", record(plan.Steady, v6Drained, heldVersion(6), over), bySchedule, seen(),
			"checked"},
		{"what was marked and not sent is thrown away", record(plan.Steady, v6Drained, marked(6), heldVersion(6)),
			bySchedule, seen(sent), "mark no"},
		{"a mark that ran out is looked at", record(plan.Steady, v6Drained, markOver, heldVersion(6)), bySchedule,
			seen(), "checked"},
		{"and taken off", record(plan.Steady, v6Drained, markOver, heldVersion(6),
			func(r *plan.Record) { r.Entry(6).CheckedAt = noon }), bySchedule, seen(v6Ready), "unmark"},
		{"a held live version is rotated", record(plan.Steady, heldVersion(7)), bySchedule, seen(), "claim"},
		{"two that drain stop the schedule", record(plan.Steady, awaits), bySchedule, seen(),
			"note refused max-draining"},
		{"but not if one is held", record(plan.Steady, awaits, heldVersion(4)), bySchedule, seen(), "claim"},
	})
	tryCases(t, deletes, []decideCase{
		{"a disabled one is deleted", record(plan.Steady, down), bySchedule, seen(), "checked"},
		{"but not if it is held", record(plan.Steady, down, heldVersion(5)), bySchedule, seen(), "stop settled"},
	})
	keeps := ordersPolicy()
	tryCases(t, keeps, []decideCase{
		{"the end of a drain that keeps it is written down", record(plan.Steady, v6Drained, heldVersion(6)),
			bySchedule, seen(), "kept"},
	})
	d := plan.Decide(noon, disabling(), record(plan.Steady, v6Drained, heldVersion(6)), bySchedule, seen())
	if why := fmt.Sprint(d.Reasons); !strings.Contains(why, "v6 stays enabled: held by ann since") {
		t.Error(why)
	}
}

// What a hold and a release of a version answer.
func TestHoldOfAVersion(t *testing.T) {
	did := func(o *plan.Observed) { o.DidVerb = true }
	first := func(changes ...change) sight {
		return func(o *plan.Observed) { o.First = record(plan.Steady, changes...) }
	}
	state := func(s plan.State) change {
		return func(r *plan.Record) {
			r.Entry(5).State, r.Entry(5).DisabledAt, r.Entry(5).DeleteAt = s, noon.Add(-day), noon.Add(day)
		}
	}
	many := func(r *plan.Record) {
		for n := range int64(plan.MaxHeld) {
			r.Versions = append(r.Versions, plan.Version{Version: 100 + n, KeyID: fmt.Sprint("h", n),
				State: plan.Kept, KeptAt: noon, Hold: &plan.Hold{Since: noon}})
		}
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"one that drains", record(plan.Steady), holdOf(6), seen(), "hold"},
		{"a kept one", record(plan.Steady), holdOf(5), seen(), "hold"},
		{"the live one", record(plan.Steady), holdOf(7), seen(), "hold"},
		{"the target of an open generation", record(plan.Switching), holdOf(8), seen(), "hold"},
		{"a disabled one, against its deletion", record(plan.Steady, state(plan.Disabled)), holdOf(5), seen(), "hold"},
		{"one that KMS is to delete", record(plan.Steady, state(plan.Deleting)), holdOf(5), seen(),
			"refuse not-holdable"},
		{"one that is gone", record(plan.Steady, state(plan.Gone)), holdOf(5), seen(), "refuse version-gone"},
		{"one too many", record(plan.Steady, many), holdOf(6), seen(), "refuse not-holdable"},
		{"one of them again", record(plan.Steady, many), holdOf(100), seen(), "hold"},
		{"none", record(plan.Steady), holdOf(4), seen(), "refuse no-version"},
		{"it is done", record(plan.Steady, heldVersion(6)), holdOf(6), seen(did), "stop settled"},
		{"somebody has released it since", record(plan.Steady), holdOf(6), seen(did), "refuse overtaken"},
		{"a hold on the key is another one", record(plan.Steady, held("ann", day, 0)), holdOf(6), seen(did),
			"refuse overtaken"},
		{"one that was left out is looked up", record(plan.Steady, leftOut3), holdOf(3), seen(), "look version"},
		{"then the ledger is asked", record(plan.Steady, leftOut3), holdOf(3), seen(asV3("Enabled"), unasked),
			"look history"},
		{"then it is held", record(plan.Steady, leftOut3), holdOf(3), seen(asV3("Enabled")), "hold"},
		{"if it is of this alias", record(plan.Steady, leftOut3), holdOf(3), seen(asV3("Enabled", untagged)),
			"refuse no-version"},

		{"a release", record(plan.Steady, heldVersion(6)), releaseOf(6), seen(first(heldVersion(6))), "release"},
		{"of one that is not held", record(plan.Steady, held("ann", day, 0)), releaseOf(6), seen(), "stop settled"},
		{"of one that was left out", record(plan.Steady, leftOut3), releaseOf(3), seen(asV3("Enabled")),
			"stop settled"},
		{"of one that there is not", record(plan.Steady, leftOut3), releaseOf(3), seen(asV3("Enabled", untagged)),
			"refuse no-version"},
		{"of a hold that was set since", record(plan.Steady, heldVersion(6)), releaseOf(6), seen(first()),
			"refuse overtaken"},
		{"it is released", record(plan.Steady), releaseOf(6), seen(did), "stop settled"},
	})
}

// The entry says who holds a version, since when and why, and the event names it. The key
// is not held.
func TestVersionHoldIsRecorded(t *testing.T) {
	q := holdOf(6)
	q.Until = noon.Add(day)
	r := carriedOut(t, record(plan.Steady), q)
	want := &plan.Hold{By: seen().Caller.ARN, Reason: "INC-7", Since: noon, Until: q.Until}
	if diff := cmp.Diff(want, r.Entry(6).Hold); diff != "" {
		t.Error(diff)
	}
	e := r.Events[len(r.Events)-1]
	if r.Hold != nil || e.Version != 6 || e.KeyID != "k6" || e.Reason != "INC-7" || !e.Until.Equal(q.Until) ||
		plan.EventText(e) != "held v6" {
		t.Errorf("key %+v; %s: %+v", r.Hold, plan.EventText(e), e)
	}
	again := holdOf(6)
	again.Reason = "INC-8"
	if r = carriedOut(t, r, again); r.Entry(6).Hold.Reason != "INC-7; INC-8" || !r.Entry(6).Hold.Until.IsZero() {
		t.Errorf("%+v", r.Entry(6).Hold)
	}
	both := carriedOut(t, r, plan.Request{Verb: plan.VerbHold, Reason: "all of it"})
	r = carriedOut(t, both, releaseOf(6))
	if e := r.Events[len(r.Events)-1]; r.Entry(6).Hold != nil || !r.Held(noon) || plan.EventText(e) != "released v6" {
		t.Errorf("%+v, key %+v", r.Entry(6).Hold, r.Hold)
	}
	if r = carriedOut(t, both, plan.Request{Verb: plan.VerbRelease}); !r.Entry(6).Held(noon) || r.Held(noon) {
		t.Errorf("%+v, key %+v", r.Entry(6).Hold, r.Hold)
	}
	if at := carriedOut(t, both, releaseOf(6)).ResumedAt(); !at.IsZero() {
		t.Errorf("the release of a version began nothing for the key: %s", at)
	}
}

// A hold on a version is not lost when its entry changes: "never disable v6" outlives a
// rollback to it, and the next rotation.
func TestVersionHoldOutlives(t *testing.T) {
	leaving := plan.Leaving{Drain: day, Retire: plan.Retire{Action: plan.RetireDisable}}
	for name, c := range map[string]struct {
		r       *plan.Record
		version int64
		write   plan.Write
	}{
		"a rollback to it": {record(plan.Switching, rolling), 6, plan.FinishWrite{Leaving: leaving}},
		"its time as the live version": {record(plan.Switching), 7,
			plan.FinishWrite{Leaving: leaving, Answered: true}},
		"a switch that was given up": {record(plan.Switching), 8, plan.AbandonWrite{Leaving: leaving,
			Dropped: &plan.Version{Version: 8, KeyID: "k8"}}},
		"an adopt of it": {record(plan.Steady), 5,
			plan.AdoptDriftWrite{Leaving: leaving, Live: plan.Version{Version: 5, KeyID: "k5", Since: noon}}},
		"a reinstate":        {record(plan.Steady), 5, plan.ReinstateWrite{Leaving: leaving}},
		"its disabling":      {record(plan.Steady), 6, plan.RetiredWrite{Answered: true}},
		"the end of a drain": {record(plan.Steady), 6, plan.KeptWrite{}},
	} {
		heldVersion(c.version)(c.r)
		n := plan.Apply(c.r, written(c.version, fmt.Sprint("k", c.version), c.write))
		if v := n.Entry(c.version); v == nil || !v.Held(noon) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// A held version stays in the list, beside as many others as there are without it. Those
// whose hold has ended are treated like the others.
func TestHeldVersionStaysListed(t *testing.T) {
	r := record(plan.Steady, leftOut3, func(r *plan.Record) {
		for n := int64(4); n > 0; n-- {
			v := plan.Version{Version: 40 + n, KeyID: fmt.Sprint("x", n), State: plan.Kept, KeptAt: noon,
				Left: noon.Add(-time.Duration(n) * day)}
			r.Versions = append(r.Versions, v)
		}
	})
	r = carriedOut(t, r, holdOf(3), asV3("Enabled"))
	if v := r.Entry(3); v == nil || v.State != plan.Kept || v.KeyID != "k3" || !v.LeftUnknown || !v.Held(noon) {
		t.Fatalf("%+v", r.Versions)
	}
	kept := 0
	for _, v := range r.Retired() {
		if v.State == plan.Kept {
			kept++
		}
	}
	if kept != plan.MaxKept+1 {
		t.Errorf("%d kept versions are listed", kept)
	}
	r.Entry(3).Hold.Until = noon.Add(-minute)
	if r = carriedOut(t, r, holdOf(6)); r.Entry(3) != nil || !r.Forgotten(3) {
		t.Errorf("%+v", r.Entry(3))
	}
}

// A rebuild restores a version's hold that the ledger shows unreleased: of one that drains,
// of the live one, and of a kept one.
func TestVersionHoldsAreRebuilt(t *testing.T) {
	event := func(rev, version int64, k plan.EventKind) plan.Event {
		return plan.Event{Rev: rev, At: noon.Add(-day), Kind: []plan.EventKind{k}, Generation: 7, Version: version,
			KeyID: fmt.Sprint("k", version), Who: plan.Who{By: "ann"}, Reason: fmt.Sprint("INC-", rev)}
	}
	over := event(5, 6, plan.EventHold)
	over.Until = noon.Add(-minute)
	for name, c := range map[string]struct {
		older  *plan.Record
		events []plan.Event
		want   map[int64]string // the reasons of those that are held
	}{
		"none":       {nil, nil, nil},
		"one drains": {nil, []plan.Event{event(5, 6, plan.EventHold)}, map[int64]string{6: "INC-5"}},
		"it is live": {nil, []plan.Event{event(5, 7, plan.EventHold)}, map[int64]string{7: "INC-5"}},
		"added to": {nil, []plan.Event{event(5, 6, plan.EventHold), event(6, 6, plan.EventHold)},
			map[int64]string{6: "INC-5; INC-6"}},
		"released":           {nil, []plan.Event{event(5, 6, plan.EventHold), event(6, 6, plan.EventRelease)}, nil},
		"another is held":    {nil, []plan.Event{event(5, 5, plan.EventHold)}, map[int64]string{5: "INC-5"}},
		"it ran out":         {nil, []plan.Event{over}, nil},
		"by an older record": {record(plan.Steady, heldVersion(6)), nil, map[int64]string{6: "look first"}},
		"held in it, and released after a gap": {record(plan.Steady, heldVersion(6)),
			[]plan.Event{event(90, 6, plan.EventRelease)}, map[int64]string{6: "look first"}},
	} {
		t.Run(name, func(t *testing.T) {
			events := append(toldLedger(), c.events...)
			if c.older != nil {
				events = c.events
			}
			r := rebuild(t, ordersPolicy(), c.older, listed(ledgerOf(events...)))
			got := map[int64]string{}
			for _, v := range r.HeldVersions(noon) {
				got[v.Version] = v.Hold.Reason
			}
			if c.want == nil {
				c.want = map[int64]string{}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if c.older == nil && r.Hold != nil {
				t.Errorf("the key is held: %+v", r.Hold)
			}
		})
	}
}

// A version that the record has left out is held until a time that is over when the hold is
// written: its run stood still.
func TestHoldOfALeftOutVersionThatIsOver(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) {
		r.LeftOut = 1
		for i := range int64(plan.MaxKept - 1) { // with v5 as many as are listed
			r.Versions = append(r.Versions, plan.Version{Version: 2 + i, KeyID: "kk" + string(rune('2'+i)),
				State: plan.Kept, KeptAt: noon.Add(-day), Left: noon.Add(-20 * day)})
		}
	})
	w := plan.HoldWrite{Hold: plan.Hold{Reason: "audit", Since: noon, Until: noon.Add(-time.Minute)},
		Entry: plan.Version{Version: 1, KeyID: "k1", State: plan.Kept, KeptAt: noon, LeftUnknown: true}}
	after := plan.Apply(r, written(1, "k1", w))
	if after.Entry(1) != nil || after.LeftOut != 1 || len(after.Versions) != len(r.Versions) {
		t.Errorf("left out up to v%d; %+v", after.LeftOut, after.Entry(1))
	}
}

// The release of a version ends its place in the list. That it was released is all there is
// to say: nothing has to be looked up.
func TestReleaseOfAVersionThatIsLeftOutThen(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) { r.LeftOut = 3 })
	o := onlyWho(func(o *plan.Observed) { o.DidVerb, o.First = true, record(plan.Steady, heldVersion(5)) })
	d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbRelease, Version: 3, Reason: "x"}, o)
	if said(d) != "stop settled" {
		t.Errorf("%s", said(d))
	}
}
