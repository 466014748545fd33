package plan

import "time"

// Request is a verb with its arguments.
type Request struct {
	Verb   Verb
	Reason string
	// Create is adopt --create: make the alias, which must not exist.
	Create bool
	// FromKMS is adopt --from-kms: rebuild the record.
	FromKMS bool
	// All is --all: nobody named the key. Of adopt --from-kms it means that only a record
	// that was lost is rebuilt.
	All bool
	// Version is the version named for a verb about one. For rollback and reinstate 0 is
	// the default one, for hold and release the key as a whole.
	Version int64
	// Expects is the key that the person was shown behind the alias; "" if none was shown.
	Expects string
	// ShownRev is the revision of the record that the person was shown whose record is to be
	// rebuilt, 0 if they were shown none; nil if nobody was asked.
	ShownRev *int64
	// Abandon is rotate --abandon: give an open generation up.
	Abandon bool
	// Again is --again of rotate, rollback and reinstate: once more within the hour.
	Again bool
	// Confirmed reports whether --confirm was typed: without it the command cannot be typed
	// again where there is no terminal.
	Confirmed bool
	// Until is when a hold ends by itself; zero is never.
	Until time.Time
	// Picked reports whether --key of a run named the key: a run about all of them does more.
	Picked bool
	// Saved is the decision that the run carries out, and nothing else; nil if it does
	// whatever is due.
	Saved *Saved
	// SavedIn is the file that has Saved, as it was named.
	SavedIn string
	// Interrupted reports whether a signal ends the run: it records that a signature was
	// not sent, and gives the lease back.
	Interrupted bool
}

// ShownTo returns the request of a person who was asked about what a look ahead has shown: the
// record, nil for none; the key behind the alias, "" if it was not looked at; the one that a
// rebuild would make the live version, "" without one; and whether another run had the key.
func (q Request) ShownTo(r *Record, behind, rebuilt string, busy bool) Request {
	switch q.Expects = behind; {
	case q.FromKMS && rebuilt != "":
		q.Expects, q.ShownRev = rebuilt, new(int64)
		if r != nil {
			*q.ShownRev = r.Rev
		}
	case q.FromKMS: // the record that is to be rebuilt is no word on where the alias is
		q.Expects = ""
	case q.Verb == VerbAdopt && busy: // asked about whatever it finds after that
	case behind == "" && r != nil && r.Active != 0:
		q.Expects = r.Live().KeyID
	}
	return q
}
