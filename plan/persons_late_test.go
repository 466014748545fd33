package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A reinstate stands still before its EnableKey, and somebody retires the version. Then the
// EnableKey arrives, and the reinstate's hint is typed: KMS still shows the version disabled.
func TestRetireAfterALateEnabling(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) {
		r.Entry(6).ReinstatedAt, r.Entry(6).RetiredBy = noon.Add(-30*minute), "ann"
		r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Since: noon.Add(-minute),
			Until: noon.Add(19 * minute), Signers: 1}
	})
	r = plan.Apply(r, written(6, "k6", plan.RetiredWrite{Answered: true}))
	o := seen(v6Seen("Disabled"), func(o *plan.Observed) { o.First = r })
	if got := said(plan.Decide(noon, ordersPolicy(), r, retireOf(6), o)); got != "sign mark" {
		t.Error(got)
	}
}

// A plan with a longer drain than that of the switch counts for a version that was found
// disabled, too: no deletion is scheduled before its end.
func TestLongerDrainOfWhatWasFoundDisabled(t *testing.T) {
	p := ordersPolicy()
	p.Drain, p.Schedule = 90*day, plan.Schedule{Every: 400 * day}
	p.Retire = plan.Retire{Action: plan.RetireDelete, DeleteAfter: 7 * day, DeletionWindow: 7 * day, UsageOff: true}
	before := record(plan.Steady, func(r *plan.Record) {
		v := r.Entry(6)
		v.DrainUntil, v.Retire = v.Left.Add(7*day), p.Retire
		r.Window = opened
	})
	retired := plan.Decide(noon, p, before, retireOf(6), seen(v6Seen("Disabled"),
		func(o *plan.Observed) { o.First = before }))
	for name, r := range map[string]*plan.Record{
		"by a retire":  plan.Apply(before, retired.Act),
		"by a rebuild": rebuild(t, p, before.Clone(), listed(stateOf(6, "Disabled"))),
	} {
		if e := r.Entry(6); e.State != plan.Disabled {
			t.Fatalf("%s: %+v", name, e)
		}
		end := p.DrainEnd(*before.Entry(6))
		for _, at := range []time.Time{noon.Add(8 * day), end.Add(-minute), end.Add(minute)} {
			o := seen(func(o *plan.Observed) { o.AliasAt = at })
			d := plan.Decide(at, p, r, bySchedule, o)
			if checks := d.Act.Kind == plan.WriteChecked; checks != at.After(end) {
				t.Errorf("%s, %s: %s", name, plan.Stamp(at), said(d))
			}
		}
	}
}

// A rebuild keeps what only the ledger tells of a reinstate: the version is enabled, and
// looked at again after what was signed against it has expired.
func TestRebuildWithAReinstateOfTheLedger(t *testing.T) {
	before := record(plan.Steady, func(r *plan.Record) {
		old(r, plan.Version{Version: 5, KeyID: "k5", State: plan.Kept, KeptAt: noon.Add(-day)},
			plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon.Add(-day), RetiredBy: "ann"})
	})
	after := plan.Apply(before, written(6, "k6", plan.ReinstateWrite{LookAfter: noon.Add(10 * minute),
		Leaving: plan.Leaving{Drain: day}}))
	told := after.Events[len(after.Events)-1:]
	for _, state := range []string{"Disabled", "Enabled"} {
		e := rebuild(t, ordersPolicy(), before.Clone(), listed(stateOf(6, state), func(o *plan.Observed) {
			o.Ledger, o.LedgerRev = told, &told[0].Rev
		})).Entry(6)
		if e.State != plan.Draining || !e.ReinstatedAt.Equal(noon) || e.LookAfter.Before(noon.Add(10*minute)) ||
			e.RetiredBy != "" {
			t.Errorf("%s: %+v", state, e)
		}
	}
}

// A reinstate that named no version does not end with what became of another one.
func TestReinstateOfAnotherVersion(t *testing.T) {
	first := record(plan.Steady, func(r *plan.Record) {
		old(r, *r.Entry(6),
			plan.Version{Version: 4, KeyID: "k4", State: plan.Disabled, DisabledAt: noon.Add(-30 * day)},
			plan.Version{Version: 5, KeyID: "k5", State: plan.Disabled, DisabledAt: noon.Add(-20 * day)})
	})
	r := plan.Apply(first, written(4, "k4", plan.ReinstateWrite{LookAfter: noon, Leaving: plan.Leaving{Drain: day}}))
	r = plan.Apply(r, written(4, "k4", plan.LookedWrite{Drain: day}))
	d := plan.Decide(noon.Add(time.Second), ordersPolicy(), r, plan.Request{Verb: plan.VerbReinstate, Reason: "x"},
		seen(oldSeen("k4", "Enabled", "alias/orders-data/v4"), func(o *plan.Observed) { o.First = first }))
	if said(d) != "refuse overtaken" {
		t.Errorf("%s: %v", said(d), d.Reasons)
	}
}

