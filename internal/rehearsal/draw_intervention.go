package rehearsal

import (
	"math/rand/v2"

	"github.com/keyturn/keyturn/plan"
)

// What persons type when a record is lost, and when an alias is not where the
// record says.
var (
	repairRecord = plan.Request{Verb: plan.VerbAdopt, FromKMS: true}
	repairAlias  = plan.Request{Verb: plan.VerbAdopt}
)

// drawIntervention lets somebody do something that nobody should.
func (w *World) drawIntervention(r *rand.Rand) {
	n := r.IntN(len(w.Keys))
	all := []Intervention{StrangeAlias(n), OldAlias(n), LostRecord(n)}
	if r.IntN(6) == 0 {
		all = []Intervention{RestoredTable(), EmptyTable()}
	}
	if change := all[r.IntN(len(all))]; change.able(w) {
		w.intervene(change)
	}
}

// repair lets a person come, sooner or later, for each key that needs one. Such a
// person knows what to type, and not whether it is too early.
func (w *World) repair(r *rand.Rand) {
	kms := w.Truth()
	for n, k := range w.Keys {
		if r.IntN(4) > 0 {
			continue
		}
		act := Act{Pool: "person", Key: n + 1, Wait: Patience}
		rec := w.Record(n)
		switch {
		case w.Watch.isLoose(k.Alias):
			act.Request = repairRecord
		case rec != nil && rec.Step == plan.Steady && rec.Live().KeyID != kms.Names[k.Alias]:
			act.Request = repairAlias
			if r.IntN(2) == 0 {
				act.Request = plan.Request{Verb: plan.VerbRollback, Version: rec.Active}
			}
		case rec != nil && rec.Hold != nil && rec.Hold.Self: // after a rebuild nobody knows whether it was held
			act.Request = plan.Request{Verb: plan.VerbRelease}
		default:
			continue
		}
		w.agenda = append(w.agenda, act)
	}
}

// putBack moves by hand onto the active version what alias could not be adopted:
// on a version that was disabled meanwhile, it may have no other way.
func (w *World) putBack() {
	kms := w.Truth()
	for n, k := range w.Keys {
		if rec := w.Record(n); rec != nil && rec.Step == plan.Steady && rec.Live().KeyID != kms.Names[k.Alias] {
			w.note("somebody", "puts %s back onto v%d", k.Alias, rec.Active)
			w.MoveByHand(n, rec.Live().KeyID)
		}
	}
}
