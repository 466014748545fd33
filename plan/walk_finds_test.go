package plan_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A walk that finds nothing proves nothing unless it can find something. Here
// each rule of the protocol is broken in turn, and the walk must see it.

func latestOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// finds draws schedules in which the rules are broken until one violates an
// invariant whose message begins with want.
func finds(t *testing.T, want string, person []func(*world) string, change func(*ways)) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it walks to see that the walk is right")
	}
	s := scene{person: person}
	k := newWalk()
	k.some(func() *world { return s.begin(rich, change) }, 60000, rand.New(rand.NewPCG(5, 4)))
	k.mustFind(t, want)
}

// harms walks every schedule of a small budget, blind to the fence itself, for
// what comes of its being wrong.
func harms(t *testing.T, want string, left budget, clock []time.Duration, change func(*ways)) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it walks to see that the walk is right")
	}
	k := newWalk()
	k.every(scene{clock: clock}.begin(left, func(w *ways) { change(w); w.harmOnly = true }))
	k.mustFind(t, want)
}

func (k *walk) mustFind(t *testing.T, want string) {
	t.Helper()
	switch {
	case k.why == "":
		t.Errorf("nothing found in %s", k)
	case !strings.HasPrefix(k.why, want):
		t.Errorf("found %q, want %q\n%s", k.why, want, k.found.trail)
	default:
		t.Logf("%s, after %s", k.why, k)
	}
}

// instead changes the record after each write.
func instead(change func(before, n *plan.Record, a plan.Act)) func(*ways) {
	return func(w *ways) {
		w.apply = func(r *plan.Record, a plan.Act) *plan.Record {
			n := plan.Apply(r, a)
			change(r, n, a)
			return n
		}
	}
}

// decides changes the act that plan.Decide has decided on.
func decides(change func(now time.Time, p plan.Policy, r *plan.Record, o plan.Observed, a *plan.Act)) func(*ways) {
	return func(w *ways) {
		w.decide = func(now time.Time, p plan.Policy, r *plan.Record, q plan.Request, o plan.Observed) plan.Decision {
			d := plan.Decide(now, p, r, q, o)
			change(now, p, r, o, &d.Act)
			return d
		}
	}
}

func TestWalkFindsAShortFence(t *testing.T) {
	t.Parallel()
	short := instead(func(_, n *plan.Record, a plan.Act) {
		if a.Kind == plan.WriteConfirm { // shorter than a signature lives
			n.Fence.Until = a.At.Add(4 * time.Minute)
		}
	})
	finds(t, "7: no fence", nil, short)
	clock := []time.Duration{91 * time.Second}
	harms(t, "7: a generation was begun", budget{faults: 1, clock: 3, starts: 1}, clock, short)
}

func TestWalkFindsTheWriteBeforeTheSignature(t *testing.T) {
	t.Parallel()
	harms(t, "1: ", budget{pauses: 1, clock: 2, starts: 2}, twoSteps, func(w *ways) { w.datedAtSend = true })
}

func TestWalkFindsFinishOnObservation(t *testing.T) {
	t.Parallel()
	early := decides(func(now time.Time, p plan.Policy, r *plan.Record, o plan.Observed, a *plan.Act) {
		if a.Kind == plan.SignMove && r.Step == plan.Switching && o.Alias.KeyID == r.Next().KeyID {
			*a = plan.Writing(r.Target, r.Next().KeyID, plan.FinishWrite{Window: latestOf(r.Window, r.Claim.Window),
				Leaving: plan.Leaving{Drain: r.Claim.Drain, Retire: p.Retire}})
			a.Writer = plan.Writer{At: now, Rev: r.Rev + 1, Self: o.Self, Key: r.Key}
		}
	})
	finds(t, "2: ", []func(*world) string{rollBack}, early)
}

func TestWalkFindsAVersionAliasNotChecked(t *testing.T) {
	t.Parallel()
	finds(t, "8: v", nil, func(w *ways) { w.anyName = true })
}

func TestWalkFindsTheFenceRemovedTooEarly(t *testing.T) {
	t.Parallel()
	finds(t, "7: no fence", nil, instead(func(_, n *plan.Record, a plan.Act) {
		// one is answered, another may be out
		if w, finishes := a.Write.(plan.FinishWrite); finishes && w.Answered || noteOf(a).Answered {
			n.Fence = nil
		}
	}))
}

