package rotate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// The pauses. Each is drawn from the upper half of its length; see jitter.
const (
	// firstTry and longTry are the first and the longest pause between two tries of one
	// act.
	firstTry, longTry = 250 * time.Millisecond, 2 * time.Second
	// firstRead and longRead are those between two reads of a record that another run is
	// working on, or that has a fence. Most rotations take seconds. For one that takes a
	// minute, these make ten reads.
	firstRead, longRead = 500 * time.Millisecond, 20 * time.Second
	// spread is in how much time the pools take over after a lease, or begin after a
	// window opened: whoever comes second reads what the first one wrote.
	spread = 3 * time.Second
)

// growing returns the n-th of several pauses, before jitter: each is so many times as long
// as the one before.
func growing(n int, times float64, first, longest time.Duration) time.Duration {
	d := first.Seconds() * math.Pow(times, float64(n))
	return time.Duration(min(d, longest.Seconds()) * float64(time.Second))
}

// standBy pauses while another run has the lease or a fence is alive, and reads
// the record again. Once --wait is over, it ends the work on the key.
func (w *worker) standBy(ctx, calls context.Context, d plan.Decision) {
	w.leave()
	now := w.runner.Now()
	if w.standingBy.IsZero() {
		w.standingBy = now
	}
	until := w.standsByUntil()
	// A person's verb reports at once that a fence outlasts --wait. A lease is
	// often freed early, so it is waited for.
	w.hopeless = d.Act.Fenced && w.request.Verb != plan.VerbSchedule && d.Act.Until.After(until)
	if w.runner.Dry || w.hopeless || !now.Before(until) {
		w.report.Record, w.report.Reasons = w.record, d.Reasons
		w.report.Busy, w.report.Fenced, w.report.Until = true, d.Act.Fenced, d.Act.Until
		w.over = true
		return
	}
	pause := min(w.runner.jitter(growing(w.pauses, 1.7, firstRead, longRead)), until.Sub(now))
	if left := d.Act.Until.Sub(now); left > 0 && pause > left {
		pause = min(left+w.runner.upTo(spread), until.Sub(now))
	}
	if w.pauses == 0 { // logged once, not at every pause
		w.log(w.trace(d.Act), plan.Answer{})
	}
	w.pauses++
	if w.runner.Sleep(ctx, pause) != nil {
		return // interrupted: decide on the way out
	}
	w.rested()
	w.observed.Throttled = nil
	w.reread(calls)
}

// reread reads this key's record again. A failed read ends the work on the key: the
// record in hand is too old to go on from.
func (w *worker) reread(calls context.Context) {
	err := w.runner.Records.ReadEach(calls, w.runner.parallel(), []string{w.policy.Key()},
		func(_ string, record ddblock.Reader) { _ = w.takeAgain(record(ddblock.WithEvents)) })
	if err != nil {
		w.unread(err)
	}
}

// takeAgain takes in the record as it was read again, and reports whether it has changed. A
// malformed one ends the work.
func (w *worker) takeAgain(fresh *plan.Record, err error) (changed bool) {
	if bad, malformed := errors.AsType[*ddblock.MalformedError](err); malformed {
		w.report.Record, w.report.Busy, w.report.Fenced, w.over = w.record, false, false, true
		w.report.refuse(malformedRefusal(w.policy, bad))
		return false
	}
	return w.took(fresh)
}

// unread ends the work on a key whose record could not be read again.
func (w *worker) unread(err error) {
	w.report.Record, w.report.Outcome, w.over = w.record, plan.Failed, true
	w.report.Err = fmt.Errorf("read the record: %w", err)
}

// took takes in a record that was read, and reports whether it has changed. If it has,
// the run forgets what it saw that another run may have changed.
func (w *worker) took(fresh *plan.Record) (changed bool) {
	w.read = w.runner.Now()
	if fresh != nil && w.record != nil && fresh.Rev == w.record.Rev && fresh.Op == w.record.Op {
		return false
	}
	w.observed.LeaseLate(w.runner.Now(), w.record, fresh)
	w.record = fresh
	w.observed.Lost()
	return true
}

// rested forgets what is too old after a pause in which this run did not mean to act.
func (w *worker) rested() {
	late := w.observed.Late
	w.observed.Expire(w.runner.Now())
	w.observed.Late = late
}

// unfinished returns the workers that have to go on: their keys are busy, and the record
// has changed since, or other keys have got on. So no key is reported as busy, or as failed
// for want of an answer, that another run finished before this one ended. In a dry-run they
// are those that were refused.
func (r *Runner) unfinished(ctx context.Context, workers []*worker) []*worker {
	open := map[string]*worker{}
	for _, w := range workers {
		if r.Dry && w.report.Refusal != nil || !r.Dry && (w.report.Busy || w.unsure()) {
			open[w.policy.Key()] = w
		}
	}
	if len(open) == 0 || ctx.Err() != nil {
		return nil
	}
	var again []*worker
	// If it fails, what was read before is reported.
	_ = r.Records.ReadEach(context.WithoutCancel(ctx), r.parallel(), slices.Sorted(maps.Keys(open)),
		func(key string, record ddblock.Reader) {
			w := open[key]
			if w == nil {
				return
			}
			if r.Dry {
				if w.anew(record(ddblock.WithEvents)) {
					again = append(again, w)
				}
				return
			}
			changed := w.takeAgain(record(ddblock.WithEvents))
			w.noteProgress()
			switch {
			case w.unsure():
				if changed {
					w.finishedByOthers(ctx)
				}
			case !w.report.Busy: // the record is malformed now
			case changed || !w.hopeless && r.Now().Before(w.standsByUntil()):
				w.over, w.report.Busy, w.report.Fenced = false, false, false
				w.report.Until, w.report.Reasons = time.Time{}, nil
				w.observed.Throttled = nil
				again = append(again, w)
			}
		})
	return again
}

