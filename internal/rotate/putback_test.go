package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// moved returns a world whose v2 is live, and in which somebody has moved the alias.
func moved(t *testing.T) (w *world, key plan.Policy, v2, foreign string) {
	t.Helper()
	w = due(t, onePlan)
	key = w.plan.Keys[0]
	w.pool("a").mustRun()
	w.advance(time.Hour)
	v2, foreign = w.names(key.Alias), w.makeKey("alias/other")
	w.moveByHand(key.Alias, foreign)
	w.advance(time.Hour)
	return w, key, v2, foreign
}

var putBack = plan.Request{Verb: plan.VerbRollback, Version: 2}

// A rollback to the live version puts the alias back: a generation of its own, which makes
// no key and drains none. Typed again it has nothing to do.
func TestPutBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v2, foreign := moved(t)
		before := w.record(key)
		w.asks(putBack).mustRun()
		w.watch.Mind(key.Alias)
		r := w.record(key)
		if w.names(key.Alias) != v2 || r.Generation != 3 || r.Active != 2 || r.Step != plan.Steady || r.Fence != nil ||
			len(r.Draining()) != len(before.Draining()) || r.Claim.Expects != foreign || r.SwitchedFrom != foreign {
			t.Fatalf("%+v", r)
		}
		moves := w.calls(0, "UpdateAlias")
		if k := only(t, w.asks(putBack).mustRun()); k.Changed() || w.calls(0, "UpdateAlias") != moves {
			t.Errorf("again: %v", k.Reasons)
		}
		w.sound()
	})
}

// Whoever moves the alias once more, wherever the run is, is not moved over: the person was
// shown another key. Typed again the verb gives that generation up, and goes on with the next.
func TestPutBackMovedAgain(t *testing.T) {
	for _, at := range []string{"GetCallerIdentity", "ListAliases", "UpdateItem", "Encrypt", "Decrypt"} {
		t.Run(at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v2, foreign := moved(t)
				again := w.makeKey("alias/again")
				pause := newPause(w.wire(), at, 1)
				ask := putBack
				ask.Expects = foreign
				moves := w.calls(0, "UpdateAlias")
				p := w.poolOn("person", pause)
				p.request = ask
				done := p.begin()
				<-pause.held
				w.moveByHand(key.Alias, again)
				close(pause.release)
				if k := only(t, <-done); k.Outcome != plan.Refused || k.Refusal.Code != "drift" {
					t.Errorf("%s: %v %+v", k.Outcome, k.Reasons, k.Refusal)
				}
				if n := w.calls(0, "UpdateAlias") - moves; n != 0 {
					t.Errorf("UpdateAlias×%d: keyturn moved it over theirs", n)
				}
				ask.Expects = again
				w.asks(ask).mustRun()
				w.watch.Mind(key.Alias)
				if r := w.record(key); w.names(key.Alias) != v2 || r.Active != 2 || r.Step != plan.Steady {
					t.Errorf("%s", r)
				}
				w.sound()
			})
		})
	}
}

// A put-back that died anywhere is carried on by any run, with its fence.
func TestPutBackIsCarriedOn(t *testing.T) {
	for _, at := range []string{"Encrypt", "UpdateAlias"} {
		for _, after := range []bool{false, true} { // the call was carried out
			synctest.Test(t, func(t *testing.T) {
				w, key, v2, _ := moved(t)
				pause := newPause(w.wire(), at, 1)
				pause.after = after
				p := w.poolOn("person", pause)
				p.request = putBack
				done := p.begin()
				<-pause.held
				w.advance(2 * time.Minute)
				w.pool("cron").mustRun()
				w.watch.Mind(key.Alias)
				if r := w.record(key); w.names(key.Alias) != v2 || r.Active != 2 || r.Step != plan.Steady ||
					(r.Fence != nil) != (at == "UpdateAlias") {
					t.Errorf("%s, %t: %s fence %+v", at, after, r, r.Fence)
				}
				close(pause.release)
				if k := only(t, <-done); k.Outcome != plan.Settled {
					t.Errorf("%s, %t: %s %v", at, after, k.Outcome, k.Reasons)
				}
				w.sound()
			})
		}
	}
}

// An alias was put back onto v2. A rollback without a version means v1, also within the hour.
func TestRollbackSoonAfterAPutBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v2, _ := moved(t)
		v1 := w.record(key).Entry(1).KeyID
		w.asks(putBack).mustRun()
		w.advance(11 * time.Minute)
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback}).run(t.Context()))
		if w.names(key.Alias) != v1 && k.Exit(false) == plan.ExitDone {
			t.Errorf("exit 0, and the alias is still on v2 (%v): %v", w.names(key.Alias) == v2, k.Reasons)
		}
	})
}
