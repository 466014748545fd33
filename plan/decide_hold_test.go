package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// TestDecidePersons is about scheduled runs on records after a person's verb: holds,
// rollbacks, marks.
func TestDecidePersons(t *testing.T) {
	mine := leased(me, minute)
	claimedAgo := func(ago time.Duration) change { return func(r *plan.Record) { r.Claim.At = noon.Add(-ago) } }
	toV6 := func(o *plan.Observed) { k := enabled("k6"); o.Target = &k }
	switchedJustNow := func(r *plan.Record) { r.SwitchedAt = noon.Add(-time.Minute) }
	tryCases(t, ordersPolicy(), []decideCase{
		// holds
		{"a rotation claimed before the hold stops", record(plan.Claimed, mine, held("ann", minute, 0)), bySchedule,
			seen(), "note free"},
		{"a rotation claimed under a hold stops too: it is cron's",
			record(plan.Claimed, mine, held("ann", 30*minute, 0)), bySchedule, seen(), "note free"},
		{"switching and held: no new signature", record(plan.Switching, held("ann", minute, 0), fenced(minute)),
			bySchedule, seen(), "stop held"},
		{"the hold has run out", record(plan.Claimed, mine, held("ann", day, -1)), bySchedule, seen(), "sign move"},
		{"a rollback claimed under a hold goes on, in any run",
			record(plan.Claimed, mine, rolling, held("ann", 30*minute, 0)), bySchedule, seen(toV6), "sign move"},
		{"the hold was set again after the rollback was claimed",
			record(plan.Claimed, mine, rolling, held("ann", minute, 0)), bySchedule, seen(toV6), "note free"},
		{"a rollback claimed while the key held itself goes on",
			record(plan.Claimed, mine, rolling, held("keyturn", 30*minute, 0)), bySchedule, seen(toV6), "sign move"},
		{"a rollback that made the key hold itself stops", record(plan.Claimed, rolling, held("keyturn", minute, 0)),
			bySchedule, seen(toV6), "refuse held-itself"},
		{"at the same second too", record(plan.Claimed, rolling, claimedAgo(minute), held("keyturn", minute, 0)),
			bySchedule, seen(toV6), "refuse held-itself"},

		// rollbacks
		{"a rollback makes nothing: what names its target is looked at", record(plan.Claimed, mine, rolling),
			bySchedule, onlyWho(aliasOn("k7")), "look old aliases"},
		{"then it is described", record(plan.Claimed, mine, rolling), bySchedule,
			onlyWho(aliasOn("k7"), aliasesOf("k6", "alias/orders-data/v6")), "look target"},
		{"a rollback's target is tried in this run too", record(plan.Claimed, mine, rolling), bySchedule,
			seen(toV6, func(o *plan.Observed) { o.Probe = nil }), "try target"},
		{"a freeze does not stop a person", record(plan.Claimed, mine, rolling), bySchedule, seen(toV6), "sign move"},
		{"right after the switch, KMS still shows v6: lag does not stop a person",
			record(plan.Claimed, mine, rolling, switchedJustNow), bySchedule, seen(toV6, aliasOn("k6"), activeSeen),
			"sign move"},
		{"but a foreign key does", record(plan.Claimed, mine, rolling, switchedJustNow), bySchedule,
			seen(toV6, aliasOn("kx"), movedLooked), "note refused drift"},
		{"and cron stops at lag", record(plan.Claimed, mine, switchedJustNow), bySchedule, seen(aliasOn("k6")),
			"note free"},
		{"the rollback's target was marked since", record(plan.Claimed, mine, rolling, marked(6)), bySchedule,
			seen(toV6), "note refused bad-target"},
		{"the rollback's target was disabled since", record(plan.Claimed, mine, rolling), bySchedule,
			seen(toV6, targetIs(func(k *plan.KeySeen) { k.State = "Disabled" })), "note refused bad-target"},
		{"a mark on another version does not matter", record(plan.Claimed, mine, marked(6)), bySchedule, seen(),
			"sign move"},

		// fences left behind
		{"a fence left by another crashed run does not stop its own generation",
			record(plan.Switching, mine, fenced(15*minute)), bySchedule, seen(), "sign move"},
		{"nor one of before this claim, were there one", record(plan.Claimed, mine, fenced(15*minute)), bySchedule,
			seen(), "sign move"},
	})
}

