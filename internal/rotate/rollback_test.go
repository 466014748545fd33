package rotate_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A rollback one second after a clean switch is safe, and happens at once: no
// signature is out.
func TestRollbackAfterCleanSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		v1 := w.names(key.Alias)
		w.pool("a").mustRun()
		w.advance(time.Second)
		w.asks(plan.Request{Verb: plan.VerbRollback}).mustRun()
		r := w.record(key)
		if w.names(key.Alias) != v1 || r.Active != 1 || r.Generation != 3 || r.Step != plan.Steady || r.Fence != nil {
			t.Fatalf("%s, active v%d, fence %+v", r, r.Active, r.Fence)
		}
		if len(r.Draining()) != 1 || r.Draining()[0].Version != 2 ||
			r.Draining()[0].DrainUntil.Before(w.aws.Now().Add(29*day)) {
			t.Errorf("v2 has no drain of its own: %+v", r.Draining())
		}
		// Typed twice it rolls back once.
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback}).mustRun())
		if k.Changed() || w.record(key).Generation != 3 {
			t.Errorf("the second rollback did something: %v", k.Reasons)
		}
		// And cron does not rotate again in this window, but does in the next.
		for range 85 {
			w.advance(day)
			w.pool("b").mustRun()
		}
		if g := w.record(key).Generation; g != 3 {
			t.Errorf("cron went on to generation %d", g)
		}
		w.advance(5 * day)
		w.pool("b").mustRun()
		if g := w.record(key).Generation; g != 4 {
			t.Errorf("generation %d in the next window", g)
		}
		w.sound()
	})
}

// After a crash in the middle of a switch a rollback must wait as long as the
// fence says, and says until when.
func TestRollbackWaitsForTheFence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		v1 := w.names(key.Alias)
		w.poolOn("a", &answerLost{w.wire(), "UpdateAlias"}).run(t.Context())
		w.advance(plan.LeaseFor + time.Second)
		r := w.record(key)
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback}).run(t.Context()))
		if !k.Busy || !k.Until.Equal(r.Fence.Until) || w.record(key).Rev != r.Rev {
			t.Fatalf("busy %v until %s; fence until %s", k.Busy, k.Until, r.Fence.Until)
		}
		patient := w.asks(plan.Request{Verb: plan.VerbRollback})
		patient.Wait = 30 * time.Minute
		patient.mustRun()
		if got := w.names(key.Alias); got != v1 {
			t.Errorf("the alias names %s", got)
		}
		r = w.record(key)
		if r.Step != plan.Steady || r.Live().KeyID != v1 {
			t.Errorf("%s on v%d", r, r.Active)
		}
		w.sound()
	})
}

// Cron starts while a rollback waits, and finishes the very switch that is to be given
// up: that is progress, with a fence of its own, and the rollback waits for that one. Under
// a hold cron leaves it, and the rollback acts when the fence it was told of is over.
func TestRollbackWaitsUnderAHold(t *testing.T) {
	for _, hold := range []bool{true, false} {
		t.Run(fmt.Sprintf("held %v", hold), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				v1 := w.names(key.Alias)
				w.poolOn("a", &answerLost{w.wire(), "UpdateAlias"}).run(t.Context())
				w.advance(2 * time.Minute)
				if hold {
					w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
				}
				fence := w.record(key).Fence.Until
				patient := w.asks(plan.Request{Verb: plan.VerbRollback})
				patient.Wait = 20 * time.Minute
				done := patient.begin()
				time.Sleep(10 * time.Minute)
				w.pool("cron").run(t.Context())
				only(t, <-done)
				r := w.record(key)
				if r.Step != plan.Steady || r.Live().KeyID != v1 || w.names(key.Alias) != v1 {
					t.Errorf("%s on v%d", r, r.Active)
				}
				if late := w.aws.Now().After(fence.Add(5 * time.Minute)); late == hold {
					t.Errorf("it acted at %s, the fence was over at %s", w.aws.Now(), fence)
				}
				w.sound()
			})
		})
	}
}

