package audit

import (
	"fmt"
	"sort"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Gap is a run of revisions without an event.
type Gap struct{ From, To int64 }

func (g Gap) String() string {
	if g.From == g.To {
		return fmt.Sprint(g.From)
	}
	return fmt.Sprintf("%d–%d", g.From, g.To)
}

// rebuilt is what the event of `adopt --from-kms` says. Its revision lies far
// above the one before it, on purpose.
const rebuilt = "rebuilt from KMS"

// Gaps finds the revisions up to rev that neither the ledger nor the record
// has an event of. Each write makes one, so a missing one was taken away.
func Gaps(rev int64, events ...plan.Event) []Gap {
	seen := map[int64]bool{}
	var sorted []plan.Event
	for _, e := range events {
		if !seen[e.Rev] {
			seen[e.Rev] = true
			sorted = append(sorted, e)
		}
	}
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Rev < sorted[j].Rev })
	var gaps []Gap
	next := int64(1)
	for _, e := range sorted {
		if e.Rev > next && e.What != rebuilt {
			gaps = append(gaps, Gap{next, e.Rev - 1})
		}
		next = e.Rev + 1
	}
	if next <= rev {
		gaps = append(gaps, Gap{next, rev})
	}
	return gaps
}

// ledger checks that no revision is missing, and none lies above the record's:
// then the record was put back to an older state.
func (c *checker) ledger() {
	if !c.s.Ledgered {
		return
	}
	events := append(append([]plan.Event(nil), c.s.Ledger...), c.r.Events...)
	highest := int64(0)
	for _, e := range events {
		highest = max(highest, e.Rev)
	}
	if highest > c.r.Rev {
		c.add(Finding{Code: "record-restored", Level: Person, Mode: Partial, Invariants: []int{6},
			What: fmt.Sprintf("the record is at rev %d and the ledger knows of rev %d: an older copy of the record was put back", c.r.Rev, highest),
			Hint: "keyturn adopt " + c.p.Name + ` --from-kms --reason "..."`})
	}
	gaps := Gaps(c.r.Rev, events...)
	if len(gaps) == 0 {
		return
	}
	texts := make([]string, len(gaps))
	for i, g := range gaps {
		texts[i] = g.String()
	}
	c.add(Finding{Code: "ledger-gap", Level: Person, Mode: Partial, Invariants: []int{6},
		What: "the ledger has no event of revision " + strings.Join(texts, ", ") + ": items were deleted, or something else than keyturn wrote the record",
		Hint: "keyturn history " + c.p.Name})
}
