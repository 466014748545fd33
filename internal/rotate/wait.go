package rotate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// The pauses. Each is drawn from the upper half of its length; see jitter.
const (
	firstPause = 250 * time.Millisecond
	longPause  = 2 * time.Second
	// farPause is between looks at a record whose fence is minutes away.
	farPause = 15 * time.Second
	// windowJitter spreads the pools in time after a window opened.
	windowJitter = 2 * time.Second
)

// growing returns the n-th of several pauses, before jitter: each is twice as
// long as the one before, up to longest.
func growing(n int, longest time.Duration) time.Duration {
	d := firstPause
	for range n {
		if d *= 2; d >= longest {
			return longest
		}
	}
	return d
}

// standBy pauses while another run has the lease or a fence is alive, and reads
// the record again. Once --wait is over, it ends the work on the key.
func (w *worker) standBy(ctx, calls context.Context, d plan.Decision) {
	w.leaveSlot()
	now := w.runner.Now()
	left := d.Act.Until.Sub(now)
	// A person's verb reports at once that a fence outlasts --wait. A lease is
	// often freed early, so it is waited for.
	hopeless := d.Act.Fenced && w.request.Verb != plan.VerbSchedule && d.Act.Until.After(w.deadline)
	if w.runner.Dry || hopeless || !now.Before(w.deadline) {
		w.report.Record, w.report.Reasons = w.record, d.Reasons
		w.report.Busy, w.report.Until = true, d.Act.Until
		w.over = true
		return
	}
	longest := longPause
	if left > plan.LeaseFor {
		longest = farPause
	}
	pause := min(w.runner.jitter(growing(w.pauses, longest)), w.deadline.Sub(now))
	if left > 0 {
		pause = min(pause, left)
	}
	if w.pauses == 0 && w.runner.Log != nil { // logged once, not at every pause
		w.runner.Log(Trace{Key: w.policy.Name, Act: d.Act, Rev: w.rev()})
	}
	w.pauses++
	if w.runner.Sleep(ctx, pause) != nil {
		return // interrupted: decide on the way out
	}
	w.reread(calls)
}

// reread reads this key's record again. If it has changed, the run forgets what
// it saw that another run may have changed. A failed read ends the work on the
// key: the record in hand is too old to go on from.
func (w *worker) reread(calls context.Context) {
	var fresh *plan.Record
	var bad *ddblock.MalformedError
	err := w.runner.Records.ReadEach(calls, w.runner.parallel(), []string{w.policy.Key()},
		func(_ string, record ddblock.Reader) {
			var err error
			fresh, err = record(ddblock.WithEvents)
			bad, _ = errors.AsType[*ddblock.MalformedError](err)
		})
	if bad != nil {
		w.report.Record, w.over = w.record, true
		w.report.refuse(malformedRefusal(w.policy, bad))
		return
	}
	if err != nil {
		w.report.Record, w.report.Outcome, w.over = w.record, plan.Failed, true
		w.report.Err = fmt.Errorf("read the record: %w", err)
		return
	}
	if fresh == nil || w.record == nil || fresh.Rev != w.record.Rev || fresh.Op != w.record.Op {
		w.record = fresh
		w.observed.Lost()
	}
}

// waitForWindow waits for a window that opens within --wait, and reports whether
// it did: a host whose clock is a second fast must not skip a month. Only a run
// that has done nothing yet waits, and only once. The time of --wait starts again
// when the window opens: it must outlast the lease of a run that dies with the
// window's claim.
func (w *worker) waitForWindow(ctx context.Context, stop plan.Act) bool {
	opens := stop.Until
	untouched := !w.waited && !w.runner.Dry && len(w.report.Trace) == 0
	if opens.IsZero() || !untouched || w.request.Verb != plan.VerbSchedule || w.request.Interrupted {
		return false
	}
	now := w.runner.Now()
	if opens.After(w.deadline) || !opens.After(now) {
		return false
	}
	w.leaveSlot()
	if w.runner.Sleep(ctx, opens.Sub(now)+w.runner.jitter(windowJitter)) != nil {
		return true
	}
	w.waited, w.deadline = true, w.runner.Now().Add(w.runner.Wait)
	w.reread(context.WithoutCancel(ctx))
	return true
}

// pauseBefore pauses before an act that is repeated.
func (w *worker) pauseBefore(ctx context.Context, act plan.Act) {
	if act.Try > 0 && !w.runner.Dry {
		_ = w.runner.Sleep(ctx, w.runner.jitter(growing(act.Try-1, longPause)))
	}
}

// enterSlot reports whether the worker has one of the run's slots. If it had to
// wait for one, the record in hand was old and was read again: it returns false,
// and the caller decides again.
func (w *worker) enterSlot(ctx, calls context.Context) bool {
	if w.slotted {
		return true
	}
	if w.slots.Try() {
		w.slotted = true
		return true
	}
	if w.slots.Take(ctx) != nil {
		return false
	}
	w.slotted = true
	w.reread(calls)
	return false
}

// leaveSlot gives the slot to another worker of the run, if this one has it.
func (w *worker) leaveSlot() {
	if w.slotted {
		w.slots.Free()
		w.slotted = false
	}
}

// Sleep pauses for d or until the context ends.
func Sleep(ctx context.Context, d time.Duration) error { return awscall.Host{}.Pause(ctx, d) }
