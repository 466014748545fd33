package search

import (
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

const (
	minute = time.Minute
	day    = 24 * time.Hour
)

// The plans of the scenes.
const (
	keepPlan = `
region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/orders-data
`
	rolloutPlan = `
region: eu-west-1
schedule: {cron: "0 3 * * 1"}
drain: 5d
keys:
  - alias: alias/orders-data
    retire: {action: disable, unless_used_within: 7d}
`
	retirePlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    retire: {action: disable, unless_used_within: 7d}
`
	// signsPlan takes the key of retirePlan for one that does not encrypt, so it may
	// disable by a default.
	signsPlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
retire: {action: disable, unless_used_within: off}
keys:
  - alias: alias/orders-data
    usage: SIGN_VERIFY
`
	// manyPlan has one key more than KMS lets an account create in a second.
	manyPlan = `
region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/one
  - alias: alias/two
  - alias: alias/three
  - alias: alias/four
  - alias: alias/five
  - alias: alias/six
`
	deletePlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    retire: {action: delete, unless_used_within: 7d, delete_after: 7d, deletion_window: 7d}
`
)

// later are the spans that matter: a lease is over; what was seen is too old, and others
// look at an old version again; a signature has died; a fence is over.
var later = []time.Duration{plan.LeaseFor + time.Second, max(plan.LooksLast, plan.OldTurn) + time.Second, 6 * minute,
	plan.FenceFor + minute}

// due brings a world to where its keys have been adopted and a rotation is due.
func due(w *World) {
	w.MakeKeys()
	w.Advance(w.Keys[0].Schedule.ShortestPeriod() + day)
}

// switched is one rotation later: v1 drains, v2 is active.
func switched(w *World) {
	due(w)
	w.Calm("before", plan.Request{})
	w.Advance(2 * time.Hour) // no verb was carried out within the hour
}

// drained prepares a world in which v1 has drained: the next run retires it.
func drained(w *World) {
	switched(w)
	w.Advance(w.Keys[0].Drain)
}

// disabled prepares a world in which v1 was disabled.
func disabled(w *World) {
	drained(w)
	w.Calm("before", plan.Request{})
	w.Advance(time.Hour)
}

// deletable prepares a world in which v1 may be deleted: the next run schedules it.
func deletable(w *World) {
	disabled(w)
	w.Advance(8 * day)
}

// ask returns a person's verb.
func ask(v plan.Verb) plan.Request { return plan.Request{Verb: v} }

// Scenes returns what Walk goes through, with these bounds.
func Scenes(b Bounds) []*Scene {
	two := []Act{{Pool: "a"}, {Pool: "b"}}
	person := func(v plan.Verb) []Act {
		return []Act{{Pool: "a"}, {Pool: "person", Request: ask(v), Wait: rehearsal.Patience}}
	}
	return append(handScenes(b), []*Scene{
		{Name: "a rotation is due", Plan: keepPlan, Prepare: due, Acts: two, Clock: later, Bounds: b},
		{Name: "three pools", Many: true, Plan: keepPlan, Prepare: due, Acts: append(two[:2:2], Act{Pool: "c"}),
			Clock: later, Bounds: b},
		{Name: "two windows", Plan: keepPlan, Prepare: due, Clock: []time.Duration{later[0], 90 * day}, Bounds: b,
			Acts: append(two[:2:2], Act{Pool: "a", After: 90 * day}, Act{Pool: "b"})},
		{Name: "a rollback meanwhile", Plan: keepPlan, Prepare: switchedAndDue, Acts: person(plan.VerbRollback),
			Clock: later, Bounds: b},
		{Name: "a rotate meanwhile", Plan: keepPlan, Prepare: due, Acts: person(plan.VerbRotate), Clock: later,
			Bounds: b},
		{Name: "a hold meanwhile", Plan: keepPlan, Prepare: due, Acts: person(plan.VerbHold), Clock: later, Bounds: b},
		{Name: "a retirement", Plan: retirePlan, Prepare: drained, Acts: two, Clock: later, Bounds: b},
		{Name: "a retirement and a rollback", Plan: retirePlan, Prepare: drained, Acts: person(plan.VerbRollback),
			Clock: later, Bounds: b},
		{Name: "a retirement and a reinstate", Plan: retirePlan, Prepare: drained, Acts: person(plan.VerbReinstate),
			Clock: later, Bounds: b},
		{Name: "a deletion and a reinstate", Plan: deletePlan, Prepare: deletable, Acts: person(plan.VerbReinstate),
			Clock: later, Bounds: b},
		{Name: "a reinstate and a rollback", Plan: retirePlan, Prepare: disabled, Clock: later, Bounds: b,
			Acts: []Act{{Pool: "person", Request: ask(plan.VerbReinstate)},
				{Pool: "person", Request: ask(plan.VerbRollback)}, {Pool: "a"}}},
	}...)
}

// handScenes returns the scenes in which somebody does something to the world, or the
// world itself is off.
func handScenes(b Bounds) []*Scene {
	two := []Act{{Pool: "a"}, {Pool: "b"}}
	late := []Act{{Pool: "a"}, {Pool: "b"}, {Pool: "c", After: minute}}
	adopt := append(two[:2:2], Act{Pool: "person", Request: ask(plan.VerbAdopt)})
	return []*Scene{
		{Name: "the alias moved by hand, and adopt", Many: true, Plan: keepPlan, Prepare: due, Acts: adopt,
			Clock: later, Bounds: b, Interventions: []Intervention{rehearsal.StrangeAlias(0), rehearsal.OldAlias(0)},
			Last: []plan.Request{ask(plan.VerbAdopt)}},
		{Name: "the alias moved by hand, and put back", Many: true, Plan: keepPlan, Prepare: movedAndDue, Clock: later,
			Bounds: b, Acts: []Act{putBack, {Pool: "a"}, {Pool: "other", Request: putBack.Request, Wait: putBack.Wait}},
			Interventions: []Intervention{rehearsal.StrangeAlias(0)}, Last: lastPutBack},
		{Name: "the alias moved by hand in a rotation, and put back", Many: true, Plan: keepPlan, Prepare: due,
			Acts: []Act{{Pool: "a"}, putBack, {Pool: "b"}}, Clock: later, Bounds: b,
			Interventions: []Intervention{rehearsal.StrangeAlias(0), rehearsal.OldAlias(0)}, Last: lastPutBack},
		{Name: "the alias moved by hand, and put back and given up", Many: true, Plan: keepPlan, Prepare: movedAndDue,
			Clock: later, Bounds: b, Acts: []Act{putBack, {Pool: "other", Wait: rehearsal.Patience,
				Request: plan.Request{Verb: plan.VerbRotate, Abandon: true}}, {Pool: "a"}},
			Interventions: []Intervention{aliasBack()}, Last: lastPutBack},
		{Name: "a newer keyturn's record", Many: true, Plan: keepPlan, Prepare: due, Acts: late, Clock: later,
			Bounds: b, Interventions: []Intervention{newerRecord()}, Restless: true},
		{Name: "the record is lost", Many: true, Plan: keepPlan, Prepare: switchedAndDue, Acts: late, Clock: later,
			Bounds: b, Interventions: []Intervention{rehearsal.LostRecord(0)}, Last: rebuild},
		{Name: "the table is restored", Many: true, Plan: keepPlan, Prepare: due, Acts: late, Clock: later, Bounds: b,
			Interventions: []Intervention{rehearsal.RestoredTable(), rehearsal.EmptyTable()}, Last: rebuild},
		{Name: "a late use, and another alias", Plan: retirePlan, Prepare: drained, Acts: two, Clock: later, Bounds: b,
			Interventions: []Intervention{lateUse(), secondAlias()}},
		{Name: "reads lag", Plan: keepPlan, Prepare: due, Acts: two, Clock: later, Bounds: b, Lag: 3 * minute},
		{Name: "reads lag after a switch", Many: true, Plan: retirePlan, Prepare: switched, Clock: later, Bounds: b,
			Lag: 5 * minute,
			Acts: []Act{{Pool: "person", Request: again(plan.VerbRotate)},
				{Pool: "person", Request: ask(plan.VerbRollback)}, {Pool: "a"}}},
		{Name: "clocks are off", Plan: keepPlan, Prepare: due,
			Acts: []Act{{Pool: "a", Ahead: 5 * minute}, {Pool: "b", Ahead: -5 * minute}}, Clock: later, Bounds: b},
		{Name: "two versions of the plan", Plan: keepPlan, Rollout: rolloutPlan, Prepare: due,
			Acts: []Act{{Pool: "a"}, {Pool: "newer"}, {Pool: "a", After: 8 * day}, {Pool: "newer"}}, Clock: later[:1],
			Bounds: b},
	}
}

// putBack is a person's rollback to v1, which puts an alias back that somebody has moved
// away from it.
var putBack = Act{Pool: "person", Request: plan.Request{Verb: plan.VerbRollback, Version: 1},
	Wait: rehearsal.Patience}

// lastPutBack is how what somebody moved comes to rest: it is put back if v1 is active, else
// taken as it is.
var lastPutBack = []plan.Request{putBack.Request, ask(plan.VerbAdopt), {}}

// movedAndDue prepares a world in which a window is due, and somebody has moved the alias.
func movedAndDue(w *World) {
	due(w)
	rehearsal.StrangeAlias(0).Do(w)
	w.Advance(time.Hour)
}

// rebuild is how what began with another record ends: by a person, who also
// releases what the key holds itself for, and then a run for what has become due.
var rebuild = []plan.Request{plan.Request{Verb: plan.VerbAdopt, FromKMS: true}, {Verb: plan.VerbRelease}, {}}

func again(v plan.Verb) plan.Request { return plan.Request{Verb: v, Again: true} }

// switchedAndDue is one rotation later, when the next is due.
func switchedAndDue(w *World) {
	switched(w)
	w.Advance(w.Keys[0].Schedule.ShortestPeriod())
}