// Over every step of an open generation, with its claimant alive and parked
// before a call: the rollback goes through when lease and fence are over; what
// the claimant does when it wakes up fails or is harmless, and a version that
// was made and did not serve drains with a full deadline.
func TestRollbackOverAParkedRun(t *testing.T) {
	for _, c := range []struct {
		operation string
		on        int64 // the version that is live in the end: without one named, over an open switch the one before it
		version   int64 // named in the rollback
	}{
		{"CreateKey", 1, 1}, {"CreateAlias", 1, 1}, {"Encrypt", 1, 1}, {"UpdateAlias", 1, 0}, {"UpdateAlias", 1, 1},
	} {
		t.Run(c.operation+" "+plan.VersionName(c.version), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				parked := newPark(w.wire(), c.operation)
				done := w.poolOn("a", parked).begin()
				<-parked.held
				w.advance(plan.LeaseFor + time.Second)
				patient := w.asks(plan.Request{Verb: plan.VerbRollback, Version: c.version})
				patient.Wait = 30 * time.Minute
				patient.mustRun()
				r := w.record(key)
				if r.Step != plan.Steady || r.Active != c.on || w.names(key.Alias) != r.Live().KeyID {
					t.Fatalf("%s on v%d", r, r.Active)
				}
				close(parked.release)
				<-done
				if after := w.record(key); after.Generation != r.Generation || w.names(key.Alias) != r.Live().KeyID {
					t.Errorf("the parked run changed %s into %s", r, after)
				}
				// Typed again: nothing more.
				k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback}).run(t.Context()))
				if k.Changed() {
					t.Errorf("typed twice it rolled back again: %v", k.Reasons)
				}
				for _, e := range w.record(key).Draining() {
					if e.Version == 2 && e.DrainUntil.Before(w.aws.Now().Add(29*day)) {
						t.Errorf("v2 drains until %s", e.DrainUntil)
					}
				}
				w.advance(time.Hour)
				w.pool("cron").mustRun()
				if g := w.record(key).Generation; g > r.Generation {
					t.Errorf("cron rotated again in this window")
				}
				w.sound()
			})
		})
	}
}

// A switch was sent and its answer lost; the alias may be on either version.
// The rollback reads it when the fence is over, and brings it back.
func TestRollbackOverASwitchThatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		v1 := w.names(key.Alias)
		w.poolOn("a", &answerLost{w.wire(), "UpdateAlias"}).run(t.Context())
		w.advance(30 * time.Minute) // lease and fence are over
		w.asks(plan.Request{Verb: plan.VerbRollback}).mustRun()
		r := w.record(key)
		if r.Generation != 3 || r.Live().KeyID != v1 || w.names(key.Alias) != v1 {
			t.Fatalf("%s on v%d", r, r.Active)
		}
		if len(r.Draining()) != 1 || r.Draining()[0].Version != 2 || r.Draining()[0].Left.IsZero() {
			t.Errorf("v2 served and drains: %+v", r.Draining())
		}
		w.sound()
	})
}

// The alias is where nobody of ours put it: a rollback does not fight.
func TestRollbackAndDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.advance(time.Hour)
		foreign := w.makeKey("alias/other")
		w.moveByHand(key.Alias, foreign)
		for _, version := range []int64{0, 1} { // to v2, the live one, it would put the alias back
			k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback, Version: version}).run(t.Context()))
			if k.Outcome != plan.Refused || k.Refusal.Code != "drift" {
				t.Errorf("rollback to v%d: %s %+v", version, k.Outcome, k.Refusal)
			}
		}
		if w.names(key.Alias) != foreign {
			t.Error("the alias was moved")
		}
		w.sound()
	})
}

