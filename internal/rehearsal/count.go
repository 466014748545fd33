package rehearsal

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Count is how often one operation was called.
type Count struct {
	Service, Operation string
	N                  int
}

// Counts returns the calls that reached AWS, the most frequent first.
func (p *Played) Counts() []Count {
	var all []Count
	for name, n := range p.Calls {
		service, operation, _ := strings.Cut(name, ":")
		all = append(all, Count{service, operation, n})
	}
	slices.SortFunc(all, func(x, y Count) int {
		return cmp.Or(y.N-x.N, strings.Compare(x.Operation, y.Operation))
	})
	return all
}

// Exit is 13 if an invariant did not hold.
func (p *Played) Exit() plan.Exit {
	if len(p.Watch.Broken) > 0 {
		return plan.ExitPerson
	}
	return plan.ExitDone
}
