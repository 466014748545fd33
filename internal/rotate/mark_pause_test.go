package rotate_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// slowSigner takes its time to sign a disabling.
type slowSigner struct {
	rotate.KMS
	takes time.Duration
}

func (s slowSigner) SignDisable(ctx context.Context, keyID string) (*kms.Signed, error) {
	signed, err := s.KMS.SignDisable(ctx, keyID)
	time.Sleep(s.takes)
	return signed, err
}

// A window opens between the signing of a disabling and its mark. What is due
// comes first, and what was seen before the switch does not retire a version
// after it.
func TestWindowOpensWhileAMarkIsSigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := switched(t, retirePlan)
		opens := w.record(key).Anchor.Add(60 * day)
		w.advance(opens.Sub(w.aws.Now()) - 10*time.Second)
		p := w.pool("cron")
		p.Wait = 0
		p.KMS = slowSigner{p.KMS, 20 * time.Second}
		p.mustRun()
		if r := w.record(key); r.Generation != 3 || r.Step != plan.Steady {
			t.Fatalf("%s", r)
		}
		w.advance(day + time.Hour)
		w.pool("cron").mustRun()
		if s := w.state(v1); s != "Disabled" {
			t.Errorf("v1 is %s", s)
		}
		w.sound()
	})
}

// A run has enabled a reinstated version and stands still before it writes so.
// Others finish that; the version drains, is marked, and is reinstated again.
// What the first run did long ago says nothing about the disabling that is
// under way now: it must leave look_after alone.
func TestLookAgainAfterALongPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, retirePlan)
		w.poolOnCrash("person", newCrash(w.wire(), "EnableKey", 1), plan.Request{Verb: plan.VerbReinstate, Reason: "x"})
		w.advance(time.Minute)
		first := newPause(w.wire(), "UpdateItem", 2) // the first said that it sees to it
		firstDone := w.poolOn("first", first).begin()
		<-first.held
		w.advance(2 * time.Minute)
		w.pool("second").mustRun()
		e, _ := draining(w.record(key), v1)
		if w.state(v1) != "Enabled" || !e.LookAfter.IsZero() {
			t.Fatalf("set-up: v1 is %s, %+v", w.state(v1), e)
		}

		w.advance(e.DrainUntil.Sub(w.aws.Now()) + time.Minute)
		third := newPark(w.wire(), "DisableKey")
		thirdDone := w.poolOn("third", third).begin()
		<-third.held
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		due, _ := draining(w.record(key), v1)
		if !due.LookAfter.After(w.aws.Now()) {
			t.Fatalf("set-up: %+v", due)
		}
		close(first.release)
		<-firstDone
		if e, _ = draining(w.record(key), v1); !e.LookAfter.Equal(due.LookAfter) {
			t.Errorf("look_after is %s, was %s", e.LookAfter, due.LookAfter)
		}
		close(third.release) // young, and applied
		<-thirdDone
		w.advance(due.LookAfter.Sub(w.aws.Now()) + time.Second)
		w.pool("cron").mustRun()
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("v1 is %s", s)
		}
		w.sound()
	})
}

// A reinstate stands still after its EnableKey was answered; the disabling that
// was signed before arrives after it. When the reinstate goes on, look_after
// is over: what it did before that says nothing.
func TestReinstateStandsStillPastLookAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := drained(t, retirePlan)
		stale := newPark(w.wire(), "DisableKey")
		staleDone := w.poolOn("stale", stale).begin()
		<-stale.held
		slow := newPause(w.wire(), "EnableKey", 1)
		slow.after = true
		p := w.poolOn("person", slow)
		p.request = plan.Request{Verb: plan.VerbReinstate, Version: 1, Reason: "x"}
		done := p.begin()
		<-slow.held
		w.advance(time.Minute)
		close(stale.release)
		<-staleDone
		time.Sleep(plan.FenceFor) // and not w.advance: this run knows how late it is
		close(slow.release)
		<-done
		w.pool("cron").mustRun()
		e, _ := draining(w.record(key), v1)
		if s := w.state(v1); s != "Enabled" || !e.LookAfter.IsZero() {
			t.Errorf("v1 is %s, %+v", s, e)
		}
		w.sound()
	})
}

// The pause is between the marking write and the sending: what goes out then
// was signed before the write, so its age counts from there and AWS refuses it.
func TestMarkIsSignedBeforeItIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := drained(t, retirePlan)
		pause := newPause(w.wire(), "UpdateItem", 2) // the first says that it asks
		pause.after = true
		done := w.poolOn("stale", pause).begin()
		<-pause.held
		time.Sleep(6 * time.Minute) // the run's own clock goes on: what it signed now would be fresh
		w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
		seq := w.seq()
		close(pause.release)
		<-done
		for _, e := range w.aws.Journal() {
			if e.Seq > seq && e.Operation == "DisableKey" && e.Error != "InvalidSignatureException" {
				t.Errorf("a DisableKey was answered %d %q", e.Status, e.Error)
			}
		}
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("v1 is %s", s)
		}
		w.sound()
	})
}

// A deletion that was signed before arrives between the look of a reinstate and
// its EnableKey: it looks again, cancels, and enables.
func TestDeletionArrivesDuringAReinstate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := retired(t, deletePlan)
		w.advance(12*day + time.Hour)
		stale := newPark(w.wire(), "ScheduleKeyDeletion")
		staleDone := w.poolOn("stale", stale).begin()
		<-stale.held
		slow := newPause(w.wire(), "EnableKey", 1)
		p := w.poolOn("person", slow)
		p.request = plan.Request{Verb: plan.VerbReinstate, Version: 1, Reason: "x"}
		done := p.begin()
		<-slow.held
		close(stale.release)
		<-staleDone
		if s := w.state(v1); s != "PendingDeletion" {
			t.Fatalf("set-up: v1 is %s", s)
		}
		close(slow.release)
		if k := only(t, <-done); k.Outcome != plan.Settled || w.state(v1) != "Enabled" {
			t.Errorf("%s %v, v1 is %s", k.Outcome, k.Err, w.state(v1))
		}
		w.sound()
	})
}
