package rotate

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// Report is what a run did.
type Report struct {
	// Started and Finished are AWS's time.
	Started, Finished time.Time
	// Dry reports whether it was a dry-run.
	Dry bool
	// Caller is nil if AWS did not have to be asked.
	Caller *plan.Caller
	// Table is nil if the table was not checked.
	Table *plan.TableSeen
	// Keys are in the order of the request.
	Keys []KeyReport
}

// Join adds the report on some of the keys, whose places among all keys are given; nil if
// they are all keys.
func (r *Report) Join(some *Report, at []int) {
	if r.Started.IsZero() || !some.Started.IsZero() && some.Started.Before(r.Started) {
		r.Started = some.Started
	}
	if some.Finished.After(r.Finished) {
		r.Finished = some.Finished
	}
	if r.Caller == nil {
		r.Caller = some.Caller
	}
	if r.Table == nil || some.Table != nil && some.Table.ID == "" {
		r.Table = some.Table
	}
	if at == nil {
		r.Keys = some.Keys
	}
	for n, i := range at {
		if more := i + 1 - len(r.Keys); more > 0 {
			r.Keys = append(r.Keys, make([]KeyReport, more)...)
		}
		r.Keys[i] = some.Keys[n]
	}
}

// KeyReport is what a run did to one key, and why it stopped there.
type KeyReport struct {
	Policy *plan.Policy
	// Request is what was asked for.
	Request plan.Request
	// Dry reports whether only a dry-run was asked for.
	Dry bool
	// Before is the record as first read; nil if there was none.
	Before *plan.Record
	// Record is the record as last seen.
	Record  *plan.Record
	Outcome plan.Outcome
	// TimedOut reports whether an interruption was plan.ErrTimeout and no signal.
	TimedOut bool
	// Refusal is set if the outcome is plan.Refused.
	Refusal *plan.Refusal
	// Reasons describe why the work on the key stopped.
	Reasons []plan.Reason
	// Why describes why the run did the first thing it did.
	Why []plan.Reason
	// Trace holds what was done, in order.
	Trace []Trace
	// Foreseen is what a dry-run would do, as data to be saved; nil for another run.
	Foreseen *plan.Saved
	// PolicyNotes are what a person should know of the key policy of the version that
	// was made, or would be.
	PolicyNotes []string
	// RotationNotes are what a person should know of automatic rotation.
	RotationNotes []string
	// Uncopied describes why events stand in the record alone, and not in the ledger yet;
	// "" if they are in the ledger.
	Uncopied string
	// Grants counts those on the version before; they do not follow the alias.
	Grants int
	// GrantsUnknown describes why the grants could not be counted; "" if they were.
	GrantsUnknown string
	// Gate is the answer of before_switch; nil if it was not asked.
	Gate *plan.GateSeen
	// Busy reports whether another run had the key, or a fence was alive, until
	// --wait was over.
	Busy bool
	// Fenced reports whether Busy waited for a time that no other run brings forward; see
	// plan.End.
	Fenced bool
	// Until is when the lease or fence ends that Busy waited for.
	Until time.Time
	// News reports whether a refusal is printed in full: this run's own write
	// changed last_error or had the key hold itself, or no record remembers it.
	News bool
	// Told is what the writes of this run have somebody told of.
	Told []plan.News
	// Begun reports whether what a person's verb asks for stands in the record: this
	// run wrote it, or joined the open generation that is the same. Then other runs
	// go on with it.
	Begun bool
	// Joined reports whether it stands there as a generation that another run opened.
	Joined bool
	// FoundOn is the key on which this run first saw the alias where the record does not
	// have it; "" if it did not.
	FoundOn string
	// Works is what this run saw of whether encrypt and decrypt work.
	Works claim.Works
	// Err is what failed, if the outcome is plan.Failed; Failure is the call, if it was one.
	Err     error
	Failure *plan.Failure
}

// Trace is one act that was carried out, or would be.
type Trace struct {
	// Key is the key's name in the plan; Alias and Region are where it is.
	Key, Alias, Region string
	// Generation is the record's last one after the act, and Window the one that it was
	// claimed for.
	Generation int64
	Window     time.Time
	Act        plan.Act
	// Call is zero for a look.
	Call plan.Call
	// Answer is assumed of what a dry-run would change.
	Answer plan.Answer
	// Dry reports whether it is of a dry-run.
	Dry bool
	// Rev is the record's revision after the act, as far as this run knows.
	Rev int64
	// Hash is that of the event of that revision; "" if another run wrote it.
	Hash string
	// Took is how long the act took; 0 of a wait, and where nobody measures.
	Took time.Duration
}

// Changed reports whether this run changed anything in KMS, or in the record
// beyond leases and notes; for a dry-run, whether a run would.
func (k KeyReport) Changed() bool {
	return slices.ContainsFunc(k.Trace, func(t Trace) bool { return t.Act.Kind.Does() })
}

// Did reports whether an act of this kind was carried out.
func (k KeyReport) Did(kind plan.Kind) bool {
	for _, t := range k.Trace {
		if t.Act.Kind == kind {
			return true
		}
	}
	return false
}

// Freed reports whether this run gave a lease back, by a write that was answered yes.
func (k KeyReport) Freed() bool {
	for _, t := range k.Trace {
		if n, ok := t.Act.Write.(plan.Note); ok && n.Free {
			return true
		}
	}
	return false
}

// Exit returns the key's exit code. With detailed, a change has a code of its
// own.
func (k KeyReport) Exit(detailed bool) plan.Exit {
	switch {
	case k.Outcome == plan.Interrupted && k.TimedOut:
		return plan.ExitFailed
	case k.Outcome == plan.Interrupted:
		return plan.ExitInterrupted
	case k.Outcome == plan.Refused:
		return plan.ExitPerson
	case k.Outcome == plan.Failed, k.Outcome == plan.Lagging, k.Err != nil:
		return plan.ExitFailed
	case k.Busy:
		return plan.ExitBusy
	case detailed && k.Changed():
		return plan.ExitChanged
	}
	return plan.ExitDone
}

// Exit returns the run's exit code: the worst of its keys.
func (r *Report) Exit(detailed bool) plan.Exit {
	worst := plan.ExitDone
	for _, k := range r.Keys {
		if e := k.Exit(detailed); e.Worse(worst) {
			worst = e
		}
	}
	return worst
}

// Counts counts the keys of a run: all, those that this run changed and those that others
// rotated meanwhile, those that a person holds, and those of each exit code but 0.
type Counts struct {
	Keys, Changed, ByOthers, Held, Busy, Failed, Refused, Interrupted int
}

// Counts counts the keys of a report.
func (r *Report) Counts() Counts {
	n := Counts{Keys: len(r.Keys), ByOthers: r.DoneByOthers()}
	for _, k := range r.Keys {
		if k.Changed() {
			n.Changed++
		}
		if k.Outcome == plan.HeldBack {
			n.Held++
		}
		switch k.Exit(false) {
		case plan.ExitBusy:
			n.Busy++
		case plan.ExitFailed:
			n.Failed++
		case plan.ExitPerson:
			n.Refused++
		case plan.ExitInterrupted:
			n.Interrupted++
		}
	}
	return n
}
