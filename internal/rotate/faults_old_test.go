package rotate_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// act is one thing that is done with old versions: how the world stands before
// it, who does it, and what must be true when it is done.
type act struct {
	name  string
	world func(*testing.T) (*world, plan.Policy, string)
	q     plan.Request
	done  func(w *world, key plan.Policy, v1 string) error
	typed bool // a person has to type it again if it was not even begun
}

var actsOnOld = []act{
	{"rollback", func(t *testing.T) (*world, plan.Policy, string) { return switched(t, retirePlan) },
		plan.Request{Verb: plan.VerbRollback, Reason: "x"},
		func(w *world, key plan.Policy, v1 string) error {
			if r := w.record(key); r.Step != plan.Steady || r.Live().KeyID != v1 ||
				w.names(key.Alias) != v1 || r.Generation != 3 {
				return fmt.Errorf("%s on v%d", r, r.Active)
			}
			return nil
		}, true},
	{"retirement", func(t *testing.T) (*world, plan.Policy, string) { return drained(t, retirePlan) },
		plan.Request{Verb: plan.VerbSchedule},
		func(w *world, key plan.Policy, v1 string) error {
			if e, ok := wasRetired(w.record(key), v1); !ok || w.state(v1) != "Disabled" || e.DisabledAt.IsZero() {
				return fmt.Errorf("v1 is %s, %+v", w.state(v1), e)
			}
			return nil
		}, false},
	{"deletion", func(t *testing.T) (*world, plan.Policy, string) {
		w, key, v1 := retired(t, deletePlan)
		w.advance(12*day + time.Hour)
		return w, key, v1
	}, plan.Request{Verb: plan.VerbSchedule},
		func(w *world, key plan.Policy, v1 string) error {
			if e, _ := wasRetired(w.record(key), v1); w.state(v1) != "PendingDeletion" || e.DeleteAt.IsZero() {
				return fmt.Errorf("v1 is %s, %+v", w.state(v1), e)
			}
			return nil
		}, false},
	{"reinstate", deleted, plan.Request{Verb: plan.VerbReinstate, Reason: "x"},
		func(w *world, key plan.Policy, v1 string) error {
			if e, ok := draining(w.record(key), v1); !ok || w.state(v1) != "Enabled" || !e.LookAfter.IsZero() {
				return fmt.Errorf("v1 is %s, %+v", w.state(v1), e)
			}
			return nil
		}, true},
}

// A fault at each call in turn, of each kind: the run, or the next ones, do
// the rest; no invariant is broken on the way; nothing is done twice.
func TestFaultAtEachCallOnOldVersions(t *testing.T) {
	t.Parallel()
	step := 1
	if testing.Short() {
		step = 4
	}
	for _, a := range actsOnOld {
		for _, fault := range []sandbox.Fault{
			{Kind: sandbox.Drop}, {Kind: sandbox.Lose, Mutating: true}, // a look that is lost is one that was dropped
			{Kind: sandbox.Refuse, Code: "AccessDeniedException"},
		} {
			t.Run(a.name+" "+string(fault.Kind)+fault.Code, func(t *testing.T) {
				for n := 1; ; n += step {
					last := false
					synctest.Test(t, func(t *testing.T) {
						w, key, v1 := a.world(t)
						fault.Caller, fault.Ordinal = "faulty", n
						w.fault(fault)
						seq := w.seq()
						p := w.pool("faulty")
						p.request = a.q
						_, _ = p.Do(t.Context(), w.plan.Keys, a.q)
						calls := 0
						for _, e := range w.aws.Journal() {
							if e.Seq > seq && (e.Mutates || e.Lost != "" || !fault.Mutating) {
								calls++
							}
						}
						last = calls < n
						w.noFaults()
						w.settle(a, key, v1)
						if err := a.done(w, key, v1); err != nil {
							t.Errorf("fault at call %d: %v", n, err)
						}
						w.sound()
					})
					if last || t.Failed() {
						return
					}
				}
			})
		}
	}
}

// The process dies before, or after, each of its calls.
func TestCrashAtEachCallOnOldVersions(t *testing.T) {
	t.Parallel()
	step := 1
	if testing.Short() {
		step = 4
	}
	for _, a := range actsOnOld {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(a.name, " after ", after), func(t *testing.T) {
				for n := 1; ; n += step {
					at := ""
					synctest.Test(t, func(t *testing.T) {
						w, key, v1 := a.world(t)
						s := newCrash(w.wire(), "", n)
						s.after, s.changing = after, after // after a look is before the next call
						w.poolOnCrash("dies", s, a.q)
						at = s.at
						w.settle(a, key, v1)
						if err := a.done(w, key, v1); err != nil {
							t.Errorf("dead at call %d, %s: %v", n, at, err)
						}
						w.sound()
					})
					if at == "" || t.Failed() {
						return
					}
				}
			})
		}
	}
}

// settle lets leases, fences and marks run out and gives the next runs their
// turn; what a person asked for and was not begun is typed again.
func (w *world) settle(a act, key plan.Policy, v1 string) {
	w.t.Helper()
	if r := w.record(key); r.Step == plan.Steady && a.typed && a.done(w, key, v1) != nil {
		w.advance(2 * time.Minute)
		p := w.asks(a.q)
		p.Wait = 30 * time.Minute
		p.mustRun()
	}
	for _, d := range []time.Duration{plan.LeaseFor + time.Second, plan.FenceFor, 15 * time.Minute, day} {
		if a.done(w, key, v1) == nil {
			return
		}
		w.advance(d)
		w.pool("next").mustRun()
	}
}
