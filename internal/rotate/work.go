package rotate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// worker carries one key as far as this run can.
type worker struct {
	runner   *Runner
	policy   plan.Policy
	request  plan.Request
	record   *plan.Record
	observed plan.Observed
	self     plan.Self
	hands    hands
	shared   *shared
	slots    chan struct{}
	slotted  bool
	deadline time.Time // of waiting
	pauses   int       // made while standing by
	waited   bool      // for a window to open
	over     bool      // the report is finished
	report   KeyReport
}

// maxActs bounds the acts of one run on one key between two moments of progress: a
// loop in the decision must not become a loop of calls. A rotation takes about 15
// in all. Work that gets on is not bounded here. A rebuild looks at each version
// that the listing shows before it writes, so what was listed comes on top.
const maxActs = 400

func (w *worker) mostActs() int {
	if l := w.observed.Listing; l != nil {
		return maxActs + len(l.Versions)
	}
	return maxActs
}

// progress is where a key stands, for the question whether work on it gets on: its
// generation, its step, and the states of its versions. Leases, marks, notes and
// looks are no progress, however many there are.
func progress(r *plan.Record) string {
	if r == nil {
		return ""
	}
	s := fmt.Sprint(r.Generation, r.Step)
	for _, v := range r.Old() {
		s += fmt.Sprint(" ", v.Version, v.State, v.LookAfter.IsZero())
	}
	return s
}

// work asks plan.Decide what comes next and does it, until there is nothing
// more for this run. A signal does not cancel a call in flight, whose answer
// would then be lost; it stops the run before the next effect.
func (w *worker) work(ctx context.Context) KeyReport {
	w.report.Before = w.record
	w.observed.First = w.record
	w.observed.OwnPolicy = w.runner.Policies[w.policy.PolicyPath]
	w.hands = w.runner.handsFor(w)
	calls := context.WithoutCancel(ctx)
	defer w.leaveSlot()
	acts, stands := 0, progress(w.record)
	for !w.over && acts < w.mostActs() {
		if now := progress(w.record); now != stands {
			acts, stands = 0, now
		}
		w.observed.Self = w.self
		w.observed.Join(w.runner.Now(), w.policy, w.request, w.record)
		w.observed.Expire(w.runner.Now())
		if ctx.Err() != nil {
			w.request.Interrupted = true
		}
		next := plan.Decide(w.runner.Now(), w.policy, w.record, w.request, w.observed)
		act := next.Act
		if w.runner.Decided != nil {
			w.runner.Decided(w.policy, w.record, w.observed, next)
		}
		switch {
		case act.Kind == plan.Stop:
			if w.waitForWindow(ctx, act) {
				continue
			}
			return w.stopped(next)
		case act.Kind == plan.Wait:
			w.standBy(ctx, calls, next)
			continue
		}
		if !w.enterSlot(ctx, calls) {
			continue
		}
		acts++
		if w.report.Why == nil {
			w.report.Why = next.Reasons
		}
		if act.Kind.Writes() {
			w.write(calls, act)
			continue
		}
		w.pauseBefore(ctx, act)
		w.carryOut(ctx, calls, act)
	}
	if w.over {
		return w.report
	}
	w.report.Record, w.report.Outcome = w.record, plan.Failed
	w.report.Err = &EndlessError{Key: w.policy.Name, Acts: acts}
	return w.report
}

// EndlessError is a fault of keyturn: it did not get on with a key in more acts
// than any step takes.
type EndlessError struct {
	Key  string // its name
	Acts int
}

func (e *EndlessError) Error() string {
	return fmt.Sprintf("%s: gave up after %d acts without progress", e.Key, e.Acts)
}

