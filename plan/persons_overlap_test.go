package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A retire of a version that a person has retired before is refused by KMS, or never sent: the
// version is retired as it was, and by whom it was.
func TestRefusedRetireOfWhatIsRetired(t *testing.T) {
	disabled := plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon.Add(-day),
		RetiredBy: "ann", ReinstatedAt: noon.Add(-30 * day), DrainUntil: noon.Add(9 * day)}
	kept := plan.Version{Version: 6, KeyID: "k6", State: plan.Kept, KeptAt: noon.Add(-day), RetiredBy: "ann"}
	v := refusedRetire(t, disabled, "Disabled")
	if v.State != plan.Disabled || v.RetiredBy != "ann" || !v.DisabledAt.Equal(disabled.DisabledAt) || v.Fence != nil ||
		!v.DrainUntil.Equal(disabled.DrainUntil) {
		t.Errorf("%+v", v)
	}
	// Ann's retire came to nothing, too: its run died after the mark.
	if v := refusedRetire(t, kept, "Enabled"); v.State != plan.Kept || v.RetiredBy != "" || v.Fence != nil {
		t.Errorf("%+v", v)
	}
}

// refusedRetire returns what becomes of v6 by a retire that KMS refuses.
func refusedRetire(t *testing.T, was plan.Version, state string) *plan.Version {
	t.Helper()
	r := record(plan.Steady, func(r *plan.Record) { old(r, was) })
	q := retireOf(6)
	o := seen(v6Seen(state), func(o *plan.Observed) {
		o.First, o.SignedOld = r, &plan.Signature{What: plan.FencedDisable, KeyID: "k6", Date: noon}
	})
	mark := plan.Decide(noon, ordersPolicy(), r, q, o).Act
	if mark.Kind != plan.WriteMark {
		t.Fatal(mark.Kind)
	}
	marked := plan.Apply(r, mark)
	o.Wrote(mark)
	o.SignedOld.Answer = &plan.Answer{Verdict: plan.No, Code: "AccessDeniedException"}
	d := plan.Decide(noon, ordersPolicy(), marked, q, o)
	if d.Act.Kind != plan.WriteMarkNo {
		t.Fatal(said(d))
	}
	return plan.Apply(marked, d.Act).Entry(6)
}

// Before a first version is live there is nothing to retire.
func TestRetireBeforeAnythingIsLive(t *testing.T) {
	r := record(plan.Created, firstClaimed, func(r *plan.Record) {
		r.Generation = 2
		r.Versions = []plan.Version{{Version: 1, KeyID: "k1", State: plan.Draining, DrainUntil: noon.Add(day)}}
	})
	d := plan.Decide(noon, ordersPolicy(), r, retireOf(1), seen(oldSeen("k1", "Enabled", "alias/orders-data/v1")))
	if said(d) != "refuse not-made" {
		t.Error(said(d))
	}
}

// Two persons want other versions back: the second rollback is not done by the first one.
func TestRollbackToAnotherVersionMeanwhile(t *testing.T) {
	first := record(plan.Steady)
	for version, want := range map[int64]string{6: "stop settled", 5: "refuse no-version", 7: "claim"} {
		r := record(plan.Steady, func(r *plan.Record) {
			kept := plan.Version{Version: 5, KeyID: "k5", State: plan.Kept, Left: noon.Add(-90 * day)}
			v6 := *r.Entry(6)
			r.Generation, r.SwitchedAt = 9, noon.Add(-20*minute)
			r.Claim = &plan.Claim{ID: "c9", At: noon.Add(-20 * minute), Verb: plan.VerbRollback}
			switch version {
			case 7: // the open generation was given up for it
				r.SwitchedAt = first.SwitchedAt
				old(r, kept, v6)
			case 6:
				old(r, kept, plan.Version{Version: 7, KeyID: "k7", State: plan.Draining, Left: noon.Add(-20 * minute),
					DrainUntil: noon.Add(day)})
				live(r, 6)
			case 5:
				old(r, v6, plan.Version{Version: 7, KeyID: "k7", State: plan.Draining, Left: noon.Add(-20 * minute),
					DrainUntil: noon.Add(day)})
				live(r, 5)
			}
		})
		o := seen(aliasOn(r.Live().KeyID), oldTarget, func(o *plan.Observed) { o.First = first })
		d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbRollback, Reason: "x"}, o)
		if said(d) != want {
			t.Errorf("v%d: %s, want %s: %v", version, said(d), want, d.Reasons)
		}
	}
}

