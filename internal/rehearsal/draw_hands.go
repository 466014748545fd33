package rehearsal

import (
	"math/rand/v2"

	"github.com/keyturn/keyturn/plan"
)

// What persons type when a record is lost, and when an alias is not where the
// record says.
var (
	mendRecord = plan.Request{Verb: plan.VerbAdopt, FromKMS: true}
	mendAlias  = ask(plan.VerbAdopt)
)

// drawHand lets somebody do something that nobody should.
func (w *World) drawHand(r *rand.Rand) {
	n := r.IntN(len(w.Keys))
	rec := w.Record(n)
	switch what := r.IntN(12); {
	case what == 0:
		w.note("somebody", "restores the table, as it was when all began")
		restoredTable().Do(w)
	case what == 1:
		w.note("somebody", "makes the table anew")
		emptyTable().Do(w)
	case what < 5:
		w.note("somebody", "deletes the record of %s", w.Keys[n].Alias)
		w.loseRecord(n)
	case what < 8 && rec != nil && len(rec.Draining) > 0:
		w.note("somebody", "moves %s back onto an older version", w.Keys[n].Alias)
		w.MoveByHand(n, rec.Draining[r.IntN(len(rec.Draining))].KeyID)
	default:
		w.note("somebody", "moves %s onto a key of nobody's", w.Keys[n].Alias)
		w.MoveByHand(n, w.strangeKey())
	}
	w.changed++
}

// mend lets a person come, sooner or later, for each key that needs one. Such a
// person knows what to type, and not whether it is too early.
func (w *World) mend(r *rand.Rand) {
	kms := w.truth()
	for n, k := range w.Keys {
		if r.IntN(4) > 0 {
			continue
		}
		act := Act{Pool: "person", Key: n + 1, Wait: patience}
		rec := w.Record(n)
		switch {
		case w.Watch.isLoose(k.Alias):
			act.Request = mendRecord
		case rec != nil && rec.Step == plan.Steady && rec.Active.KeyID != kms.Names[k.Alias]:
			act.Request = mendAlias
		default:
			continue
		}
		w.agenda = append(w.agenda, act)
	}
}

// putBack moves by hand onto the active version what alias could not be adopted:
// on a version that was disabled meanwhile, it may have no other way.
func (w *World) putBack() {
	kms := w.truth()
	for n, k := range w.Keys {
		if rec := w.Record(n); rec != nil && rec.Step == plan.Steady && rec.Active.KeyID != kms.Names[k.Alias] {
			w.note("somebody", "puts %s back onto v%d", k.Alias, rec.Active.Version)
			w.MoveByHand(n, rec.Active.KeyID)
		}
	}
}
