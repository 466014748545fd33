package rotate

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// reportResult adds to the report what a person should know of a result.
func (w *worker) reportResult(act plan.Act, res plan.Result) {
	if act.Kind == plan.AskGate {
		w.report.Gate = &res.Gate
	}
	switch {
	case res.Answer.Verdict != plan.Yes:
	case act.Kind == plan.LookSource:
		w.report.Grants, w.report.GrantsUnknown = res.Source.Grants, res.Source.GrantsUnknown
	case act.Kind == plan.CreateKey && w.record.Active != 0:
		n := plan.VersionTerms(w.policy, w.record, w.observed)
		w.report.PolicyNotes = n.Notes(plan.VersionName(w.record.Active))
	}
	w.rotationNotes(plan.RotationNotes(w.policy, w.record, w.observed)...)
}

// rotationNotes adds notes on automatic rotation to the report, each once.
func (w *worker) rotationNotes(notes ...string) {
	for _, note := range notes {
		if note != "" && !slices.Contains(w.report.RotationNotes, note) {
			w.report.RotationNotes = append(w.report.RotationNotes, note)
		}
	}
}

// stop completes the report with the decision that ends the work on a key.
func (w *worker) stop(d plan.Decision) {
	w.report.Record, w.over = w.record, true
	w.report.Outcome = d.Act.Outcome
	w.report.Reasons = d.Reasons
	w.report.Refusal = d.Act.Refusal
	if d.Act.Refusal != nil && d.Act.Refusal.Unwritten {
		w.report.News = true
	}
	f := w.observed.Failure
	if f == nil {
		f = w.observed.OldFailed
	}
	if d.Act.Outcome == plan.Failed && f != nil {
		w.report.Err = &FailedError{Failure: *f, Role: w.runner.role(w.request)}
		w.report.Failure = f
	}
}

// works returns what this run has seen of whether encrypt and decrypt work. What a
// dry-run has only assumed it has not seen.
func (w *worker) works() claim.Works {
	r, o := w.record, w.observed
	if w.runner.Dry {
		r, o.SignedMove, o.SignedOld, o.Target = w.report.Before, nil, nil, nil
	}
	about := w.request.Version
	if ref := w.report.Refusal; ref != nil {
		about = ref.Version
	} else if act, ok := w.report.Last(plan.WriteReinstate); ok {
		about = act.Version
	}
	return claim.OfRun(w.runner.Now(), w.policy, r, o, about)
}

// traceOf describes an act, with the call that it makes in the present state.
func (w *worker) traceOf(act plan.Act) Trace {
	t := w.trace(act)
	t.Call, _ = plan.CallOf(w.policy, w.record, w.observed, act)
	return t
}

// trace returns a Trace of an act on the key.
func (w *worker) trace(act plan.Act) Trace {
	return Trace{Key: w.policy.Name, Alias: w.policy.Alias, Region: w.policy.Region, Act: act}
}

// did logs an act that was carried out, and adds it to the report if it made a
// call of its own.
func (w *worker) did(t Trace, answer plan.Answer) {
	t = w.log(t, answer)
	if t.Call.Operation != "" {
		w.report.Trace = append(w.report.Trace, t)
	}
}

// log logs an act together with its answer. It is called once the answer is
// known: people read a log as what has happened.
func (w *worker) log(t Trace, answer plan.Answer) Trace {
	t.Answer, t.Rev, t.Dry = answer, w.rev(), w.runner.Dry
	t.Generation, t.Window = w.record.Claimed()
	if w.record != nil {
		t.Hash = plan.Head(w.record.Events).Hash
	}
	if w.runner.Log != nil {
		w.runner.Log(t)
	}
	return t
}

// timed measures what is done until the function that it returns is called.
func (r *Runner) timed() func() time.Duration {
	if r.Elapsed == nil {
		return func() time.Duration { return 0 }
	}
	begun := r.Elapsed()
	return func() time.Duration { return r.Elapsed() - begun }
}

// rev returns the revision of the record in hand; 0 without a record.
func (w *worker) rev() int64 {
	if w.record == nil {
		return 0
	}
	return w.record.Rev
}