// A version that was seen enabled again is not the one that a reinstate without a version means.
func TestReinstateAfterOneWasEnabledByHand(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) {
		old(r, plan.Version{Version: 5, KeyID: "k5", State: plan.Disabled, DisabledAt: noon.Add(-40 * day),
			CheckedAt: noon.Add(-time.Hour)},
			plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon.Add(-2 * day)})
	})
	r = plan.Apply(r, written(5, "k5", plan.UnmarkWrite{}))
	d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbReinstate, Reason: "x"}, seen())
	if d.Act.KeyID != "k6" {
		t.Errorf("%s of %s", said(d), d.Act.KeyID)
	}
}

// KMS shows a version as it was before its reinstate: nobody else has disabled it.
func TestSecondReinstateSeesTheStateBefore(t *testing.T) {
	for ago, found := range map[time.Duration]bool{minute: false, time.Hour: true} {
		r := record(plan.Steady, func(r *plan.Record) { r.Entry(6).ReinstatedAt = noon.Add(-ago) })
		d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbReinstate, Version: 6, Reason: "x"},
			seen(v6Seen("Disabled")))
		if w, ok := d.Act.Write.(plan.ReinstateWrite); !ok || w.Found != found {
			t.Errorf("%s after: %s, %+v", ago, said(d), d.Act.Write)
		}
	}
}

// A version that a run still has to enable makes an open rollback wait, and does not make it hold
// the key. And whoever disabled it, the ledger does not say that it was somebody else.
func TestRollbackToAReinstatedVersion(t *testing.T) {
	r := record(plan.Switching, rolling, leased(me, minute), func(r *plan.Record) {
		r.Entry(6).ReinstatedAt, r.Entry(6).LookAfter = noon.Add(-minute), noon.Add(10*minute)
	})
	d := plan.Decide(noon, ordersPolicy(), r, bySchedule, seen(oldTarget))
	ref := d.Act.Refusal
	if n := noteOf(d.Act); n.Refusal != nil {
		ref = n.Refusal
	}
	if ref == nil || ref.Code != plan.CodeBadTarget || ref.SelfHold != "" || noteOf(d.Act).SelfHold != "" {
		t.Errorf("%s: %+v", said(d), ref)
	}
	r = record(plan.Steady, func(r *plan.Record) {
		r.Entry(6).ReinstatedAt, r.Entry(6).LookAfter = noon.Add(-20*minute), noon.Add(-10*minute)
	})
	after := plan.Apply(r, written(6, "k6", plan.RetiredWrite{Found: []plan.EventKind{plan.EventPending}}))
	if e := after.Events[len(after.Events)-1]; len(e.Ended) > 0 {
		t.Errorf("keyturn's own deletion is told as somebody else's: %+v", e)
	}
}

// A rollback to the live version gives an open switch up, and the alias may be elsewhere: its
// read may be from before the last switch.
func TestGivenUpAndNotSeen(t *testing.T) {
	r := record(plan.Switching, func(r *plan.Record) { r.SwitchedAt = noon.Add(-minute) })
	q := plan.Request{Verb: plan.VerbRollback, Version: 7, Reason: "x"}
	for on, want := range map[string]string{"k6": "stop lagging", "k7": "stop settled", "kx": "look moved"} {
		o := seen()
		a := plan.Decide(noon, ordersPolicy(), r, q, o).Act
		if a.Kind != plan.WriteAbandon {
			t.Fatal(a.Kind)
		}
		after := plan.Apply(r, a)
		o.Wrote(a)
		k := enabled(on)
		o.Alias, o.AliasAt, o.LedgerSeen = &k, noon, seen().LedgerSeen
		if d := plan.Decide(noon, ordersPolicy(), after, q, o); said(d) != want {
			t.Errorf("alias on %s: %s, want %s: %v", on, said(d), want, d.Reasons)
		}
	}
}

// Cron enables a reinstated version, and somebody has retired it meanwhile: KMS may have it enabled.
func TestEnabledAfterARetire(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) {
		old(r, plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon, RetiredBy: "ann"})
		r.Window = opened
	})
	for enabledAt, want := range map[time.Time]string{{}: "stop settled",
		noon.Add(-80 * time.Second): "refuse overtaken", noon.Add(-time.Hour): "stop settled"} {
		d := plan.Decide(noon, ordersPolicy(), r, bySchedule, seen(v6Seen("Disabled"), func(o *plan.Observed) {
			o.Old["k6"] = plan.OldSeen{EnabledAt: enabledAt}
		}))
		if said(d) != want {
			t.Errorf("enabled at %s: %s, want %s", enabledAt, said(d), want)
		}
	}
}

