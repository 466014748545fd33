package plan

import "time"

// Signature is a fenced call that this run has signed: what became of it.
type Signature struct {
	What Fenced
	// Generation is the one whose move it is.
	Generation int64
	KeyID      string
	// Date is the X-Amz-Date of the signed bytes.
	Date time.Time
	// Confirmed says that the write that names it has succeeded; Op is of that write.
	Confirmed bool
	Op        string
	// Revs are the revisions of that write and of all that this run knows to have
	// made since.
	Revs []int64
	// Answer is nil while it was not sent, or nothing came back yet.
	Answer *Answer
	// Noted says that the record says what became of it.
	Noted bool
}

// lastSigned is where the signature of a kind of call stands that this run made last.
func (o *Observed) lastSigned(what Fenced) **Signature {
	if what == FencedMove {
		return &o.SignedMove
	}
	return &o.SignedOld
}

// signed takes in new signed bytes; those before them are thrown away, if they were
// not confirmed.
func (o *Observed) signed(r *Record, a Act, date time.Time) {
	last := o.lastSigned(a.Terms.What)
	if *last != nil && !(*last).Confirmed {
		o.Tries[a.Kind]++
	}
	*last = &Signature{What: a.Terms.What, KeyID: a.KeyID, Date: date}
	if a.Terms.What == FencedMove {
		(*last).Generation = r.Generation
	}
}