func TestWalkFindsSignersForgotten(t *testing.T) {
	t.Parallel()
	// A fence that is over is not begun again by the next signature: a run that
	// comes back would strike the new one off.
	finds(t, "7: ", nil, instead(func(before, n *plan.Record, a plan.Act) {
		if a.Kind == plan.WriteTakeover {
			n.Fence = nil
		}
	}))
}

func TestWalkFindsAYoungVersionRotated(t *testing.T) {
	t.Parallel()
	finds(t, "9: a version younger", nil, func(w *ways) {
		w.decide = func(now time.Time, p plan.Policy, r *plan.Record, q plan.Request, o plan.Observed) plan.Decision {
			p.MinInterval = time.Nanosecond
			return plan.Decide(now, p, r, q, o)
		}
	})
}

func TestWalkFindsAClaimUnderAFence(t *testing.T) {
	t.Parallel()
	finds(t, "7: a generation was begun", []func(*world) string{rollBack}, func(w *ways) {
		w.decide = func(now time.Time, p plan.Policy, r *plan.Record, q plan.Request, o plan.Observed) plan.Decision {
			if r != nil && r.Step == plan.Steady && r.Fence != nil {
				r = r.Clone()
				r.Fence = nil
			}
			return plan.Decide(now, p, r, q, o)
		}
	})
}

// The holes that were there before the walk.

func TestWalkFindsSendingWhatWasThrownAway(t *testing.T) {
	t.Parallel()
	k := newWalk()
	thrownAway := decides(func(_ time.Time, _ plan.Policy, r *plan.Record, o plan.Observed, a *plan.Act) {
		m := o.SignedMove
		if a.Kind == plan.SignMove && m != nil && m.Confirmed && m.Answer == nil && m.Generation == r.Generation {
			a.Kind = plan.SendMove
		}
	})
	k.every(scene{}.begin(budget{clock: 1, faults: 1}, thrownAway))
	k.mustFind(t, "7: no fence")
}

func TestWalkFindsAStrikeMadeTwice(t *testing.T) {
	t.Parallel()
	// Too rare to be drawn: every schedule with two runs and two faults.
	k := newWalk()
	k.every(scene{}.begin(budget{faults: 2, starts: 1, switches: 2}, func(w *ways) {
		w.decide = func(now time.Time, p plan.Policy, r *plan.Record, q plan.Request, o plan.Observed) plan.Decision {
			if o.SignedMove != nil { // the run believes to know of all its writes
				r, m := r.Clone(), *o.SignedMove
				r.Events, m.Revs, o.SignedMove = []plan.Event{{Rev: 1}}, []int64{1}, &m
				return plan.Decide(now, p, r, q, o)
			}
			return plan.Decide(now, p, r, q, o)
		}
	}))
	k.mustFind(t, "7: ")
}

func TestWalkFindsALaggingReadAdopted(t *testing.T) {
	t.Parallel()
	finds(t, "2: ", []func(*world) string{adoptFound}, func(w *ways) {
		w.decide = func(now time.Time, p plan.Policy, r *plan.Record, q plan.Request, o plan.Observed) plan.Decision {
			o.AliasAt = now.Add(time.Hour)
			return plan.Decide(now, p, r, q, o)
		}
	})
}

func TestWalkFindsSteadyTakenForDone(t *testing.T) {
	t.Parallel()
	// A key that is in order counts as proof that what a person typed was done.
	k := newWalk()
	two := scene{clock: twoSteps[:1], person: []func(*world) string{rollBack, giveUp}}
	k.every(two.begin(budget{clock: 1, pauses: 1, person: 2}, func(w *ways) {
		w.decide = func(now time.Time, p plan.Policy, r *plan.Record, q plan.Request, o plan.Observed) plan.Decision {
			d := plan.Decide(now, p, r, q, o)
			if ref := d.Act.Refusal; ref != nil && ref.Code == "overtaken" && r.Step == plan.Steady {
				d.Act = plan.Act{Kind: plan.Stop, End: plan.End{Outcome: plan.Settled}}
			}
			return d
		}
	}))
	k.mustFind(t, "13: ")
}