// An adopt adopts the key that its person was shown, or says that it did not.
func TestAdoptOfWhatWasPutBack(t *testing.T) {
	for shown, want := range map[string]string{"kx": "refuse overtaken", "k7": "stop settled", "": "stop settled"} {
		q := plan.Request{Verb: plan.VerbAdopt, Reason: "x", Expects: shown}
		if got := said(plan.Decide(noon, ordersPolicy(), record(plan.Steady), q, seen())); got != want {
			t.Errorf("shown %q: %s, want %s", shown, got, want)
		}
	}
}

// While the fence of a rebuild is alive, what was signed before is not known: a reinstate is
// written, and keeps the terms of a version that was kept.
func TestReinstateUnderTheFenceOfARebuild(t *testing.T) {
	p := ordersPolicy()
	p.Retire = plan.Retire{Action: plan.RetireDisable, UsageOff: true}
	until := noon.Add(8 * minute)
	fence := func(r *plan.Record) { r.Fence = &plan.Fence{What: plan.FencedMove, Until: until, Signers: 1} }
	q := plan.Request{Verb: plan.VerbReinstate, Version: 5, Reason: "x"}
	d := plan.Decide(noon, p, record(plan.Steady, fence), q, seen(oldSeen("k5", "Enabled", "alias/orders-data/v5")))
	if w, ok := d.Act.Write.(plan.ReinstateWrite); !ok || w.Retire.Action != plan.RetireKeep ||
		!w.LookAfter.Equal(until) {
		t.Errorf("a kept one: %s, %+v", said(d), d.Act.Write)
	}
	lately := record(plan.Steady, fence, func(r *plan.Record) { r.Entry(6).ReinstatedAt = noon.Add(-12 * minute) })
	d = plan.Decide(noon, p, lately, plan.Request{Verb: plan.VerbReinstate, Reason: "x"}, seen(v6Seen("Enabled")))
	if w, ok := d.Act.Write.(plan.ReinstateWrite); !ok || !w.LookAfter.Equal(until) {
		t.Errorf("one that was reinstated before: %s: %v", said(d), d.Reasons)
	}
	d = plan.Decide(noon, p, lately, plan.Request{Verb: plan.VerbReinstate, Reason: "x"}, seen(v6Seen("Disabled")))
	if said(d) != "refuse nothing-to-reinstate" { // somebody may have meant that
		t.Errorf("one that was disabled since: %s: %v", said(d), d.Reasons)
	}
	underWay := record(plan.Steady, fence, func(r *plan.Record) { r.Entry(6).LookAfter = noon.Add(minute) })
	d = plan.Decide(noon, p, underWay, plan.Request{Verb: plan.VerbReinstate, Reason: "x"}, seen(v6Seen("Disabled")))
	if w, ok := d.Act.Write.(plan.ReinstateWrite); !ok || !w.LookAfter.Equal(until) {
		t.Errorf("one that is under way: %s: %v", said(d), d.Reasons)
	}
}

// What an event tells of a mark on a version that the record does not have makes an entry that can be
// written.
func TestRebuildAfterAMarkOnAnUnknownVersion(t *testing.T) {
	for kind, state := range map[plan.EventKind]plan.State{"disable": plan.Kept, "delete": plan.Disabled} {
		rev := int64(1070)
		mark := plan.Event{Rev: rev, At: noon.Add(-day), Kind: []plan.EventKind{plan.EventMark, kind}, Version: 3,
			KeyID: "k3", Until: noon.Add(-day + 20*minute)}
		r := rebuild(t, ordersPolicy(), nil, listed(func(o *plan.Observed) {
			o.Ledger, o.LedgerRev = []plan.Event{mark}, &rev
		}))
		v := r.Entry(3)
		if v == nil {
			t.Fatalf("%s: v3 is not remembered", kind)
		}
		kept := state == plan.Kept
		if v.State != state || v.KeptAt.IsZero() == kept || v.DisabledAt.IsZero() != kept {
			t.Errorf("%s: %+v", kind, v)
		}
	}
}

