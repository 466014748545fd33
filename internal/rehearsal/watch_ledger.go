package rehearsal

import (
	"slices"

	"github.com/keyturn/keyturn/plan"
)

// ledgers checks invariant 13: no event is lost, and none that the ledger tells is ever
// told otherwise. A record that somebody has replaced is not asked about.
func (e *observation) ledgers(all map[string][]plan.Event) {
	for _, key := range e.Keys {
		now := all[key.Key()]
		was := e.ledger[key.Key()]
		e.ledger[key.Key()] = now
		for _, old := range was {
			i := slices.IndexFunc(now, func(n plan.Event) bool { return n.Rev == old.Rev })
			if i < 0 || !plan.SameEvent(old, now[i]) {
				e.fail("13", "the ledger told revision %d, and does not tell it like that any more", old.Rev)
			}
		}
		r := e.all[key.Key()]
		if r == nil || r.Schema > plan.SchemaVersion || e.isLoose(key.Alias) || e.torn[key.Key()] {
			continue
		}
		for _, f := range plan.HistoryOf(r, now).Findings {
			if f.Kind != plan.Jump {
				e.fail("13", "%s", f.Text)
			}
		}
	}
}
