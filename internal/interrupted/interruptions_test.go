//go:build unix

package interrupted

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// interruption is what happens to a run at one of its requests.
type interruption struct {
	name   string
	where  moment
	victim ending
	// clock is by how much AWS's clock advances in that time.
	clock time.Duration
	// cut says that the request, or its answer, never arrives.
	cut bool
}

// ending says how the interrupted process ends.
type ending string

const (
	spared  ending = ""
	killed  ending = "killed"  // SIGKILL
	stopped ending = "stopped" // SIGSTOP, and SIGCONT when two more pools have run
)

// A process that is killed with its request on the way is two cases: the
// request gets lost, or arrives when others have gone on.
var (
	killedBefore     = interruption{"killed before", before, killed, pastLease, true}
	killedAfter      = interruption{"killed after", after, killed, pastLease, true}
	killedAndLate    = interruption{"killed, arrives late", before, killed, pastLease, false}
	killedAndTooLate = interruption{"killed, arrives too late", before, killed, pastFence, false}

	stoppedBefore     = interruption{"stopped before, over the lease", before, stopped, pastLease, false}
	stoppedBeforeLong = interruption{"stopped before, over the fence", before, stopped, pastFence, false}
	stoppedAfter      = interruption{"stopped after, over the lease", after, stopped, pastLease, false}
	stoppedAfterLong  = interruption{"stopped after, over the fence", after, stopped, pastFence, false}

	requestDropped = interruption{"request dropped", before, spared, 0, true}
	answerDropped  = interruption{"answer dropped", after, spared, 0, true}
)

// at returns the interruptions of the n-th request. Those of every day reach every
// state that a kill can leave (killed after n is killed before n+1), stop each
// process over every request in one of the four ways, and lose both ways what
// changes anything.
func at(n int, operation string) []interruption {
	if *all {
		return []interruption{killedBefore, killedAfter, killedAndLate, killedAndTooLate,
			stoppedBefore, stoppedBeforeLong, stoppedAfter, stoppedAfterLong, requestDropped, answerDropped}
	}
	if testing.Short() {
		return [][]interruption{{killedAfter}, nil, {stopAt(n)}, nil}[n%4]
	}
	today := []interruption{killedAfter, stopAt(n)}
	if changes[operation] {
		today = append(today, requestDropped, answerDropped)
	}
	return today
}

// stopAt uses the four ways of stopping in turn.
func stopAt(n int) interruption {
	stops := []interruption{stoppedBeforeLong, stoppedAfter, stoppedAfterLong, stoppedBefore}
	return stops[n%len(stops)]
}

func TestRotation(t *testing.T)  { rotation.interrupted(t, at) }
func TestRollback(t *testing.T)  { rollback.interrupted(t, at) }
func TestDisabling(t *testing.T) { disabling.interrupted(t, at) }
func TestDeletion(t *testing.T)  { deletion.interrupted(t, at) }

// The third pool is a person who takes the rotation back. A run that was stopped
// around a change of anything wakes up when nothing is as it was.
func TestRotationUndone(t *testing.T) {
	undone.interrupted(t, func(n int, operation string) []interruption {
		switch {
		case *all || testing.Short():
			return at(n, operation)
		case changes[operation]:
			return []interruption{stoppedBeforeLong, stoppedAfterLong}
		}
		return []interruption{stopAt(n)}
	})
}

// interrupted interrupts an act at each of its requests.
func (a act) interrupted(t *testing.T, at func(n int, operation string) []interruption) {
	t.Parallel()
	state := a.from.state(t)
	operations := a.undisturbed(t)
	for n, operation := range operations {
		for _, i := range at(n+1, operation) {
			t.Run(fmt.Sprintf("%d %s %s", n+1, operation, i.name), func(t *testing.T) {
				t.Parallel()
				w := open(t, state)
				defer w.logFailure()
				a.interrupt(w, n+1, i)
				if i == answerDropped && operation == "UpdateItem" {
					w.recognised(operations)
				}
			})
		}
	}
}

// interrupt interrupts one run at its n-th request, while two more pools run;
// when they are done the run goes on, if it can. Then two more runs bring
// everything to rest, and what must hold is checked.
func (a act) interrupt(w *world, n int, i interruption) {
	begun := w.look()
	victim, held := w.startHeld("victim", nth(n), i.where, a.args...)
	second := w.start("second", cron...)
	<-w.proxy.begun("second")
	switch i.victim {
	case killed:
		victim.kill()
	case stopped:
		victim.stop()
	case spared:
		held.cut()
	}
	w.advance(i.clock)
	args, exits := a.thirdPool()
	third := w.start("third", args...)
	if i.clock == pastFence {
		second.ends(0, 11) // on AWS's clock its --wait may be over at once
	} else {
		second.ends(0)
	}
	third.ends(exits...)
	switch i.victim {
	case killed:
		held.release(i.cut)
		victim.ends(-1)
	case stopped:
		held.release(i.cut)
		victim.resume()
		victim.ends(0, 1)
	case spared:
		victim.ends(0, 1)
	}
	if got := w.applied("victim", n); got != (i.where == after || !i.cut) {
		w.t.Errorf("whether request %d was applied: %v", n, got)
	}
	w.settles()
	a.done(w.t, w.atTheEnd(begun), w.wroteBy("victim"))
}

// recognised checks that a run whose write was applied and not answered has
// taken it for its own when it was repeated: it then makes no other writes than
// an undisturbed run. One that confirmed the same move twice would leave a
// fence behind, and a rollback would have to wait for it.
func (w *world) recognised(undisturbed []string) {
	w.t.Helper()
	want, got := 0, 0
	for _, operation := range undisturbed {
		if operation == "UpdateItem" {
			want++
		}
	}
	for _, s := range w.story.soFar() {
		if s.pool == "victim" && s.operation == "UpdateItem" && s.after != nil {
			got++
		}
	}
	if got != want {
		w.t.Errorf("the run made %d writes, undisturbed it makes %d", got, want)
	}
}

// applied reports whether the n-th request of a process has reached AWS.
func (w *world) applied(pool string, n int) bool {
	return slices.ContainsFunc(w.story.soFar(), func(s scene) bool { return s.pool == pool && s.n == n })
}

// release ends the hold one way or the other.
func (h *hold) release(cut bool) {
	if cut {
		h.cut()
		return
	}
	h.pass()
}

// wroteBy reports whether a process changed the record.
func (w *world) wroteBy(pool string) bool {
	return slices.ContainsFunc(w.story.soFar(), func(s scene) bool {
		return s.pool == pool && s.operation == "UpdateItem" && s.after != nil
	})
}
