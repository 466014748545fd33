package search

import (
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// deleteSoonPlan would delete a version that was found disabled long before its drain is over.
var deleteSoonPlan = strings.NewReplacer("drain: 10d", "drain: 25d", "delete_after: 7d", "delete_after: 2d").Replace(
	deletePlan)

// overlapScenes returns those in which something old is still out, or still counts, while
// persons go on: cron's disabling of a version, the deadline of one that somebody disabled,
// a yes of before_switch, the hold of a rebuild.
func overlapScenes(b Bounds) []*Scene {
	by := func(pool string, q plan.Request) Act { return Act{Pool: pool, Request: q, Wait: rehearsal.Patience} }
	ofV1 := func(pool string, v plan.Verb) Act { return by(pool, plan.Request{Verb: v, Version: 1}) }
	cron := Act{Pool: "a"}
	retire, reinstate := ofV1("person", plan.VerbRetire), ofV1("other", plan.VerbReinstate)
	return []*Scene{
		{Name: "a retire while cron's disabling is refused", Plan: retirePlan, Prepare: drained, Clock: later,
			Bounds: b, Acts: []Act{cron, retire}, Last: []plan.Request{retire.Request},
			Denied: rehearsal.Denial{Operation: "DisableKey", Pool: cron.Pool}},
		{Name: "a reinstate, a retire, and a reinstate, while cron's disabling is out", Many: true, Plan: retirePlan,
			Prepare: drained, Clock: later, Bounds: b, Acts: []Act{cron, reinstate, retire, reinstate}},
		{Name: "a reinstated version is retired, reinstated and rolled back to", Many: true, Plan: retirePlan,
			Prepare: drained, Clock: later, Bounds: b,
			Acts: []Act{cron, reinstate, retire, reinstate, ofV1("person", plan.VerbRollback)}},
		{Name: "somebody has disabled a version that drains, and a retire and a rebuild", Many: true,
			Plan: deleteSoonPlan, Clock: later, Bounds: b,
			Prepare: func(w *World) { disabledByHand(w); w.Advance(time.Hour) },
			Acts:    []Act{cron, retire, by("other", rebuild[0]), {Pool: "b", After: 3 * day}}},
		{Name: "before_switch says yes, and then not yet", Many: true, Prepare: due, Clock: later, Bounds: b,
			Plan: with(keepPlan, `before_switch: ["./ready"]`), Acts: []Act{cron, {Pool: "b"}},
			Interventions: []Intervention{rehearsal.ShutGate()}},
		{Name: "a rotate under the hold of a rebuild", Plan: retirePlan, Prepare: rebuiltAndHeld, Clock: later,
			Bounds: b, Acts: []Act{by("person", again(plan.VerbRotate)), cron, {Pool: "b", After: 31 * day}},
			Last: []plan.Request{ask(plan.VerbRelease), {}}},
	}
}

// rebuiltAndHeld prepares a world in which a record was lost with its ledger and has been
// rebuilt: the key holds itself, for nobody knows whether it was held.
func rebuiltAndHeld(w *World) {
	switched(w)
	removeItems(w, items(w)...)
	w.Watch.Torn(w.Keys[0])
	w.Replaced(0)
	w.Calm("person", rebuild[0])
	w.Advance(time.Hour)
}
