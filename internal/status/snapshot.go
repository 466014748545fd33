package status

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Snapshot is how the keys of a plan are at a moment.
type Snapshot struct {
	// At is AWS's time.
	At time.Time
	// Account is the caller's, or the plan's where the caller is not known.
	Account string
	Keys    []Key
	// Accepted are the findings about tables that the plan accepts.
	Accepted []Accepted
	// Unread is what could not be read, and so is not known.
	Unread []string
}

// Exit is 13 if a key needs a person, and 1 if something is not known.
func (s Snapshot) Exit() plan.Exit {
	unknown := func(k Key) bool { return k.State == Unknown }
	switch {
	case slices.ContainsFunc(s.Keys, Key.Needs):
		return plan.ExitPerson
	case len(s.Unread) > 0, slices.ContainsFunc(s.Keys, unknown):
		return plan.ExitFailed
	}
	return plan.ExitDone
}

// Accept adds the entries at the top of the plan.
func (s *Snapshot) Accept(list []plan.Acceptance) { s.Accepted = accepted(s.At, list) }
