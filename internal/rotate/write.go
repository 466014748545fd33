package rotate

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// write makes one conditional write. If another run wrote first, the record in
// hand becomes theirs and the loop decides again. The work on the key ends if
// the table refused the write, or if it is unknown whether it was made.
func (w *worker) write(ctx, calls context.Context, act plan.Act) {
	next := plan.Apply(w.record, act)
	t := w.traceOf(act) // before the write changes the record in hand
	took := w.runner.timed()
	err := w.executor.write(calls, w.record, next)
	t.Took = took()
	w.self.Op, w.self.ClaimID = w.runner.nonces()
	var changed *ddblock.ChangedError
	switch {
	case err == nil:
		before := w.record
		w.record = next
		w.observed.Wrote(act)
		w.observed.LeaseLate(w.runner.Now(), before, next)
		adopts := act.Kind == plan.WriteAdopt || act.Kind == plan.WriteAdoptDrift
		if s, asked := w.observed.Rotations[act.KeyID]; asked && adopts {
			w.rotationNotes(plan.AdoptedRotation(w.policy, act.Version, s))
		}
		if act.Tells() {
			w.report.News = true
		}
		w.report.Told = append(w.report.Told, act.News...)
		w.did(t, plan.Answer{Verdict: plan.Yes})
		return
	case errors.As(err, &changed):
		w.observed.LeaseLate(w.runner.Now(), w.record, changed.Current)
		w.record = changed.Current
		w.observed.LostTo(act, w.record)
		w.log(t, plan.Answer{Verdict: plan.No, Code: "ConditionalCheckFailedException",
			Message: "another run wrote first"})
		return
	}
	answer := awscall.Classify(err)
	if awscall.Throttled(answer) && w.patient() { // nothing was written: decide again, with all that is in hand
		w.log(t, answer)
		w.pauseThrottled(ctx)
		return
	}
	awscall.ForRole(err, w.runner.role(w.request))
	w.log(t, answer)
	w.report.Record, w.over = w.record, true
	w.report.Outcome = plan.Failed
	w.report.Err = fmt.Errorf("write the record: %w", err)
	w.report.Failure = &plan.Failure{Kind: act.Kind, Doing: "write the record", Answer: answer}
	reason := plan.Reason{Code: plan.CodeRecordNo, Text: w.report.Err.Error()}
	if answer.Verdict == plan.Unknown {
		reason.Code = plan.CodeRecordUnknown
	}
	w.report.Reasons = []plan.Reason{reason}
}
