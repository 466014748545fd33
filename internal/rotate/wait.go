package rotate

import (
	"context"
	"fmt"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// The pauses. Each is drawn at random from its upper half.
const (
	firstPause = 250 * time.Millisecond
	longPause  = 2 * time.Second
	// farPause is between looks at a record whose fence is minutes away.
	farPause = 15 * time.Second
	// windowJitter spreads the pools after a window has opened.
	windowJitter = 2 * time.Second
)

// growing gives the n-th pause of a row, before jitter, up to the longest.
func growing(n int, longest time.Duration) time.Duration {
	d := firstPause
	for range n {
		if d *= 2; d >= longest {
			return longest
		}
	}
	return d
}

// standBy waits a little for another run's lease, or for a fence, and reads
// the record anew. Once --wait is over, that is the end.
func (w *worker) standBy(ctx, calls context.Context, d plan.Decision) {
	w.leaveSlot()
	now := w.runner.Now()
	left := d.Act.Until.Sub(now)
	// A person is told at once of a fence that outlasts --wait. A lease is
	// often given back early.
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
	if w.pauses == 0 && w.runner.Log != nil { // said once, not at every look
		w.runner.Log(Trace{Key: w.policy.Name, Act: d.Act, Rev: w.rev()})
	}
	w.pauses++
	if w.runner.Sleep(ctx, pause) != nil {
		return // interrupted: decide on the way out
	}
	w.reread(calls)
}

// reread reads this key's record alone. What another run may have changed is
// forgotten if the record has changed. Without an answer that is the end: the
// record in hand is too old to go on from.
func (w *worker) reread(calls context.Context) {
	records, err := w.runner.Records.Read(calls, []string{w.policy.Key()})
	if bad := ddblock.Malformed(err)[w.policy.Key()]; bad != nil {
		w.report.Record, w.over = w.record, true
		w.report.refuse(malformedRefusal(w.policy, bad))
		return
	}
	if err != nil {
		w.report.Record, w.report.Outcome, w.over = w.record, plan.Failed, true
		w.report.Err = fmt.Errorf("read the record: %w", err)
		return
	}
	fresh := records[w.policy.Key()]
	if fresh == nil || w.record == nil || fresh.Rev != w.record.Rev || fresh.Op != w.record.Op {
		w.record = fresh
		w.observed.Lost()
	}
}

// waitForWindow waits for a window that opens within --wait, so that a host
// whose clock is a second fast does not skip a month. Only a run that has done
// nothing yet waits, and once: then the time for standing by begins, for it must
// outlast the lease of whoever dies with the window's claim.
func (w *worker) waitForWindow(ctx context.Context, stop plan.Act) bool {
	opens := stop.Until
	if opens.IsZero() || w.waited || w.runner.Dry || len(w.report.Trace) > 0 || w.request.Verb != plan.VerbSchedule || w.request.Interrupted {
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

// pauseBefore waits before an act is repeated.
func (w *worker) pauseBefore(ctx context.Context, act plan.Act) {
	if act.Try > 0 && !w.runner.Dry {
		_ = w.runner.Sleep(ctx, w.runner.jitter(growing(act.Try-1, longPause)))
	}
}

// enterSlot waits for one of the run's few places. After a wait the record in
// hand is old and is read again; the caller then decides anew.
func (w *worker) enterSlot(ctx, calls context.Context) bool {
	if w.slotted {
		return true
	}
	select {
	case w.slots <- struct{}{}:
		w.slotted = true
		return true
	default:
	}
	select {
	case w.slots <- struct{}{}:
		w.slotted = true
	case <-ctx.Done():
		return false
	}
	w.reread(calls)
	return false
}

func (w *worker) leaveSlot() {
	if w.slotted {
		<-w.slots
		w.slotted = false
	}
}

// Sleep pauses for d or until the context ends.
func Sleep(ctx context.Context, d time.Duration) error { return awscall.Host{}.Pause(ctx, d) }
