package rotate_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// landsUnheard is a transport whose n-th call of an operation is applied; its answer is lost
// once the test says so.
type landsUnheard struct {
	*park
	n, seen int
}

func (l *landsUnheard) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(r)
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+l.operation) {
		return res, err
	}
	if l.seen++; l.seen != l.n || err != nil {
		return res, err
	}
	_ = res.Body.Close()
	close(l.held)
	<-l.release
	return nil, errBroken
}

var retireV1 = plan.Request{Verb: plan.VerbRetire, Version: 1}

// Cron's disabling is refused, and the answer to the write that takes its mark off is lost. A
// person marks the version within the minute. Cron's run must not take the person's mark off:
// the person's bytes are still out.
func TestRetireJustAfterARefusedDisabling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := drained(t, retirePlan)
		w.lose("DisableKey", 1, "AccessDeniedException")
		heard := &landsUnheard{park: newPark(w.wire(), "UpdateItem"), n: 3} // checked, mark, mark no
		cronDone := w.poolOn("cron", heard).begin()
		<-heard.held
		w.noFaults()
		if e, _ := draining(w.record(key), v1); e.Fence != nil {
			t.Fatalf("set-up: %+v", e)
		}
		parked := newPark(w.wire(), "DisableKey")
		done := w.asksOn(parked, retireV1).begin()
		<-parked.held
		if e, _ := draining(w.record(key), v1); e.Fence == nil {
			t.Fatalf("set-up: %+v", e)
		}
		close(heard.release)
		<-cronDone
		if e, _ := draining(w.record(key), v1); e.Fence == nil {
			t.Errorf("the person's mark is gone while the bytes are out: %+v", e)
		}
		w.asks(plan.Request{Verb: plan.VerbRollback, Version: 1}).run(t.Context())
		close(parked.release)
		<-done
		if w.names(key.Alias) == v1 && w.state(v1) != "Enabled" {
			t.Errorf("the live version is %s", w.state(v1))
		}
		w.sound()
	})
}

// Cron's disabling is out, and the version was reinstated: look_after says until when it may
// arrive. A person retires the version, and another one reinstates it. The bytes are out all
// the same.
func TestRetireAndReinstateWhileBytesAreOut(t *testing.T) {
	for name, roll := range map[string]bool{"alone": false, "and rolled back to": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				parked := newPark(w.wire(), "DisableKey")
				done := w.poolOn("stale", parked).begin()
				<-parked.held
				reinstate := plan.Request{Verb: plan.VerbReinstate, Version: 1}
				w.asks(reinstate).mustRun()
				due, _ := draining(w.record(key), v1)
				w.asks(retireV1).mustRun()
				if w.state(v1) != "Disabled" {
					t.Fatal("set-up")
				}
				w.asks(reinstate).mustRun()
				if e, _ := draining(w.record(key), v1); e.LookAfter.Before(due.LookAfter) {
					t.Errorf("look_after is %s, and the bytes may arrive until %s", e.LookAfter, due.LookAfter)
				}
				if roll {
					w.asks(plan.Request{Verb: plan.VerbRollback, Version: 1}).run(t.Context())
				}
				close(parked.release)
				<-done
				if w.names(key.Alias) == v1 && w.state(v1) != "Enabled" {
					t.Errorf("the live version is %s", w.state(v1))
				}
				w.advance(plan.FenceFor + time.Minute)
				w.pool("cron").run(t.Context())
				if s := w.state(v1); s != "Enabled" {
					t.Errorf("v1 was reinstated, and is %s", s)
				}
				w.sound()
			})
		})
	}
}

