package plan

import (
	"fmt"
	"slices"
)

// The ledger of a key is a chain of items. Each holds contiguous revisions, begins behind
// the last one of the item before it, and is created once. So its last item shows how far
// the ledger goes, and a record that ends before that, or tells it otherwise, is an older
// copy that was put back.

// LedgerSeen is what this run knows about the ledger.
type LedgerSeen struct {
	// LedgerRev is the highest revision in the ledger; nil before the run has looked.
	LedgerRev *int64
	// LastItem has the events of the ledger's last item.
	LastItem []Event
	// LookedFrom is the record's revision when the run looked.
	LookedFrom int64
	// RecordRev is the highest revision of the record that the run has seen.
	RecordRev int64
	// ReadAgain reports whether the record was read once more since then.
	ReadAgain bool
	// Ledger is the whole ledger, if WholeLedger. A rebuild reads it, and a verb about a
	// version that the record has left out.
	Ledger      []Event
	WholeLedger bool
	// Told is what the ledger says about the claim that this run pursues.
	Told *ClaimTold
	// WroteRev is the highest revision that this run wrote.
	WroteRev int64
	// Uncopied is the answer to the last copy; nil if it was yes, or none was made.
	Uncopied *Answer
	// UncopiedRev is the record's revision at that copy.
	UncopiedRev int64
	// MayHaveMade is a write of this run that was perhaps made: its answer was lost, and
	// the record has no event of that revision any more.
	MayHaveMade *Act
}

// sawLedger takes in the events of the ledger's last item.
func (o *Observed) sawLedger(r *Record, last []Event) {
	o.LedgerRev, o.LastItem, o.ReadAgain, o.LookedFrom = LastRev(last), last, false, 0
	if r != nil {
		o.LookedFrom = r.Rev
	}
}

// copied takes in the answer to a copy. An item that is there already shows what another
// run copied before.
func (o *Observed) copied(r *Record, a Act, res Result) {
	if res.Answer.Verdict != Yes {
		o.Uncopied, o.UncopiedRev = &res.Answer, r.Rev
		return
	}
	o.Uncopied = nil
	if len(res.Events) == 0 {
		res.Events = a.Events
	}
	o.sawLedger(r, res.Events)
}

// LastRev returns the highest revision of events; 0 if there are none.
func LastRev(events []Event) *int64 {
	last := int64(0)
	for _, e := range events {
		last = max(last, e.Rev)
	}
	return &last
}

// ledgered returns the highest revision that is known to be in the ledger with all before
// it. It is not asked of a record that the ledger contradicts.
func (o Observed) ledgered() int64 {
	if o.LedgerRev == nil {
		return 0
	}
	return *o.LedgerRev
}

// copyFirst puts a copy before the end of this run's work on the key. It does so before a
// write, too, if too many events stand in the record alone. A copy that fails is told, and
// is made again only after further writes.
func (d decider) copyFirst(next *Decision) *Decision {
	if d.r == nil || d.o.LedgerRev == nil || d.otherwise() != "" {
		return next
	}
	events := d.uncopied()
	most := MaxUncopied
	if d.o.Uncopied != nil {
		most += int(d.o.UncopiedRev - d.o.ledgered())
	}
	switch k := next.Act.Kind; {
	case len(events) == 0:
		return next
	case k.Writes() && len(events) >= most:
	case (k == Stop || k == Wait) && d.o.WroteRev >= events[0].Rev &&
		(d.o.Uncopied == nil || d.o.UncopiedRev < d.o.WroteRev):
	default:
		return next
	}
	if gap := events[0].Rev > d.o.ledgered()+1; gap && !events[0].Is(EventRebuild) && d.o.LookedFrom != d.r.Rev {
		return look(LookLedger) // another run has copied since, and dropped from the record what it copied
	}
	return &Decision{Act: Act{Kind: CopyEvents, Events: events}}
}

// uncopied returns the events of the record that come next in the ledger.
func (d decider) uncopied() []Event {
	from := slices.IndexFunc(d.r.Events, func(e Event) bool { return e.Rev > d.o.ledgered() })
	if from < 0 {
		return nil
	}
	to := from + 1
	for to < len(d.r.Events) && d.r.Events[to].Rev == d.r.Events[to-1].Rev+1 {
		to++
	}
	return d.r.Events[from:to:to]
}

// otherwise describes how the record contradicts the ledger, or what this run has seen of
// it before; "" if it does not.
func (d decider) otherwise() string {
	switch rev := d.o.LedgerRev; {
	case d.o.RecordRev > d.r.Rev:
		return fmt.Sprintf("the record of %s was at revision %d, and is at %d", d.p.Alias, d.o.RecordRev, d.r.Rev)
	case rev == nil:
		return ""
	case *rev > d.r.Rev:
		return fmt.Sprintf("the ledger of %s goes on to revision %d, and its record ends at %d", d.p.Alias, *rev,
			d.r.Rev)
	}
	if rev := d.r.differs(d.o.LastItem); rev > 0 {
		return fmt.Sprintf("the ledger of %s tells revision %d otherwise than its record", d.p.Alias, rev)
	}
	return ""
}

// restored stops a run whose record is an older copy of one that went on. The record is
// read once more first, because another run may have written since.
func (d decider) restored() *Decision {
	how := d.otherwise()
	switch {
	case how == "":
		return nil
	case !d.o.ReadAgain:
		return look(LookRecord)
	case d.leavesNameless():
		return d.disableNameless()
	}
	return refuse(recordRestored(d.p, how))
}

// RecordRestored returns the refusal for a record that the ledger contradicts; nil if it
// does not.
func RecordRestored(p Policy, r *Record, ledger []Event) *Refusal {
	seen := LedgerSeen{LedgerRev: LastRev(ledger), LastItem: ledger}
	how := decider{p: p, r: r, o: Observed{LedgerSeen: seen}}.otherwise()
	if how == "" {
		return nil
	}
	ref := recordRestored(p, how)
	return &ref
}

func recordRestored(p Policy, how string) Refusal {
	return Refusal{Code: CodeRecordRestored, Unwritten: true, Hint: FromKMS(p.Name),
		What: how + ": the record was put back from an older copy, or edited"}
}

// UncopiedText describes why events stand in the record alone; "" if the last copy was
// answered yes.
func (o Observed) UncopiedText(r *Record) string {
	if o.Uncopied == nil || r == nil {
		return ""
	}
	from, stays, it := o.ledgered()+1, "stays", "it"
	if from < r.Rev {
		stays, it = "stay", "them"
	}
	return fmt.Sprintf("%s of its record could not be copied to the ledger, and %s in the record until a later run "+
		"copies %s: %s", revisions(from, r.Rev), stays, it, o.Uncopied.Text())
}