// A reinstate does not end with success while another retire of its version is signed.
func TestReinstateWhileARetireIsMarked(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) {
		old(r, plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon.Add(-day),
			RetiredBy: "ann"})
	})
	r = plan.Apply(r, written(6, "k6", plan.MarkWrite{What: plan.FencedDisable, Signed: noon, Retires: true,
		Entry: *r.Entry(6)}))
	d := plan.Decide(noon.Add(time.Second), ordersPolicy(), r, plan.Request{Verb: plan.VerbReinstate, Version: 6},
		seen(v6Seen("Enabled"), func(o *plan.Observed) { o.DidVerb, o.VerbVersion = true, 6 }))
	if d.Act.Outcome == plan.Settled {
		t.Errorf("%s: %v", said(d), d.Reasons)
	}
}

// Somebody rotated while this rotate waited for its answer, and then the alias was moved by
// hand. What the record says of that rotation is not what the alias shows.
func TestRotatedMeanwhileAndMovedSince(t *testing.T) {
	first := record(plan.Steady)
	r := record(plan.Steady, func(r *plan.Record) {
		r.Generation, r.SwitchedAt = 8, noon.Add(-20*minute)
		r.Claim = &plan.Claim{ID: "c8", At: noon.Add(-25 * minute), Verb: plan.VerbRotate}
		live(r, 8)
	})
	for name, c := range map[string]struct {
		behind string
		want   string
	}{"in place": {"k8", "stop settled"}, "moved": {"kx", "look moved"}} {
		o := seen(func(o *plan.Observed) {
			k := enabled(c.behind)
			o.First, o.Alias, o.AliasAt = first, &k, noon
		})
		d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbRotate, Reason: "x"}, o)
		if got := said(d); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A release ends the hold that its person knew, and not what a rebuild has made of it since.
func TestReleaseOfAHoldThatARebuildChanged(t *testing.T) {
	held := func(self bool) *plan.Record {
		return record(plan.Steady, func(r *plan.Record) {
			r.Hold = &plan.Hold{By: "ann", Since: noon.Add(-day), Reason: "INC-1", Self: self}
		})
	}
	o := seen(func(o *plan.Observed) { o.First = held(false) })
	q := plan.Request{Verb: plan.VerbRelease}
	if got := said(plan.Decide(noon, ordersPolicy(), held(true), q, o)); got != "refuse overtaken" {
		t.Error(got)
	}
	if got := said(plan.Decide(noon, ordersPolicy(), held(false), q, o)); got != "release" {
		t.Error(got)
	}
}

// A rebuild stands still between its looks and its write, and a disabling arrives meanwhile: the
// mark stays although its time is over, and the live version is not taken for enabled.
func TestRebuildThatStoodStill(t *testing.T) {
	for _, left := range []time.Duration{-2 * time.Hour, -minute} {
		seenAt := noon.Add(-time.Hour)
		r := record(plan.Steady, func(r *plan.Record) {
			r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Until: noon.Add(left), Signers: 1}
		})
		o := listed(func(o *plan.Observed) {
			v := o.Listed[6]
			v.At = seenAt
			o.Listed[6] = v
		})
		if e := rebuild(t, ordersPolicy(), r, o).Entry(6); (e.Fence != nil) != noon.Add(left).After(seenAt) {
			t.Errorf("a mark that was over %s ago: %+v", -left, e)
		}
	}
	half := noon.Add(-30 * time.Second)
	r := record(plan.Steady, func(r *plan.Record) {
		r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Until: half, Signers: 1}
	})
	on6 := func(at time.Time) plan.Observed {
		return listed(aliasOn("k6"), func(o *plan.Observed) { o.Listing.Alias.KeyID, o.AliasAt = "k6", at })
	}
	tryCases(t, ordersPolicy(), []decideCase{
		{"seen before the mark was over", r, byRebuild, on6(half.Add(-30 * time.Second)), "refuse marked"},
		{"seen since", r, byRebuild, on6(noon), "rebuild"},
	})
}

// The answer to a rebuild's write is lost, and another run writes on top of it: by its event this
// run knows that it was made, and does not make it once more.
func TestRebuildWhoseAnswerWasLost(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) { r.TableID = "table-0" })
	a := plan.Decide(noon, ordersPolicy(), r, byRebuild, listed()).Act
	if a.Kind != plan.WriteRebuild {
		t.Fatal(a.Kind)
	}
	others := a
	others.Self.Run = other
	for _, made := range []plan.Act{a, others} {
		o, r := listed(), plan.Apply(r, made)
		hold := written(0, "", plan.HoldWrite{Hold: plan.Hold{Reason: "another run"}})
		hold.Self.Run = other
		o.LostTo(a, plan.Apply(r, hold))
		if o.Begun() != (made.Self.Run == me) {
			t.Errorf("made by %s: %v", made.Self.Run, o.Begun())
		}
	}
}

// KMS refuses a reinstate for good while a generation is open: that is no attempt of the generation.
func TestRefusedReinstateIsNoAttempt(t *testing.T) {
	no := &plan.Failure{Kind: plan.EnableKey, Doing: "enable v6", Answer: plan.Answer{Verdict: plan.No,
		Code: "AccessDeniedException"}}
	r := record(plan.Claimed, leased(me, minute))
	for q, counts := range map[plan.Verb]bool{plan.VerbReinstate: false, plan.VerbRetire: false, plan.VerbHold: false,
		plan.VerbRelease: false, plan.VerbSchedule: true} {
		d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: q, Version: 6, Reason: "incident 7"},
			seen(func(o *plan.Observed) { o.Failure = no }))
		if noteOf(d.Act).Attempt != counts {
			t.Errorf("%s: %s", q, said(d))
		}
	}
}