// mostAnew is how often a dry-run begins with a key again.
const mostAnew = 2

// anew begins a dry-run of a key again whose record was written while KMS was asked: what was
// seen of the two does not belong together. In another run a write would have shown it.
func (w *worker) anew(record *plan.Record, err error) bool {
	was, k := *w, w.report
	same := k.Before == record || k.Before != nil && record != nil && k.Before.Op == record.Op
	if err != nil || same || was.begunAnew == mostAnew {
		return false
	}
	*k = KeyReport{Policy: k.Policy, Request: k.Request, Dry: k.Dry}
	*w = worker{runner: was.runner, executor: was.runner.executor(w), policy: was.policy, request: k.Request,
		shown: was.shown, self: was.self, shared: was.shared, gates: was.gates, progress: was.progress,
		windowBy: was.windowBy, read: was.runner.Now(), report: k, begunAnew: was.begunAnew + 1}
	w.compareLater()
	return w.take(record, nil) == nil
}

// unsure reports whether the work on the key failed without a no from AWS, so that another
// run may have more luck with it.
func (w *worker) unsure() bool {
	if w.request.Verb != plan.VerbSchedule || w.request.Saved != nil {
		return false
	}
	f := w.report.Failure
	return w.report.Outcome == plan.Lagging ||
		w.report.Outcome == plan.Failed && (f == nil || f.Answer.Verdict != plan.No || f.Answer.Soft)
}

// finishedByOthers takes the failure of this run back if the record, which another run has
// written since, shows that nothing is left to do for the key, nor under way.
func (w *worker) finishedByOthers(ctx context.Context) {
	underWay := func(v plan.Version) bool {
		return v.Fence != nil || !v.LookAfter.IsZero() || w.observed.CheckFailed(v)
	}
	if w.record == nil || w.record.Fence != nil || slices.ContainsFunc(w.record.Versions, underWay) {
		return
	}
	was := w.observed
	w.observed = plan.Observed{First: was.First, OwnPolicy: was.OwnPolicy}
	if w.settled(ctx) {
		w.report.Err, w.report.Failure = nil, nil
	} else {
		w.observed = was
	}
	w.finish()
}

// waitForWindow waits for a window that opens within --wait, and reports whether
// it did: a host whose clock is a second fast must not skip a month. Only a run
// that has done nothing yet waits, and only once. The time of --wait starts again
// when the window opens: it must outlast the lease of a run that dies with the
// window's claim. A saved decision has its acts: what is due later is none of them.
func (w *worker) waitForWindow(ctx context.Context, stop plan.Act) bool {
	opens := stop.Until
	untouched := !w.waited && !w.runner.Dry && len(w.report.Trace) == 0
	scheduled := w.request.Verb == plan.VerbSchedule && w.request.Saved == nil
	if opens.IsZero() || !untouched || !scheduled || w.request.Interrupted {
		return false
	}
	now := w.runner.Now()
	if opens.After(w.windowBy) {
		return false
	}
	w.leave()
	if left := opens.Sub(now); left > 0 && w.runner.Sleep(ctx, left+w.runner.jitter(spread)) != nil {
		return true
	}
	w.waited = true // also if it has opened since the decision
	w.progress.made(w.runner.Now())
	w.reread(context.WithoutCancel(ctx))
	return true
}

// patient reports whether the run waits if the table throttles.
func (w *worker) patient() bool { return !w.runner.Dry && w.runner.Now().Before(w.standsByUntil()) }

// pauseThrottled pauses because the table has throttled.
func (w *worker) pauseThrottled(ctx context.Context) error {
	if w.standingBy.IsZero() {
		w.standingBy = w.runner.Now()
	}
	w.throttles++
	err := w.runner.Sleep(ctx, w.runner.jitter(growing(w.throttles, 2, firstTry, longTry)))
	w.rested()
	return err
}

// pauseBefore pauses before an act that is repeated.
func (w *worker) pauseBefore(ctx context.Context, act plan.Act) {
	if act.Try > 0 && !w.runner.Dry {
		_ = w.runner.Sleep(ctx, w.runner.jitter(growing(act.Try-1, 2, firstTry, longTry)))
	}
}

// Sleep pauses for d or until the context ends.
func Sleep(ctx context.Context, d time.Duration) error { return awscall.Host{}.Pause(ctx, d) }
