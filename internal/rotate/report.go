package rotate

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Report is what a run did.
type Report struct {
	Started, Finished time.Time // AWS's time
	Dry               bool
	Caller            *plan.Caller    // nil: nobody had to be asked
	Table             *plan.TableSeen // nil: it was not checked
	Keys              []KeyReport
}

// KeyReport is what a run did to one key, and why it stopped there.
type KeyReport struct {
	Policy  plan.Policy
	Before  *plan.Record // as first read; nil: there was none
	Record  *plan.Record // as last seen
	Outcome plan.Outcome
	Refusal *plan.Refusal // with plan.Refused
	Reasons []plan.Reason // why it stopped
	Why     []plan.Reason // why it did the first thing it did
	Trace   []Trace       // what was done, in order
	// PolicyNotes are what a person should know of the key policy of the version that
	// was made, or would be.
	PolicyNotes []string
	// RotationNotes are what a person should know of automatic rotation.
	RotationNotes []string
	// Uncopied says why the ledger has no copy of what a lost record must not take with
	// it; "" if it has.
	Uncopied string
	Grants   int // on the version before; they do not follow the alias
	// GrantsUnknown says why the grants could not be counted; "" if they were.
	GrantsUnknown string
	// Gate is the answer of before_switch; nil if it was not its turn.
	Gate  *plan.GateSeen
	Busy  bool      // another run had it, or a fence was alive, until --wait was over
	Until time.Time // of what Busy waited for
	// News is true in the run whose own write changed last_error or had the key
	// hold itself, or where there is no record that could remember: it prints a
	// refusal in full.
	News bool
	Err  error // with plan.Failed: what could not be done
}

// Trace is one act that was carried out, or would be.
type Trace struct {
	Key    string // of the plan: its name
	Act    plan.Act
	Call   plan.Call // zero for a look
	Answer plan.Answer
	Rev    int64 // of the record after it, as far as this run knows
}

// Changed tells whether this run changed anything, in KMS or in what the
// record says beyond leases and notes. For a dry-run: whether it would.
func (k KeyReport) Changed() bool {
	for _, t := range k.Trace {
		switch t.Act.Kind {
		case plan.WriteAdopt, plan.WriteFirstClaim, plan.WriteClaim, plan.WriteCreated,
			plan.WriteConfirm, plan.WriteFinish, plan.WriteAdoptDrift, plan.WriteAbandon,
			plan.WriteHold, plan.WriteRelease, plan.WriteRebuild, plan.WriteReinstate, plan.WriteKept,
			plan.WriteRetired, plan.WriteDeleting:
			return true
		}
		if t.Act.Kind.Changes() {
			return true
		}
	}
	return false
}

// Did tells whether an act of this kind was carried out.
func (k KeyReport) Did(kind plan.Kind) bool {
	for _, t := range k.Trace {
		if t.Act.Kind == kind {
			return true
		}
	}
	return false
}

// Exit is what became of the key, as an exit code. With detailed, a change is one
// of its own.
func (k KeyReport) Exit(detailed bool) plan.Exit {
	switch {
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

// Exit is that of the run: the worst of its keys.
func (r *Report) Exit(detailed bool) plan.Exit {
	worst := plan.ExitDone
	for _, k := range r.Keys {
		if e := k.Exit(detailed); e.Worse(worst) {
			worst = e
		}
	}
	return worst
}

// Fenced reports whether a key had to wait for a signature and not for a run.
func (k KeyReport) Fenced() bool {
	return k.Busy && len(k.Reasons) > 0 && k.Reasons[0].Code == plan.CodeFenced
}
