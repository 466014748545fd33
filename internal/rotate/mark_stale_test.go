package rotate_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// A run is paused between marking and sending; meanwhile a rollback onto that
// version is refused, and a person reinstates it. Then the request is sent: one
// that is young is applied, one that is old is refused. In both orders the
// version ends up enabled, and whoever comes after look_after sees to it, also
// under hold; only then it is a target.
func TestStaleMark(t *testing.T) {
	for _, c := range []struct {
		operation string
		world     func(*testing.T) (*world, plan.Policy, string)
		down      string // what the stale request makes of it
	}{
		{"DisableKey", func(t *testing.T) (*world, plan.Policy, string) { return drained(t, retirePlan) }, "Disabled"},
		{"ScheduleKeyDeletion", func(t *testing.T) (*world, plan.Policy, string) {
			w, key, v1 := retired(t, deletePlan)
			w.advance(12*day + time.Hour)
			return w, key, v1
		}, "PendingDeletion"},
	} {
		for _, age := range []time.Duration{time.Minute, 6 * time.Minute} {
			for _, held := range []bool{false, true} {
				name := c.operation + " after " + age.String()
				if held {
					name += " under hold"
				}
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w, key, v1 := c.world(t)
						parked := newPark(w.wire(), c.operation)
						done := w.poolOn("stale", parked).begin()
						<-parked.held
						back := plan.Request{Verb: plan.VerbRollback, Version: 1}
						if k := only(t, w.asks(back).run(t.Context())); k.Refusal == nil ||
							k.Refusal.Code != "bad-target" {
							t.Errorf("rollback onto a marked version: %s", k.Outcome)
						}
						w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1}).mustRun()
						e, _ := draining(w.record(key), v1)
						if w.state(v1) != "Enabled" || e.Fence != nil || !e.LookAfter.After(w.aws.Now()) {
							t.Fatalf("v1 is %s, %+v", w.state(v1), e)
						}
						w.advance(age)
						close(parked.release)
						<-done
						want := c.down
						if age > 5*time.Minute {
							want = "Enabled"
						}
						if s := w.state(v1); s != want {
							t.Errorf("after the stale request v1 is %s, want %s", s, want)
						}
						if k := only(t, w.asks(back).run(t.Context())); k.Refusal == nil ||
							k.Refusal.Code != "bad-target" {
							t.Errorf("rollback before look_after: %s", k.Outcome)
						}
						if held {
							w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
						}
						w.pool("early").mustRun() // before look_after: nobody is in a hurry
						w.advance(e.LookAfter.Sub(w.aws.Now()) + time.Second)
						w.pool("cron").mustRun()
						e, _ = draining(w.record(key), v1)
						if s := w.state(v1); s != "Enabled" || !e.LookAfter.IsZero() {
							t.Errorf("v1 is %s, %+v", s, e)
						}
						w.asks(plan.Request{Verb: plan.VerbRollback, Version: 1}).mustRun()
						if w.names(key.Alias) != v1 {
							t.Error("not rolled back")
						}
						w.sound()
					})
				})
			}
		}
	}
}

// A rollback takes the version while a run is paused between its looks and its
// mark: the mark's write fails, and nothing is sent.
func TestRollbackBeforeTheMark(t *testing.T) {
	for _, at := range []string{"DescribeKey", "ListAliases", "GetKeyLastUsage", "UpdateItem"} {
		t.Run(at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				n := 1
				if at == "UpdateItem" {
					n = 2 // the first says that it asks
				}
				parked := newPause(w.wire(), at, n)
				done := w.poolOn("stale", parked).begin()
				<-parked.held
				seq := w.seq()
				w.asks(plan.Request{Verb: plan.VerbRollback}).mustRun()
				close(parked.release)
				<-done
				if w.names(key.Alias) != v1 || w.state(v1) != "Enabled" || w.calls(seq, "DisableKey") != 0 {
					t.Errorf("v1 is %s", w.state(v1))
				}
				w.sound()
			})
		})
	}
}

