package search

import (
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// versionScenes returns those in which persons hold, release or retire one version, while
// others rotate, retire, reinstate or roll back.
func versionScenes(b Bounds) []*Scene {
	of := func(v plan.Verb) Act {
		q := ask(v)
		q.Version = 1
		return Act{Pool: "person", Request: q, Wait: rehearsal.Patience}
	}
	other := func(v plan.Verb) Act {
		a := of(v)
		a.Pool = "other"
		return a
	}
	retire, hold, release := of(plan.VerbRetire), of(plan.VerbHold), of(plan.VerbRelease)
	cron, late := Act{Pool: "a"}, Act{Pool: "b", After: time.Hour}
	typedAgain := []plan.Request{retire.Request}
	return []*Scene{
		{Name: "a retire while cron marks the version", Plan: retirePlan, Prepare: drained, Clock: later, Bounds: b,
			Acts: []Act{cron, retire}, Last: typedAgain},
		{Name: "a retire in a drain", Plan: retirePlan, Prepare: switchedBefore, Clock: later, Bounds: b,
			Acts: []Act{cron, retire, late}},
		{Name: "a retire in a rotation", Plan: keepPlan, Prepare: switchedAndDue, Clock: later, Bounds: b,
			Acts: []Act{cron, retire}, Last: typedAgain},
		{Name: "a retire and a reinstate", Plan: keepPlan, Prepare: switchedBefore, Clock: later, Bounds: b,
			Acts: []Act{retire, other(plan.VerbReinstate), cron}},
		{Name: "a retire and a rollback", Plan: keepPlan, Prepare: switchedBefore, Clock: later, Bounds: b,
			Acts: []Act{retire, other(plan.VerbRollback), cron}},
		{Name: "two retires", Plan: keepPlan, Prepare: switchedBefore, Clock: later, Bounds: b,
			Acts: []Act{retire, other(plan.VerbRetire)}, Last: typedAgain},
		{Name: "a retire of the live version", Plan: keepPlan, Prepare: due, Clock: later, Bounds: b,
			Acts: []Act{cron, retire}},
		{Name: "a retire, and another alias", Plan: keepPlan, Prepare: switchedBefore, Clock: later, Bounds: b,
			Acts: []Act{retire, late}, Interventions: []Intervention{secondAlias()}},
		{Name: "a retire of a held version that another alias names", Plan: keepPlan, Clock: later, Bounds: b,
			Acts: []Act{retire, late}, Prepare: func(w *World) {
				switchedBefore(w)
				w.Calm("person", hold.Request)
				secondAlias().Do(w)
				w.Advance(time.Hour)
			}},
		{Name: "a retire of a kept version", Plan: longPlan, Prepare: longHistory, Clock: later, Bounds: b,
			Acts: []Act{cron, retire, late}},
		{Name: "a hold of a version while cron marks it", Plan: retirePlan, Prepare: drained, Clock: later, Bounds: b,
			Acts: []Act{cron, hold, late}},
		{Name: "a held version, and its release", Plan: retirePlan, Prepare: heldDrained, Clock: later, Bounds: b,
			Acts: []Act{cron, release, late}},
		{Name: "a rollback to a held version", Plan: retirePlan, Prepare: heldDrained, Clock: later, Bounds: b,
			Acts: []Act{of(plan.VerbRollback), cron, {Pool: "b", After: 40 * day}}},
		{Name: "a hold of a version that was left out", Plan: longPlan, Prepare: longHistory, Clock: later, Bounds: b,
			Acts: []Act{cron, hold, late}},
	}
}

// switchedBefore prepares a world in which v1 has drained for an hour.
func switchedBefore(w *World) {
	switched(w)
	w.Advance(time.Hour)
}

// heldDrained prepares a world in which v1 has drained, and a person holds it.
func heldDrained(w *World) {
	drained(w)
	q := ask(plan.VerbHold)
	q.Version = 1
	w.Calm("person", q)
}
