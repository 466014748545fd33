package claim

import "github.com/keyturn/keyturn/plan"

// Served says whether a KMS key was ever behind its alias. Only ServedBy makes one that
// says more than "not known".
type Served struct{ known servedKind }

type servedKind int

const (
	servedUnknown servedKind = iota
	servedOnce
	servedNever
)

// ServedBy finds out whether a key was ever live. That it was not is proven only by the
// record and the whole ledger together: a record may have been lost, or put back from an
// older copy. claim made the key. history is nil if the ledger was not read.
func ServedBy(r *plan.Record, history *plan.History, keyID, claim string) Served {
	if r == nil || history == nil {
		return Served{}
	}
	if _, ours := r.VersionOfKey(keyID); ours {
		return Served{servedOnce} // or it is about to be
	}
	claimed := false
	for _, e := range history.Events {
		claimed = claimed || e.Claim == claim
		live := e.Is(plan.EventFinish) || e.Is(plan.EventAdopt) || e.Is(plan.EventRebuild)
		if e.KeyID == keyID && live {
			return Served{servedOnce}
		}
		for _, l := range e.Left {
			if l.KeyID == keyID {
				return Served{servedOnce} // or it was made for a switch that was given up, and may have been live
			}
		}
	}
	whole := len(history.Findings) == 0 && len(history.Events) > 0 && history.Events[0].Rev == 1
	if !whole || !claimed { // a claim stands in the ledger before its key is made: this one is of an earlier record
		return Served{}
	}
	return Served{servedNever}
}

// Never reports whether it is proven that the key was never live.
func (s Served) Never() bool { return s.known == servedNever }

// Once reports whether the ledger shows that the key was live, or made for a switch.
func (s Served) Once() bool { return s.known == servedOnce }

// Word returns the claim for programs: never, once, or not known.
func (s Served) Word() string {
	return [...]string{"not known", "once", "never"}[s.known]
}

// Text returns the claim for people.
func (s Served) Text() string {
	return [...]string{"whether it served is not known", "it may have served: data may need it",
		"it never served, by the record and the whole ledger"}[s.known]
}