// What was seen before a pause counts for nothing: a run that stands still
// between its looks and its mark asks every guard again.
func TestGuardsAreAskedAgainAfterAPause(t *testing.T) {
	for name, meanwhile := range map[string]func(w *world, key plan.Policy, v1 string){
		"used":           func(w *world, _ plan.Policy, v1 string) { w.use(v1) },
		"another alias":  func(w *world, _ plan.Policy, v1 string) { w.aliasByHand("alias/reports", v1) },
		"moved by hand":  func(w *world, key plan.Policy, v1 string) { w.moveByHand(key.Alias, v1) },
		"foreign active": func(w *world, key plan.Policy, _ string) { w.moveByHand(key.Alias, w.makeKey("alias/x")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				pool := w.pool("slow")
				slept := &sleepy{KMS: pool.KMS, nap: func() {
					time.Sleep(time.Hour)
					meanwhile(w, key, v1)
				}}
				pool.KMS = slept
				pool.mustRun()
				if s := w.state(v1); s != "Enabled" || !slept.done {
					t.Errorf("v1 is %s", s)
				}
				w.sound()
			})
		})
	}
}

// A disabling was sent, and no answer came: applied or not. Nobody touches the
// version before the mark is over; then another run looks, checks every guard
// again, and only then goes on.
func TestMarkWithoutAnAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		applied bool
		then    func(w *world, v1 string)
		want    string // state of v1 in the end
		list    string // where it stands in the end
	}{
		{"not applied", false, func(*world, string) {}, "Disabled", "retired"},
		{"applied", true, func(*world, string) {}, "Disabled", "retired"},
		{"not applied, and used since", false, func(w *world, v1 string) { w.use(v1) }, "Enabled", "draining"},
		{"not applied, and another alias since", false,
			func(w *world, v1 string) { w.aliasByHand("alias/reports", v1) }, "Enabled", "draining"},
		{"applied, and another alias since", true,
			func(w *world, v1 string) { w.aliasByHand("alias/reports", v1) }, "Disabled", "retired"},
		{"not applied, and disabled by hand since", false,
			func(w *world, v1 string) { w.disableByHand(v1) }, "Disabled", "retired"},
		{"not applied, and deleted by hand since", false,
			func(w *world, v1 string) { w.deleteByHand(v1) }, "PendingDeletion", "gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				var transport http.RoundTripper = newCrash(w.wire(), "DisableKey", 1)
				if c.applied {
					s := newCrash(w.wire(), "DisableKey", 1)
					s.after = true
					transport = &answerLost{s, "DisableKey"}
				}
				_, _ = w.poolOn("a", transport).Do(t.Context(), w.plan.Keys, plan.Request{Verb: plan.VerbSchedule})
				e, _ := draining(w.record(key), v1)
				if e.Fence == nil || e.Fence.Signers != 1 {
					t.Fatalf("set-up: %+v", e)
				}
				c.then(w, v1)
				seq := w.seq()
				w.advance(e.Fence.Until.Sub(w.aws.Now()) - time.Minute)
				w.pool("b").mustRun()
				if got := w.since(seq); got != "BatchGetItem×1" {
					t.Errorf("before the mark is over: %s", got)
				}
				w.advance(2 * time.Minute)
				k := only(t, w.pool("c").run(t.Context()))
				if gone := c.list == "gone"; gone != (k.Outcome == plan.Refused) ||
					gone && k.Refusal.Code != "version-gone" {
					t.Errorf("%s %+v", k.Outcome, k.Refusal)
				}
				r := w.record(key)
				d, drains := draining(r, v1)
				if s := w.state(v1); s != c.want || drains != (c.list == "draining") || d.Fence != nil {
					t.Errorf("v1 is %s, %+v, retired %+v", s, r.Draining(), r.Retired())
				}
				if e, ok := wasRetired(r, v1); ok && e.Fence != nil {
					t.Errorf("the only signature alive was answered: %+v", e.Fence)
				}
				w.sound()
			})
		})
	}
}