// TestDecideRightAfterASwitch is about a person who undoes a switch that was just made,
// while KMS still shows the state before.
func TestDecideRightAfterASwitch(t *testing.T) {
	switchedJustNow := func(r *plan.Record) { r.SwitchedAt, r.Window = noon.Add(-time.Minute), opened }
	lagging := func(o *plan.Observed) { aliasOn("k6")(o); k := enabled("k6"); o.Target = &k }
	notYet := func(o *plan.Observed) { o.Active = &plan.KeySeen{Missing: true} }
	tryCases(t, ordersPolicy(), []decideCase{
		{"the schedule has nothing to do", record(plan.Steady, switchedJustNow), bySchedule, seen(lagging),
			"stop settled"},
		{"a rollback is claimed", record(plan.Steady, switchedJustNow),
			plan.Request{Verb: plan.VerbRollback, Reason: "bad"}, seen(lagging, activeSeen), "claim"},
		{"but first the live version itself is described", record(plan.Steady, switchedJustNow),
			plan.Request{Verb: plan.VerbRollback, Reason: "bad"}, seen(lagging), "look active"},
		{"which KMS need not show yet: who goes back does not wait for that", record(plan.Steady, switchedJustNow),
			plan.Request{Verb: plan.VerbRollback, Reason: "bad"}, seen(lagging, notYet), "claim"},
		{"who rotates does", record(plan.Steady, switchedJustNow), plan.Request{Verb: plan.VerbRotate, Reason: "bad"},
			seen(lagging, notYet), "stop lagging"},
		{"but not away from a foreign key", record(plan.Steady, switchedJustNow),
			plan.Request{Verb: plan.VerbRollback, Reason: "bad"}, seen(aliasOn("kx"),
				movedLooked), "note refused drift"},
	})
}

// TestDecideMarkSend is about a disabling that was signed and marked: like an
// alias move it is sent directly after the write that marked it, or never.
func TestDecideMarkSend(t *testing.T) {
	drained := func(r *plan.Record) { r.Window, r.Entry(6).DrainUntil = opened, noon.Add(-day) }
	p := ordersPolicy()
	p.Retire = plan.Retire{Action: plan.RetireDisable, UsageOff: true}
	ready := func(noted bool, op string) plan.Observed {
		return seen(func(o *plan.Observed) {
			k := enabled("k6")
			o.Old = map[string]plan.OldSeen{"k6": {Checking: true, Key: &k, Listed: true}}
			o.SignedOld = &plan.Signature{KeyID: "k6", What: plan.FencedDisable, Date: noon, Confirmed: true, Op: op,
				Noted: noted}
		})
	}
	usageOff := func(r *plan.Record) { r.Entry(6).Retire.UsageOff = true }
	tryCases(t, p, []decideCase{
		{"marked: send", record(plan.Steady, drained, usageOff, marked(6)), bySchedule, ready(false, "op70"),
			"send mark"},
		{"something was written since: thrown away", record(plan.Steady, drained, usageOff, marked(6)), bySchedule,
			ready(false, "op69"), "mark no"},
		{"something was written since that took the mark off: never sent, signed again",
			record(plan.Steady, drained, usageOff), bySchedule, ready(false, "op69"), "sign mark"},
		{"thrown away: never sent, signed again", record(plan.Steady, drained, usageOff), bySchedule,
			ready(true, "op69"), "sign mark"},
	})
}

