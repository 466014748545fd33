package rotate_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

const deletePlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    retire: {action: delete, unless_used_within: 7d, delete_after: 12d, deletion_window: 7d}
`

// deleted returns a world whose v1 is pending deletion.
func deleted(t *testing.T) (w *world, key plan.Policy, v1 string) {
	t.Helper()
	w, key, v1 = retired(t, deletePlan)
	defer w.setUp()()
	w.advance(12*day + time.Hour)
	w.pool("cron").mustRun()
	if s := w.state(v1); s != "PendingDeletion" {
		t.Fatalf("set-up: v1 is %s", s)
	}
	return w, key, v1
}

// A disabled version works again at once, drains with a new deadline, and is
// retired when that is over and not before.
func TestReinstate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, retirePlan)
		w.asks(plan.Request{Verb: plan.VerbReinstate}).mustRun()
		e, ok := draining(w.record(key), v1)
		if w.state(v1) != "Enabled" || !ok || !e.LookAfter.IsZero() ||
			e.DrainUntil.Before(w.aws.Now().Add(10*day-time.Minute)) || e.Fence != nil {
			t.Fatalf("v1 is %s, %+v", w.state(v1), e)
		}
		// Typed again: that one, not the one before.
		seq := w.seq()
		q := plan.Request{Verb: plan.VerbReinstate}
		if k := only(t, w.asks(q).mustRun()); k.Changed() || w.calls(seq, "EnableKey") != 0 {
			t.Errorf("typed twice: %v", k.Reasons)
		}
		w.advance(9 * day)
		w.pool("cron").mustRun()
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("v1 is %s before its new deadline", s)
		}
		w.advance(2 * day)
		w.pool("cron").mustRun()
		if s := w.state(v1); s != "Disabled" {
			t.Errorf("v1 is %s after its new deadline", s)
		}
		w.sound()
	})
}

// Why a version that a person wants enabled is not enabled stands in the record, for those
// who look later, until it is.
func TestReinstateDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, retirePlan)
		w.fault(sandbox.Fault{Service: "kms", Operation: "EnableKey", Kind: sandbox.Refuse,
			Code: "AccessDeniedException", Message: "no permission"})
		w.asks(plan.Request{Verb: plan.VerbReinstate}).run(t.Context())
		for _, who := range []string{"the person's run", "cron's run"} {
			e := w.record(key).LastError
			if e == nil || e.Code != "access-denied" ||
				!strings.Contains(e.Message, "reinstate v1: KMS denied kms:EnableKey") ||
				w.aws.Now().Sub(e.At) > time.Minute {
				t.Errorf("%s: %+v", who, e)
			}
			w.advance(time.Hour)
			w.pool("cron").run(t.Context())
		}
		w.noFaults()
		w.advance(time.Hour)
		w.pool("cron").mustRun()
		if r := w.record(key); w.state(v1) != "Enabled" || r.LastError != nil {
			t.Errorf("v1 is %s, %+v", w.state(v1), r.LastError)
		}
		w.sound()
	})
}

// A deletion that is pending is cancelled first.
func TestReinstateCancelsADeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := deleted(t)
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("v1 is %s", s)
		}
		w.advance(8 * day)
		w.pool("cron").mustRun()
		if _, ok := draining(w.record(key), v1); !ok || w.state(v1) != "Enabled" {
			t.Errorf("v1 is %s", w.state(v1))
		}
		w.sound()
	})
}

// What is gone for good is said; nothing is written, and the key goes on.
func TestReinstateOfWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, _ := deleted(t)
		w.advance(8 * day)
		rev := w.record(key).Rev
		for version, code := range map[int64]plan.Code{0: "nothing-to-reinstate", 1: "version-gone",
			9: "nothing-to-reinstate"} {
			k := only(t, w.asks(plan.Request{Verb: plan.VerbReinstate, Version: version}).run(t.Context()))
			if k.Outcome != plan.Refused || k.Refusal.Code != code {
				t.Errorf("v%d: %s %+v, want %s", version, k.Outcome, k.Refusal, code)
			}
		}
		if r := w.record(key); r.Rev != rev {
			t.Errorf("written: %v", r.Events[len(r.Events)-1].Kind)
		}
		w.sound()
	})
}

// The default is the one retired last; two persons at once mean one version.
func TestReinstateByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, retirePlan)
		v2 := w.record(key).Live().KeyID
		w.advance(20 * day)
		w.pool("cron").mustRun()
		w.advance(11 * day)
		w.pool("cron").mustRun()
		if w.state(v2) != "Disabled" {
			t.Fatalf("set-up: v2 is %s", w.state(v2))
		}
		if err := w.aws.SetSwitches(slow); err != nil {
			t.Fatal(err)
		}
		a := w.asks(plan.Request{Verb: plan.VerbReinstate}).begin()
		b := w.asks(plan.Request{Verb: plan.VerbReinstate}).begin()
		<-a
		<-b
		if w.state(v2) != "Enabled" || w.state(v1) != "Disabled" {
			t.Errorf("v2 is %s, v1 is %s", w.state(v2), w.state(v1))
		}
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		if w.state(v1) != "Enabled" {
			t.Errorf("v1 is %s", w.state(v1))
		}
		w.sound()
	})
}

// Written first: after a crash at any later call of a reinstate the next run,
// also under hold, or the person who types it again, does the rest. Before that
// it is no target.
func TestReinstateAfterACrash(t *testing.T) {
	for _, operation := range []string{"DescribeKey", "CancelKeyDeletion", "EnableKey", "UpdateItem"} {
		for _, then := range []string{"cron", "cron under hold", "typed again"} {
			t.Run(operation+" then "+then, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, key, v1 := deleted(t)
					ordinal := 1 // for UpdateItem, DescribeKey: the second is after the write
					if operation == "UpdateItem" || operation == "DescribeKey" {
						ordinal = 2
					}
					crash := newCrash(w.wire(), operation, ordinal)
					w.poolOnCrash("person", crash, plan.Request{Verb: plan.VerbReinstate, Reason: "x"})
					e, ok := draining(w.record(key), v1)
					if !ok || e.LookAfter.IsZero() {
						t.Fatalf("after the crash: %+v", e)
					}
					q := plan.Request{Verb: plan.VerbRollback, Version: 1}
					if k := only(t, w.asks(q).run(t.Context())); k.Refusal == nil || k.Refusal.Code != "bad-target" {
						t.Errorf("rollback onto it: %s", k.Outcome)
					}
					w.advance(2 * time.Minute)
					switch then {
					case "typed again":
						w.asks(plan.Request{Verb: plan.VerbReinstate}).mustRun()
					case "cron under hold":
						w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
						fallthrough
					default:
						w.pool("cron").mustRun()
					}
					e, ok = draining(w.record(key), v1)
					if s := w.state(v1); s != "Enabled" || !ok || !e.LookAfter.IsZero() {
						t.Errorf("v1 is %s, %+v", s, e)
					}
					w.sound()
				})
			})
		}
	}
}

// A version that KMS refuses to enable stays due for as long as that lasts. It
// does not keep the key from being rotated, and does not count against it.
func TestReinstateRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, retirePlan)
		w.fault(sandbox.Fault{Operation: "EnableKey", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		k := only(t, w.asks(plan.Request{Verb: plan.VerbReinstate}).run(t.Context()))
		if k.Outcome != plan.Failed || !strings.Contains(k.Err.Error(), "denied") {
			t.Fatalf("%s %v", k.Outcome, k.Err)
		}
		for range 25 {
			w.advance(day)
			if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Failed {
				t.Errorf("cron: %s %v", k.Outcome, k.Reasons)
			}
		}
		r := w.record(key)
		if r.Generation != 3 || r.Hold != nil || r.Attempts != nil {
			t.Errorf("%s, hold %+v, attempts %+v", r, r.Hold, r.Attempts)
		}
		w.noFaults()
		w.advance(2 * time.Minute)
		w.pool("cron").mustRun()
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("v1 is %s", s)
		}
		w.sound()
	})
}

// A version that is reinstated and then deleted for good by somebody: it is
// said once, and the key goes on.
func TestReinstatedAndGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, retirePlan)
		crash := newCrash(w.wire(), "EnableKey", 1)
		w.poolOnCrash("person", crash, plan.Request{Verb: plan.VerbReinstate, Reason: "x"})
		w.deleteByHand(v1)
		w.advance(8 * day)
		if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Refused ||
			k.Refusal.Code != "version-gone" {
			t.Errorf("%s %+v", k.Outcome, k.Refusal)
		}
		w.advance(20 * day)
		w.pool("cron").mustRun()
		if g := w.record(key).Generation; g != 3 {
			t.Errorf("generation %d", g)
		}
		w.sound()
	})
}

// A reinstate does not repair a live version that was disabled by hand.
func TestReinstateOfTheLiveVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, _ := retired(t, retirePlan)
		if k := only(t, w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 2}).mustRun()); k.Changed() {
			t.Errorf("%v", k.Reasons)
		}
		w.disableByHand(w.record(key).Live().KeyID)
		k := only(t, w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 2}).run(t.Context()))
		if k.Outcome != plan.Refused || k.Refusal.Code != "active-disabled" {
			t.Errorf("%s %+v", k.Outcome, k.Refusal)
		}
		w.sound()
	})
}
