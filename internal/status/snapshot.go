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
}

// Exit is 13 if a key needs a person.
func (s Snapshot) Exit() plan.Exit {
	if slices.ContainsFunc(s.Keys, Key.Needs) {
		return plan.ExitPerson
	}
	return plan.ExitDone
}
