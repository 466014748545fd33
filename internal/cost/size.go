package cost

import (
	"math"

	"github.com/keyturn/keyturn/plan"
)

// The parts of an item, in bytes, for names and ARNs of common length. See docs/record.md.
const (
	recordBytes   = 2600 // without old versions
	keptBytes     = 125
	drainingBytes = 200
	disabledBytes = 130
	deletedBytes  = 190
	eventBytes    = 450
	itemBytes     = 300 // of an item of the ledger, beside its events
)

// size is how large the items of a key are.
type size struct {
	// record is the record at rest.
	record float64
	// history is what each rotation adds to the ledger.
	history float64
}

func sizeOf(k plan.Policy, rotations float64) size {
	s := size{record: recordBytes + drainingBytes}
	switch k.Retire.Action {
	case plan.RetireDisable:
		s.record += min(rotations, plan.MaxDisabled) * disabledBytes
	case plan.RetireDelete:
		s.record += min(rotations, plan.MaxGone) * deletedBytes
		wait := Rate(k) * float64(k.Retire.DeleteAfter+k.Retire.DeletionWindow) / float64(year)
		s.record += min(rotations, wait, plan.MaxDisabled) * disabledBytes
	default:
		s.record += min(rotations, plan.MaxKept) * keptBytes
	}
	for _, c := range []Calls{Rotation(k), Drain(k)} {
		s.history += c["dynamodb:PutItem"]*itemBytes + c["dynamodb:UpdateItem"]*eventBytes
	}
	if k.Retire.Action == plan.RetireDelete {
		s.history += itemBytes + Deletion(k)["dynamodb:UpdateItem"]*eventBytes
	}
	return s
}

// readUnits returns the units of one consistent read: one for each 4 KB.
func (s size) readUnits() float64 { return math.Ceil(s.record / 4096) }

// writeUnits returns the units of one write: one for each KB of the item.
func (s size) writeUnits() float64 { return math.Ceil(s.record / 1024) }

// ledgerReads returns the units of a look at the last item of the ledger.
func (s size) ledgerReads() float64 { return 1 }

// writes returns the units of what some runs write: the record, and one item of the ledger
// for each run.
func (s size) writes(times float64, c Calls) float64 {
	copies := c["dynamodb:PutItem"]
	events := c["dynamodb:UpdateItem"] / copies
	return times * (c["dynamodb:UpdateItem"]*s.writeUnits() + copies*math.Ceil((itemBytes+events*eventBytes)/1024))
}