// The events have a version as kept, and then as deleted: the entry can be written.
func TestRebuildAfterADeletionOfAKeptVersion(t *testing.T) {
	rev := int64(1071)
	mark := plan.Event{Rev: 1070, At: noon.Add(-day), Kind: []plan.EventKind{plan.EventMark, "disable"}, Version: 3,
		KeyID: "k3", Until: noon.Add(-day)}
	deleting := mark
	deleting.Rev, deleting.Kind = rev, []plan.EventKind{plan.EventDeleting}
	r := rebuild(t, ordersPolicy(), nil, listed(func(o *plan.Observed) {
		o.Ledger, o.LedgerRev = []plan.Event{mark, deleting}, &rev
	}))
	v := r.Entry(3)
	if v == nil || v.State != plan.Gone || v.DisabledAt.IsZero() {
		t.Errorf("%+v", v)
	}
}

// Cron looks once a day at a reinstated version that only the record knows: it cannot change that.
func TestReinstatedAndNameless(t *testing.T) {
	r := record(plan.Steady, func(r *plan.Record) {
		r.Entry(6).ReinstatedAt, r.Entry(6).LookAfter, r.Window = noon.Add(-time.Hour), noon.Add(-time.Hour), opened
	})
	if d := plan.Decide(noon, ordersPolicy(), r, bySchedule, seen()); said(d) != "look again" {
		t.Fatal(said(d))
	}
	nameless := func(o *plan.Observed) {
		v6Seen("Enabled")(o)
		nothingNames(6)(o)
		old := o.Old["k6"]
		old.SeesTo = r.Entry(6).LookAfter
		o.Old["k6"] = old
	}
	d := plan.Decide(noon, ordersPolicy(), r, bySchedule, seen(nameless))
	if said(d) != "checked" {
		t.Fatalf("%s: %+v", said(d), d.Act.Write)
	}
	r.Entry(6).LookAfter = noon.Add(minute) // by the look again
	r = plan.Apply(r, d.Act)
	o := seen(nameless)
	o.Wrote(d.Act)
	if d := plan.Decide(noon, ordersPolicy(), r, bySchedule, o); said(d) != "refuse version-unproven" &&
		said(d) != "note refused version-unproven" {
		t.Errorf("then: %s", said(d))
	}
	for later, want := range map[time.Duration]string{time.Hour: "stop settled", 25 * time.Hour: "look again"} {
		if d := plan.Decide(noon.Add(later), ordersPolicy(), r, bySchedule, seen()); said(d) != want {
			t.Errorf("%s later: %s, want %s", later, said(d), want)
		}
	}
	d = plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbRollback, Version: 6, Reason: "x"}, seen())
	ref := d.Act.Refusal
	if ref == nil || len(ref.Hint.Commands) != 1 || ref.Hint.Commands[0][1] != "reinstate" {
		t.Errorf("%s: %+v", said(d), d.Act.Refusal)
	}
	q := plan.Request{Verb: plan.VerbReinstate, Version: 6, Reason: "x"}
	d = plan.Decide(noon.Add(time.Hour), ordersPolicy(), r, q, seen(v6Seen("Disabled")))
	if said(d) != "enable key" {
		t.Errorf("a person names it: %s", said(d))
	}
}

// The run that has just signed a disabling may write its answer down at any moment; a fence that is
// older nobody brings forward.
func TestRetireWaitsForAnAnswer(t *testing.T) {
	for ago, fenced := range map[time.Duration]bool{time.Second: false, minute: true} {
		r := record(plan.Steady, func(r *plan.Record) {
			r.Entry(6).Fence = &plan.Fence{What: plan.FencedDisable, Run: other, Since: noon.Add(-ago),
				Until: noon.Add(plan.FenceFor - ago), Signers: 1}
		})
		d := plan.Decide(noon, ordersPolicy(), r, retireOf(6), seen(v6Seen("Enabled")))
		if d.Act.Kind != plan.Wait || d.Act.Fenced != fenced {
			t.Errorf("signed %s ago: %s, fenced: %v", ago, said(d), d.Act.Fenced)
		}
	}
}

// A deletion that a reinstate has cancelled is seen for a while longer: it is not somebody else's.
func TestReinstateSeesTheDeletionBefore(t *testing.T) {
	for ago, pending := range map[time.Duration]bool{minute: false, time.Hour: true} {
		r := record(plan.Steady, func(r *plan.Record) { r.Entry(6).ReinstatedAt = noon.Add(-ago) })
		d := plan.Decide(noon, ordersPolicy(), r, plan.Request{Verb: plan.VerbReinstate, Version: 6, Reason: "x"},
			seen(v6Seen("PendingDeletion")))
		if w, ok := d.Act.Write.(plan.ReinstateWrite); !ok || w.Pending != pending || w.Found != pending {
			t.Errorf("%s after: %s, %+v", ago, said(d), d.Act.Write)
		}
	}
}
