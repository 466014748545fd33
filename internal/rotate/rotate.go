package rotate

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/plan"
)

// worker takes one key as far as this run can.
type worker struct {
	runner   *Runner
	executor executor
	policy   plan.Policy
	request  plan.Request
	// shown is the record that the person was shown; nil if none was.
	shown *plan.Record

	// record is the key's record as this run last read or wrote it; nil if there is none.
	record *plan.Record
	// observed is what this run has seen besides the record.
	observed plan.Observed
	// foreseen is what a dry-run would do, and saved what it is compared with, if anything.
	foreseen *plan.Saved
	saved    *plan.Saved
	// self names this run, with the nonces of its next write.
	self plan.Self

	// shared is what the run asks once for all its keys.
	shared *shared
	// gates limit how many keys the run works on at a time; in is how this worker came in,
	// nil while it is not.
	gates *gates
	in    *entry
	// read is when the record was read last.
	read time.Time

	// progress is that of all keys of the run. stands is how far this one is, acts counts
	// the acts since, and standingBy is since when the run waits for others there.
	progress   *progress
	phase      phase
	stands     string
	acts       int
	standingBy time.Time
	// hopeless reports whether what the run waits for outlasts --wait.
	hopeless bool
	// pauses counts the waits for another run or a fence, throttles those because the table
	// throttled.
	pauses, throttles int
	// windowBy ends the waiting for a window that opens; waited reports whether this run
	// has waited for one.
	windowBy time.Time
	waited   bool

	// begunAnew is how often this dry-run has begun with the key again.
	begunAnew int
	// over reports whether the work on the key is done and the report complete.
	over   bool
	report *KeyReport
}

// work is the loop: it asks plan.Decide what comes next, carries that one act
// out, and asks again, until nothing is left for this run.
//
// A signal does not cancel a call in flight, whose answer would then be lost.
// It stops the run before the next effect.
func (w *worker) work(ctx context.Context) {
	calls := context.WithoutCancel(ctx)
	defer w.leave()
	for !w.over && !w.endlessly() {
		next := w.decide(ctx)
		switch act := next.Act; {
		case act.Kind == plan.Stop:
			if !w.waitForWindow(ctx, act) {
				w.stop(next)
			}
		case act.Kind == plan.Wait:
			w.standBy(ctx, calls, next)
		case !w.enter(ctx, calls):
			// The record in hand is too old now: decide again.
		default:
			w.acts++
			w.carryOut(ctx, calls, next)
		}
		w.noteProgress()
	}
	if !w.over {
		w.endless()
	}
	w.finish()
}

// take takes in the record as it was read first. A malformed one ends the work.
func (w *worker) take(record *plan.Record, err error) error {
	if bad, malformed := errors.AsType[*ddblock.MalformedError](err); malformed {
		w.report.refuse(malformedRefusal(w.policy, bad))
		return err
	}
	w.record, w.report.Before, w.stands = record, record, stateOf(record)
	w.observed = plan.Observed{First: cmp.Or(w.shown, record), OwnPolicy: w.runner.Policies[w.policy.PolicyPath]}
	return nil
}

// nothingDue reports whether nothing is to be done for the key, and nothing is to be told
// of it, and then completes the report. For that a run needs no events.
func (w *worker) nothingDue(ctx context.Context, record ddblock.Reader) bool {
	plain := w.request.Verb == plan.VerbSchedule && w.request.Saved == nil && w.foreseen == nil
	if !plain || w.take(record(ddblock.WithoutEvents)) != nil {
		return false
	}
	if !w.settled(ctx) {
		return false
	}
	if w.runner.Brief {
		w.is(finished)
		w.report.Before, w.report.Record, w.report.Reasons = nil, nil, nil
		return true
	}
	w.finish()
	return true
}

// settled reports whether nothing is to be done for the key, nor soon, and nothing is to be
// told of it.
func (w *worker) settled(ctx context.Context) bool {
	next := w.decide(ctx)
	opens := next.Act.Until
	waits := !opens.IsZero() && !opens.After(w.runner.Now().Add(w.runner.Wait))
	if next.Act.Kind != plan.Stop || next.Act.Outcome != plan.Settled || waits {
		return false
	}
	w.stop(next)
	return true
}

// finish completes the report with what this run knows at the end.
func (w *worker) finish() {
	w.is(finished)
	w.report.Begun = w.observed.Begun() || plan.Reinstating(w.runner.Now(), w.policy, w.record, w.request)
	w.report.FoundOn = w.observed.FoundOn
	w.report.Joined = w.observed.Joined != "" && w.observed.ClaimedHere == ""
	w.compare()
	w.report.Works = w.works()
	w.report.Uncopied = w.observed.UncopiedText(w.record)
}

// decide asks for the next act, with what this run knows now.
func (w *worker) decide(ctx context.Context) plan.Decision {
	w.observed.Self = w.self
	w.observed.Join(w.runner.Now(), w.policy, w.request, w.record)
	w.observed.Expire(w.runner.Now())
	if ctx.Err() != nil {
		w.request.Interrupted = true
		w.report.TimedOut = errors.Is(context.Cause(ctx), plan.ErrTimeout)
	}
	next := plan.Decide(w.runner.Now(), w.policy, w.record, w.request, w.observed)
	if w.runner.Decided != nil {
		w.runner.Decided(w.policy, w.record, w.observed, next, w.standsByUntil())
	}
	return next
}

// carryOut makes the write, the look or the change of KMS that was decided, and
// learns from the answer.
func (w *worker) carryOut(ctx, calls context.Context, d plan.Decision) {
	act := d.Act
	if w.report.Why == nil {
		w.report.Why = d.Reasons
	}
	w.foresee(act)
	if act.Kind.Writes() {
		w.write(ctx, calls, act)
		return
	}
	w.pauseBefore(ctx, act)
	if ctx.Err() != nil && act.Kind.Changes() {
		return // interrupted during the pause: decide again
	}
	took := w.runner.timed()
	res := w.executor.do(w.withTurns(calls), act)
	t := w.traceOf(act)
	t.Took = took()
	w.did(t, res.Answer)
	w.observed.Learn(w.runner.Now(), w.record, act, res)
	w.reportResult(act, res)
}
