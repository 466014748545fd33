package plan

import "time"

// Signature is a fenced call that this run has signed.
type Signature struct {
	What Fenced
	// Generation is that of an alias move.
	Generation int64
	KeyID      string
	// Date is the X-Amz-Date of the signed bytes.
	Date time.Time
	// Confirmed reports whether the write that confirms it has succeeded; Op is the
	// nonce of that write.
	Confirmed bool
	Op        string
	// Revs are the revisions of that write and of all writes that this run knows to
	// have made since.
	Revs []int64
	// Answer is nil before the call was sent and answered.
	Answer *Answer
	// Noted reports whether the answer is in the record.
	Noted bool
	// Was is the entry that a person's retire has replaced, of a version that was retired
	// already; zero if it has replaced none.
	Was Version
}

// lastSigned returns where the last signature for a kind of call is stored.
func (o *Observed) lastSigned(what Fenced) **Signature {
	if what == FencedMove {
		return &o.SignedMove
	}
	return &o.SignedOld
}

// signed takes in new signed bytes. They replace earlier ones that were not confirmed.
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