// carryOut does one look or effect and takes in what came of it.
func (w *worker) carryOut(ctx, calls context.Context, act plan.Act) {
	if ctx.Err() != nil && act.Kind.Changes() {
		return // interrupted during the pause: decide again
	}
	res := w.hands.do(calls, act)
	w.did(w.traceOf(act), res.Answer)
	w.observed.Learn(w.runner.Now(), w.record, act, res)
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

// rotationNotes adds to what a person should know of automatic rotation.
func (w *worker) rotationNotes(notes ...string) {
	for _, note := range notes {
		if note != "" && !slices.Contains(w.report.RotationNotes, note) {
			w.report.RotationNotes = append(w.report.RotationNotes, note)
		}
	}
}

// write makes one conditional write. The run ends here if what the write did
// is unknown, or the table said no.
func (w *worker) write(calls context.Context, act plan.Act) {
	next := plan.Apply(w.record, act)
	t := w.traceOf(act) // in the state in which it was decided
	err := w.hands.write(calls, w.record, next)
	w.self = w.runner.newSelf(w.self.Terms)
	var changed *ddblock.ChangedError
	var restored *ddblock.LedgerError
	switch {
	case err == nil:
		w.record = next
		w.observed.Wrote(act)
		adopts := act.Kind == plan.WriteAdopt || act.Kind == plan.WriteAdoptDrift
		if s, asked := w.observed.Rotations[act.KeyID]; asked && adopts {
			w.rotationNotes(plan.AdoptedRotation(w.policy, act.Version, s))
		}
		if act.Tells() {
			w.report.News = true
		}
		w.did(t, plan.Answer{Verdict: plan.Yes})
		w.copy(calls)
		return
	case errors.As(err, &restored):
		w.log(t, plan.Answer{Verdict: plan.No, Code: "record-restored", Message: restored.Error()})
		w.report.Record, w.over = w.record, true
		w.report.refuse(restoredRefusal(w.policy, restored))
		return
	case errors.As(err, &changed):
		w.record = changed.Current
		w.observed.LostTo(act, w.record)
		w.log(t, plan.Answer{Verdict: plan.No, Code: "ConditionalCheckFailedException", Message: "another run wrote first"})
		return
	}
	answer := awscall.Classify(err)
	w.log(t, answer)
	w.report.Record, w.over = w.record, true
	w.report.Outcome = plan.Failed
	w.report.Err = fmt.Errorf("write the record: %w", err)
	reason := plan.Reason{Code: plan.CodeRecordNo, Text: w.report.Err.Error()}
	if answer.Verdict == plan.Unknown {
		reason.Code = plan.CodeRecordUnknown
	}
	w.report.Reasons = []plan.Reason{reason}
}

// copy puts the event of the last write into the ledger, if a lost record must not
// take it with it. That it failed is told, and changes nothing: the record has it.
func (w *worker) copy(calls context.Context) {
	e := w.record.Events[len(w.record.Events)-1]
	if !e.CopiedAtOnce() {
		return
	}
	if err := w.hands.copy(calls, w.record); err != nil {
		w.report.Uncopied = fmt.Sprintf("revision %d stands in the record alone, and not in the ledger yet: %v", e.Rev,
			err)
	}
}

// stopped fills in the report at the end of the work on a key.
func (w *worker) stopped(d plan.Decision) KeyReport {
	w.report.Record = w.record
	w.report.Outcome = d.Act.Outcome
	w.report.Reasons = d.Reasons
	w.report.Refusal = d.Act.Refusal
	if d.Act.Refusal != nil && d.Act.Refusal.Unwritten {
		w.report.News = true
	}
	f := w.observed.Failure
	if f == nil {
		f = w.observed.BesideFailed
	}
	if d.Act.Outcome == plan.Failed && f != nil {
		w.report.Err = errors.New(f.Text())
	}
	return w.report
}

// traceOf describes an act; the call is that of the state in hand.
func (w *worker) traceOf(act plan.Act) Trace {
	t := Trace{Key: w.policy.Name, Act: act}
	t.Call, _ = plan.CallOf(w.policy, w.record, w.observed, act)
	return t
}

// did puts an act that was carried out into the report, and logs it.
func (w *worker) did(t Trace, answer plan.Answer) {
	t = w.log(t, answer)
	if t.Call.Operation != "" {
		w.report.Trace = append(w.report.Trace, t)
	}
}

// log tells what became of an act: only once that is known, for a log is read
// as what has happened.
func (w *worker) log(t Trace, answer plan.Answer) Trace {
	t.Answer, t.Rev = answer, w.rev()
	if w.runner.Log != nil {
		w.runner.Log(t)
	}
	return t
}

// rev is the revision in hand; 0 without a record.
func (w *worker) rev() int64 {
	if w.record == nil {
		return 0
	}
	return w.record.Rev
}