// What a rollback may name: draining, kept and reinstated versions, and a newer
// one that was left behind; not one that is disabled, unknown, or live.
func TestRollbackOntoNamedVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, retirePlan)
		back := func(version int64) string {
			k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback, Version: version}).run(t.Context()))
			if k.Refusal != nil {
				return fmt.Sprint(k.Refusal.Code, ": ", k.Refusal.Hint.Commands, k.Refusal.Hint.Note)
			}
			if r := w.record(key); k.Changed() {
				return plan.VersionName(r.Active)
			}
			return "nothing"
		}
		try := func(version int64, want string) {
			t.Helper()
			if got := back(version); got != want {
				t.Errorf("rollback to v%d:\n got %s\nwant %s", version, got, want)
			}
		}
		try(0, "no-version: [[keyturn reinstate orders-data]]then type the verb again")
		try(1, "bad-target: [[keyturn reinstate orders-data/v1]]then type the verb again")
		try(7, "bad-target: [[keyturn status orders-data]]")
		try(2, "nothing")
		w.asks(plan.Request{Verb: plan.VerbReinstate}).mustRun()
		try(1, "v1")
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback, Again: true}).run(t.Context()))
		if k.Refusal == nil || k.Refusal.Code != "no-version" || plan.Shell(k.Refusal.Hint.Commands[0]...) !=
			`keyturn rollback orders-data/v2 --reason "..."` {
			t.Errorf("rollback from the lowest: %s %+v", k.Outcome, k.Refusal)
		}
		try(2, "v2") // newer, and named
		// Disabled by hand while it drains: the record does not know, KMS does.
		w.disableByHand(v1)
		try(1, "bad-target: [[keyturn reinstate orders-data/v1]]then type the verb again")
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		w.watch.Mind(v1)
		try(1, "v1")
		w.sound()
	})
}

// A version that was only made, and given up, is a target only if it is named.
func TestRollbackOntoAVersionThatNeverServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"    before_switch: [\"false\"]\n")
		key := w.plan.Keys[0]
		v1 := w.names(key.Alias)
		w.pool("cron").mustRun() // makes v2, which waits
		if r := w.record(key); r.Step != plan.Created {
			t.Fatalf("set-up: %s", r)
		}
		w.asks(plan.Request{Verb: plan.VerbRotate, Abandon: true}).mustRun()
		r := w.record(key)
		if r.Active != 3 || r.Step != plan.Steady {
			t.Fatalf("%s on v%d", r, r.Active)
		}
		for _, e := range r.Draining() {
			if e.DrainUntil.Before(w.aws.Now().Add(29 * day)) {
				t.Errorf("v%d drains until %s", e.Version, e.DrainUntil)
			}
			if e.Version == 2 && (!e.Left.IsZero() || w.watch.Served(e.KeyID)) {
				t.Errorf("v2 has served: %+v", e)
			}
		}
		w.asks(plan.Request{Verb: plan.VerbRollback}).mustRun() // not onto v2
		if got := w.names(key.Alias); got != v1 {
			t.Errorf("rolled back onto %s", got)
		}
		w.asks(plan.Request{Verb: plan.VerbRollback, Version: 2}).mustRun()
		if r = w.record(key); r.Active != 2 {
			t.Errorf("on v%d", r.Active)
		}
		w.sound()
	})
}

// Two persons at once, also with --again: one generation.
func TestVerbTypedByTwoAtOnce(t *testing.T) {
	for _, q := range []plan.Request{
		{Verb: plan.VerbRollback}, {Verb: plan.VerbRollback, Again: true},
		{Verb: plan.VerbRotate}, {Verb: plan.VerbRotate, Again: true},
	} {
		t.Run(fmt.Sprintf("%s again %v", q.Verb, q.Again), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				for range 2 {
					w.pool("a").mustRun()
					w.advance(91 * day)
				}
				w.pool("a").mustRun()
				w.advance(2 * time.Hour)
				if err := w.aws.SetSwitches(slow); err != nil {
					t.Fatal(err)
				}
				before := w.record(key).Generation
				done := []<-chan struct{}{}
				for range 3 {
					p := w.asks(q)
					over := make(chan struct{})
					done = append(done, over)
					go func() { defer close(over); p.mustRun() }()
				}
				for _, over := range done {
					<-over
				}
				if r := w.record(key); r.Generation != before+1 || r.Step != plan.Steady {
					t.Errorf("generation %d became %d", before, r.Generation)
				}
				w.sound()
			})
		})
	}
}
