package screen

import (
	"fmt"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// AcceptText returns what a person accepts with an adopt, as a look ahead has it; "" if
// there is nothing to accept.
func AcceptText(k rotate.KeyReport) string {
	switch {
	case k.Did(plan.WriteAdoptDrift):
		return movedText(k)
	case k.Did(plan.WriteRebuild):
		return then("the record is to be rebuilt from what KMS has", rebuiltText(*k.Policy, k.Record))
	case k.Fenced:
		return "an alias move is signed and may still arrive"
	case k.Busy && k.Record != nil && k.Record.Active == 0: // it creates the alias: there is no move to accept
		return ""
	case k.Busy:
		return "another run has it, and the alias may have moved"
	}
	return ""
}

// movedText returns what an adopt of drift accepts.
func movedText(k rotate.KeyReport) string {
	return fmt.Sprintf("%s was moved: it names %s, the record says %s", k.Policy.Alias, k.Record.Live().KeyID,
		plan.VersionName(k.Before.Active))
}