// A reinstate was not carried out, and a run's disabling is still out. A person's retire finds
// the version disabled, and another reinstate follows.
func TestRetireOfWhatIsStillDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := drained(t, retirePlan)
		crash := newCrash(w.wire(), "DisableKey", 1) // its bytes are lost: the fence stands
		_, _ = w.poolOn("a", crash).Do(t.Context(), w.plan.Keys, plan.Request{Verb: plan.VerbSchedule})
		w.advance(time.Minute)
		w.poolOnCrash("person", newCrash(w.wire(), "EnableKey", 1), plan.Request{Verb: plan.VerbReinstate, Version: 1,
			Reason: "x"})
		due, _ := draining(w.record(key), v1)
		if !due.LookAfter.After(w.aws.Now().Add(15 * time.Minute)) {
			t.Fatalf("set-up: %+v", due)
		}
		w.disableByHand(v1)
		w.advance(11 * time.Minute)
		w.asks(retireV1).mustRun()
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		if e, _ := draining(w.record(key), v1); e.LookAfter.Before(due.LookAfter) {
			t.Errorf("look_after is %s, and the bytes may arrive until %s", e.LookAfter, due.LookAfter)
		}
	})
}

// A person retired v1. That its deletion is denied later changes nothing about that: a
// reinstate without a version must not choose it.
func TestRetirerAfterADeniedDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := switched(t, deletePlan)
		w.advance(time.Hour)
		w.asks(retireV1).mustRun()
		if v, _ := wasRetired(w.record(key), v1); v.RetiredBy == "" {
			t.Fatalf("set-up: %+v", v)
		}
		w.advance(13 * day)
		w.lose("ScheduleKeyDeletion", 1, "AccessDeniedException")
		w.pool("cron").run(t.Context())
		w.noFaults()
		if v, _ := wasRetired(w.record(key), v1); v.RetiredBy == "" {
			t.Error("who retired v1 is forgotten")
		}
		k := only(t, w.asks(plan.Request{Verb: plan.VerbReinstate}).run(t.Context()))
		if w.state(v1) != "Disabled" {
			t.Errorf("v1, which leaked, is %s again: %v", w.state(v1), k.Reasons)
		}
	})
}

// A reinstate was answered yes and stood still. v1 was retired and reinstated since, and
// nobody has enabled it yet: the first one's yes is older than that.
func TestReinstateWithAYesFromBeforeARetire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := retired(t, retirePlan)
		reinstate := plan.Request{Verb: plan.VerbReinstate, Version: 1, Reason: "x"}
		slow := newPause(w.wire(), "EnableKey", 1)
		slow.after = true
		p := w.poolOn("person", slow)
		p.request = reinstate
		done := p.begin()
		<-slow.held
		time.Sleep(3 * time.Second)
		w.asks(retireV1).mustRun()
		time.Sleep(3 * time.Second)
		w.poolOnCrash("second", newCrash(w.wire(), "EnableKey", 1), reinstate)
		time.Sleep(2 * time.Second)
		close(slow.release)
		if k := only(t, <-done); w.state(v1) != "Enabled" && k.Exit(false) == plan.ExitDone {
			t.Errorf("exit 0, and v1 is %s: %v", w.state(v1), k.Reasons)
		}
	})
}

const shortDeletePlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 25d
keys:
  - alias: alias/orders-data
    retire: {action: delete, unless_used_within: 7d, delete_after: 2d, deletion_window: 7d}