// TestSelfHold is about when a key stops by itself, and what its record says.
func TestSelfHold(t *testing.T) {
	mine := leased(me, minute)
	disabled := seen(targetIs(func(k *plan.KeySeen) { k.State = "Disabled" }))
	refusedBefore := func(r *plan.Record) {
		r.LastError = &plan.LastError{Code: "bad-target",
			About: "k8 Disabled SYMMETRIC_DEFAULT ENCRYPT_DECRYPT", Message: "v8 (k8) is Disabled", At: noon.Add(-day)}
	}
	failed := func(a plan.Answer) plan.Observed {
		return seen(func(o *plan.Observed) { o.Failure = &plan.Failure{Doing: "create v8", Answer: a} })
	}
	for _, c := range []struct {
		name string
		r    *plan.Record
		o    plan.Observed
		want bool
	}{
		{"a target that can never work: at once", record(plan.Claimed, mine), disabled, true},
		{"again after a release, although the refusal is known", record(plan.Claimed, mine, refusedBefore), disabled,
			true},
		{"a hold that has run out is no hold", record(plan.Claimed, mine, held("ann", day, -minute)), disabled, true},
		{"the first definite refusal", record(plan.Claimed, mine), failed(hardNo), false},
		{"the fifth", record(plan.Claimed, mine, tried(4, time.Hour)), failed(hardNo), true},
		{"the fifth within an hour of the fourth does not count", record(plan.Claimed, mine, tried(4, 59*minute)),
			failed(hardNo), false},
		{"a soft no is not held against it", record(plan.Claimed, mine, tried(4, day)), failed(softNo), false},
		{"an unknown neither", record(plan.Claimed, mine, tried(4, day)), failed(unknown), false},
		{"the fifth refusal of a move", record(plan.Switching, mine, tried(4, day), fenced(minute)),
			seen(move(true, "op70", &hardNo)), true},
		{"a refusal of a move that another run has finished meanwhile",
			record(plan.Steady, tried(4, day), fenced(minute),
				func(r *plan.Record) { r.Generation, r.Window = 8, opened }), seen(move(true, "op60", &hardNo)), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := plan.Decide(noon, ordersPolicy(), c.r, bySchedule, c.o)
			if d.Act.Kind != plan.WriteNote {
				t.Fatalf("got %q, want a note", said(d))
			}
			after := plan.Apply(c.r, d.Act)
			if got := after.Held(noon) && after.Hold.Self; got != c.want {
				t.Errorf("holds itself: %v, want %v (%q)", got, c.want, said(d))
			}
			if after.Lease != nil {
				t.Error("the lease was not given back")
			}
			if c.r.Step == plan.Steady && (after.Attempts.Count != 4 || after.LastError != nil) {
				t.Errorf("a generation that is done was counted against: %+v %+v", after.Attempts, after.LastError)
			}
		})
	}
}

// TestRefusalsNameTheVersion is about a rollback generation, whose number is
// not its version's.
func TestRefusalsNameTheVersion(t *testing.T) {
	o := seen(func(o *plan.Observed) {
		k := enabled("k6")
		k.State = "Disabled"
		o.Target = &k
	})
	d := plan.Decide(noon, ordersPolicy(), record(plan.Claimed, leased(me, minute), rolling), bySchedule, o)
	if ref := d.Act.Refuses(); ref == nil || !strings.HasPrefix(ref.What, "v6 (k6)") {
		t.Errorf("generation 8 puts v6 back, and is refused with %+v", ref)
	}
	o = onlyWho(aliasOn("k7"))
	d = plan.Decide(noon, ordersPolicy(), record(plan.Claimed, leased(me, minute), rolling), bySchedule, o)
	if d.Act.Version != 6 {
		t.Errorf("looks at the target as v%d, want v6", d.Act.Version)
	}
}

// TestHoldAdds is about a hold on a key that is held: no reason is lost, and a self-hold
// stays one.
func TestHoldAdds(t *testing.T) {
	freeze := plan.Request{Verb: plan.VerbHold, Reason: "INC-4714: change freeze", Until: noon.Add(12 * time.Hour)}
	forever := plan.Request{Verb: plan.VerbHold, Reason: "INC-4714: change freeze"}
	for _, c := range []struct {
		name   string
		r      *plan.Record
		q      plan.Request
		reason string
		until  time.Time
		self   bool
		keeps  bool
	}{
		{"none before", record(plan.Steady), freeze, freeze.Reason, freeze.Until, false, false},
		{"one that is over", record(plan.Steady, held("ann", day, -minute)), freeze, freeze.Reason, freeze.Until, false,
			false},
		{"one without an end", record(plan.Steady, held("ann", day, 0)), freeze, "look first; " + freeze.Reason,
			time.Time{}, false, true},
		{"one that ends later", record(plan.Steady, held("ann", day, 2*day)), freeze, "look first; " + freeze.Reason,
			noon.Add(2 * day), false, true},
		{"one that ends before", record(plan.Steady, held("ann", day, time.Hour)), freeze,
			"look first; " + freeze.Reason, freeze.Until, false, true},
		{"one with an end, and now without", record(plan.Steady, held("ann", day, 2*day)), forever,
			"look first; " + freeze.Reason, time.Time{}, false, true},
		{"the key's own", record(plan.Claimed, held("keyturn", day, 0)), freeze, "look first; " + freeze.Reason,
			time.Time{}, true, true},
		{"typed again", record(plan.Steady, held("ann", day, time.Hour),
			func(r *plan.Record) { r.Hold.Reason = freeze.Reason }), freeze, freeze.Reason, freeze.Until, false, false},
	} {
		d := plan.Decide(noon, ordersPolicy(), c.r, c.q, seen())
		h, set := plan.Apply(c.r, d.Act).Hold, d.Act.Write.(plan.HoldWrite)
		if h.Reason != c.reason || !h.Until.Equal(c.until) || h.Self != c.self || !h.Since.Equal(noon) ||
			h.By != seen().Caller.ARN || (set.Earlier != nil) != c.keeps {
			t.Errorf("%s: %+v, keeps %+v", c.name, h, set.Earlier)
		}
		if c.self {
			after := plan.Decide(noon.Add(time.Minute), ordersPolicy(), plan.Apply(c.r, d.Act), bySchedule, seen())
			if said(after) != "refuse held-itself" {
				t.Errorf("%s: nobody is called any more: %s", c.name, said(after))
			}
		}
	}
	// However often it is done, the reasons fit into a record.
	r, last := record(plan.Steady), ""
	for range 20 {
		q := freeze
		q.Reason = strings.Repeat("ä", 127) + string(rune('a'+r.Rev%26))
		r = plan.Apply(r, plan.Decide(noon, ordersPolicy(), r, q, seen()).Act)
		if n := len(r.Hold.Reason); n > 2*plan.MaxReason+5 || !strings.HasSuffix(r.Hold.Reason, last+q.Reason) {
			t.Fatalf("%d bytes: %s", n, r.Hold.Reason)
		}
		last = q.Reason + "; "
	}
}