// A refused disabling takes its mark off; nothing else stops for it.
func TestMarkRefused(t *testing.T) {
	for code, outcome := range map[string]plan.Outcome{
		"AccessDeniedException": plan.Failed,
		"ThrottlingException":   plan.Settled,
	} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				w.lose("DisableKey", 1, code)
				k := only(t, w.pool("cron").run(t.Context()))
				e, drains := draining(w.record(key), v1)
				if k.Outcome != outcome || e.Fence != nil || drains != (outcome == plan.Failed) {
					t.Errorf("%s %v, %+v", k.Outcome, k.Err, e)
				}
				w.advance(day + time.Minute)
				w.pool("cron").mustRun()
				if w.state(v1) != "Disabled" {
					t.Errorf("v1 is %s", w.state(v1))
				}
				w.sound()
			})
		})
	}
}

// A mark neither shortens the fence of a switch nor is it confused with it; and
// while a switch may still arrive no old version is asked about.
func TestMarksAndTheFence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := switched(t, retirePlan)
		w.advance(30 * day) // nobody has run since: the next window is due, and v1's deadline over
		w.poolOn("a", &answerLost{w.wire(), "UpdateAlias"}).run(t.Context())
		w.advance(plan.LeaseFor + time.Second)
		w.pool("b").mustRun() // finishes; a's signature is out
		r := w.record(key)
		if r.Step != plan.Steady || r.Fence == nil || w.state(v1) != "Enabled" {
			t.Fatalf("%s, fence %+v, v1 is %s", r, r.Fence, w.state(v1))
		}
		w.advance(11 * time.Minute)
		w.pool("cron").mustRun()
		if after := w.record(key); after.Rev != r.Rev {
			t.Errorf("%v", after.Events[len(after.Events)-1].Kind)
		}
		w.advance(10 * time.Minute)
		w.pool("cron").mustRun()
		after := w.record(key)
		if w.state(v1) != "Disabled" || after.Fence == nil || !after.Fence.Until.Equal(r.Fence.Until) ||
			after.Fence.Signers != r.Fence.Signers {
			t.Errorf("v1 is %s, fence %+v was %+v", w.state(v1), after.Fence, r.Fence)
		}
		w.sound()
	})
}

// The record is lost while a switch is out, and rebuilt. The version that the
// switch was to has a short drain: it must not be disabled while those bytes
// may still put it behind the alias.
func TestNothingIsMarkedUnderTheFenceOfARebuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, _ := managed(t, strings.NewReplacer("drain: 10d", "drain: 1m", "7d}", "off}").Replace(retirePlan))
		w.advance(31 * day)
		parked := newPark(w.wire(), "UpdateAlias")
		done := w.poolOn("a", parked).begin()
		<-parked.held
		v2 := w.record(key).Next().KeyID
		w.loseRecord(key)
		w.watch.Replaced(key, 0)
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
		w.advance(2 * time.Minute)
		w.pool("cron").mustRun()
		w.watch.Excuse(key.Alias) // the lost record is what lets this move through
		close(parked.release)
		<-done
		if got := w.names(key.Alias); got != v2 {
			t.Fatalf("set-up: the move came too late")
		}
		if s := w.state(v2); s != "Enabled" {
			t.Errorf("the alias names a version that is %s", s)
		}
	})
}

// sleepy stands still when its last look was answered.
type sleepy struct {
	rotate.KMS
	nap  func()
	done bool
}

func (s *sleepy) LastUse(ctx context.Context, keyID string) (plan.UseSeen, error) {
	seen, err := s.KMS.LastUse(ctx, keyID)
	if !s.done {
		s.done = true
		s.nap()
	}
	return seen, err
}
