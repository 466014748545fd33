package rehearsal

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// ledgers checks invariant 13: no event is lost, and none that the ledger tells is ever
// told otherwise; and 14, that each follows the one before it. A record that somebody has replaced is not asked about.
func (e *observation) ledgers(all map[string][]plan.Event) {
	for _, key := range e.Keys {
		now := all[key.Key()]
		was := e.ledger[key.Key()]
		e.ledger[key.Key()] = now
		for _, old := range was {
			// A run that began before the table was restored may put its item beside that of another one:
			// then the ledger tells a revision twice, and goes on to.
			same := func(n plan.Event) bool { return n.Rev == old.Rev && plan.SameEvent(old, n) }
			if !slices.ContainsFunc(now, same) {
				e.fail("13", "the ledger told revision %d, and does not tell it like that any more", old.Rev)
			}
		}
		r := e.all[key.Key()]
		if r == nil || r.Schema > plan.SchemaVersion || e.isLoose(key.Alias) || e.torn[key.Key()] {
			continue
		}
		for _, f := range plan.HistoryOf(r, now).Findings {
			switch f.Kind {
			case plan.Jump:
			case plan.Rewritten, plan.Unlinked:
				e.fail("14", "%s", f.Text)
			default:
				e.fail("13", "%s", f.Text)
			}
		}
	}
}

// chained checks invariant 14 of a key at rest: each event follows the one before it as
// it is stored, and the open or last claim has the hash of its own event.
func (w *World) chained(key plan.Policy) {
	if w.Watch.isLoose(key.Alias) || w.Watch.torn[key.Key()] {
		return
	}
	table := w.table.Stored()
	w.random.Reader = w.reader
	records, err := table.Read(context.Background(), []string{key.Key()})
	r := records[key.Key()]
	if err != nil || r == nil || r.Schema > plan.SchemaVersion {
		return // other rules ask about it
	}
	ledger, err := table.Ledger(context.Background(), key.Key(), time.Time{})
	w.must(err)
	history := plan.HistoryOf(r, ledger)
	broken := func(what string) {
		w.Watch.Broken = append(w.Watch.Broken, Broken{"14", "the chain of " + key.Name, what})
	}
	for _, f := range history.Findings {
		if f.Kind == plan.Rewritten || f.Kind == plan.Unlinked {
			broken(f.Text)
		}
	}
	for _, e := range history.Events {
		if e.Is(plan.EventClaim) && w.Watch.claims[e.Claim] != e.Hash() {
			broken("the claim of revision " + revText(e.Rev) + " shows another hash than that of its event")
		}
	}
}

func revText(rev int64) string { return strconv.FormatInt(rev, 10) }