`

// Somebody has disabled v1 while it drains. A person's retire, or a rebuild, finds it so.
// It is deleted no earlier than the deadline of its drain.
func TestDeadlineOfWhatWasFoundDisabled(t *testing.T) {
	for name, q := range map[string]plan.Request{
		"by a retire":  retireV1,
		"by a rebuild": {Verb: plan.VerbAdopt, FromKMS: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := switched(t, shortDeletePlan)
				e, _ := draining(w.record(key), v1)
				w.advance(time.Hour)
				w.disableByHand(v1)
				w.asks(q).mustRun()
				w.advance(3 * day)
				w.pool("cron").mustRun()
				if s := w.state(v1); s != "Disabled" {
					t.Errorf("v1 is %s %s before its deadline", s, e.DrainUntil.Sub(w.aws.Now()))
				}
				if q.Verb == plan.VerbRetire { // a rebuild leaves a gap in the revisions
					w.sound()
				}
			})
		})
	}
}

// A person's retire was undone before it did anything, and cron has disabled the version later.
// The record is lost, and made again: nobody has retired the version by hand.
func TestRetirerOfAnUndoneRetireAfterARebuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := switched(t, retirePlan)
		w.advance(time.Hour)
		w.poolOnCrash("person", newCrash(w.wire(), "DisableKey", 1), plan.Request{Verb: plan.VerbRetire, Version: 1,
			Reason: "x"})
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		w.advance(time.Hour)
		w.pool("cron").mustRun()
		w.advance(11 * day)
		w.pool("cron").mustRun()
		v, _ := wasRetired(w.record(key), v1)
		if w.state(v1) != "Disabled" || v.RetiredBy != "" {
			t.Fatalf("set-up: v1 is %s, %+v", w.state(v1), v)
		}
		w.loseRecord(key)
		w.watch.Replaced(key, 0)
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
		if v, _ := wasRetired(w.record(key), v1); v.RetiredBy != "" {
			t.Errorf("cron has disabled v1, and %s is said to have retired it", v.RetiredBy)
		}
	})
}

// Cron's disabling is out, and the version was reinstated. A person's retire is denied: it must
// not end what the reinstate has promised.
func TestDeniedRetireWhileBytesAreOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := drained(t, retirePlan)
		parked := newPark(w.wire(), "DisableKey")
		done := w.poolOn("stale", parked).begin()
		<-parked.held
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		w.lose("DisableKey", 1, "AccessDeniedException")
		if k := only(t, w.asks(retireV1).run(t.Context())); k.Outcome != plan.Failed {
			t.Fatalf("set-up: %s", k.Outcome)
		}
		w.noFaults()
		close(parked.release)
		<-done
		w.advance(plan.FenceFor + time.Minute)
		w.pool("cron").run(t.Context())
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("v1 was reinstated, its retire was denied, and it is %s", s)
		}
		w.sound()
	})
}

// noEnable is a transport on which no EnableKey arrives.
type noEnable struct{ next http.RoundTripper }

func (n noEnable) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".EnableKey") {
		return nil, errBroken
	}
	return n.next.RoundTrip(r)
}

// A run of cron could not enable a reinstated version. That somebody has written the record
// before it ended does not make that good.
func TestNotEnabledAndARecordThatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := retired(t, retirePlan)
		w.poolOnCrash("person", newCrash(w.wire(), "EnableKey", 1), plan.Request{Verb: plan.VerbReinstate, Version: 1,
			Reason: "x"})
		w.advance(time.Minute)
		last := newPause(noEnable{w.wire()}, "BatchGetItem", 2)
		done := w.poolOn("cron", last).begin()
		<-last.held
		w.asks(plan.Request{Verb: plan.VerbHold, Version: 2}).mustRun()
		close(last.release)
		if k := only(t, <-done); k.Exit(false) == plan.ExitDone && w.state(v1) != "Enabled" {
			t.Errorf("exit 0, and v1 is %s", w.state(v1))
		}
	})
}

// The record of a held key is lost, with its ledger. The rebuilt key holds itself until somebody
// releases it. A person's rotation, which works under every hold, releases nothing.
func TestRotateUnderTheHoldOfARebuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, _ := switched(t, retirePlan)
		w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
		w.loseLedger()
		w.loseRecord(key)
		w.watch.Replaced(key, 0)
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
		if h := w.record(key).Hold; h == nil || !h.Self {
			t.Fatalf("set-up: %+v", h)
		}
		w.advance(plan.FenceFor + time.Minute)
		w.asks(plan.Request{Verb: plan.VerbRotate}).mustRun()
		r := w.record(key)
		if r.Hold == nil {
			t.Error("nobody knows whether the key was held, nobody has released it, and it is not held any more")
		}
		w.advance(31 * day)
		w.pool("cron").run(t.Context())
		if now := w.record(key); now.Generation > r.Generation {
			t.Error("cron rotates it")
		}
	})
}