// TestHoldEndsWithWhatWasAsked: a hold fails if somebody has released it since, and holds
// the key for less.
func TestHoldEndsWithWhatWasAsked(t *testing.T) {
	until := func(left time.Duration) plan.Request {
		return plan.Request{Verb: plan.VerbHold, Reason: "x", Until: noon.Add(left)}
	}
	for _, c := range []struct {
		name string
		q    plan.Request
		now  change
		want string
	}{
		{"the same", until(time.Hour + time.Millisecond), held("me", 0, time.Hour), "stop settled"},
		{"for longer", until(time.Hour), held("ann", 0, 2*time.Hour), "stop settled"},
		{"for good", until(time.Hour), held("ann", 0, 0), "stop settled"},
		{"for less", until(time.Hour), held("ann", 0, minute), "refuse overtaken"},
		{"not for good", plan.Request{Verb: plan.VerbHold}, held("ann", 0, day), "refuse overtaken"},
		{"not any more", until(time.Hour), func(*plan.Record) {}, "refuse overtaken"},
	} {
		o := seen(func(o *plan.Observed) { o.DidVerb = true })
		if got := said(plan.Decide(noon, ordersPolicy(), record(plan.Steady, c.now), c.q, o)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestReinstateIsOfItsOwnTurn: an EnableKey of this run long ago does not prove that a
// version is enabled which was disabled and reinstated since.
func TestReinstateIsOfItsOwnTurn(t *testing.T) {
	q := plan.Request{Verb: plan.VerbReinstate, Version: 6}
	r := record(plan.Steady, func(r *plan.Record) { r.Entry(6).LookAfter = noon.Add(10 * time.Minute) })
	for ago, want := range map[time.Duration]string{time.Second: "stop settled", 30 * day: "look old"} {
		o := seen(func(o *plan.Observed) {
			o.DidVerb, o.VerbVersion = true, 6
			o.Old = map[string]plan.OldSeen{"k6": {EnabledAt: noon.Add(-ago), ReadSince: true}}
		})
		o.Expire(noon)
		if got := said(plan.Decide(noon, ordersPolicy(), r, q, o)); got != want {
			t.Errorf("enabled %s ago: %s, want %s", ago, got, want)
		}
	}
}

// A finish ends a self-hold, but not the hold that a person has added to it.
func TestFinishLeavesThePersonsHold(t *testing.T) {
	finish := written(8, "k8", plan.FinishWrite{Answered: true})
	r := record(plan.Switching, fenced(minute), held("keyturn", minute, 0))
	if after := plan.Apply(r, finish); after.Hold != nil {
		t.Errorf("%+v", after.Hold)
	}
	hold := plan.Request{Verb: plan.VerbHold, Reason: "change freeze"}
	r = plan.Apply(r, plan.Decide(noon, ordersPolicy(), r, hold, seen()).Act)
	after := plan.Apply(r, finish)
	if !after.Held(noon) || after.Hold.Self || !strings.Contains(after.Hold.Reason, hold.Reason) {
		t.Errorf("%+v", after.Hold)
	}
}
