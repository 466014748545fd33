package search

import (
	"context"
	"slices"
	"strings"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// with adds a line to the only key of a plan.
func with(planFile, line string) string {
	return strings.TrimRight(planFile, "\n") + "\n    " + line + "\n"
}

// FurtherScenes are roamed, and walked at night. Each is where one guard of
// keyturn is all that keeps harm away.
func FurtherScenes(b Bounds) []*Scene {
	two := []Act{{Pool: "a"}, {Pool: "b"}}
	then := func(d time.Duration, acts ...Act) []Act {
		return append(acts[:len(acts):len(acts)], Act{Pool: "a", After: d})
	}
	typed := func(v plan.Verb) Act { return Act{Pool: "person", Request: ask(v)} }
	again := Act{Pool: "person", Request: again(plan.VerbRotate)}
	adopts := func(q plan.Request) []Act {
		q.Verb = plan.VerbAdopt
		return []Act{{Pool: "person", Request: q}, {Pool: "a"}, {Pool: "other", Request: q}, {Pool: "b", After: minute}}
	}
	return append(slices.Concat(forgedScenes(b), ledgerScenes(b), leftOutScenes(b), versionScenes(b), overlapScenes(b),
		slowScenes(b)), []*Scene{
		{Name: "quotas", Plan: manyPlan, Prepare: due, Acts: then(minute, two...), Clock: later, Bounds: b,
			Quotas: true},
		{Name: "an old key is adopted", Plan: keepPlan, Prepare: oldKey, Acts: two, Clock: later, Bounds: b,
			Last: []plan.Request{{}, {}}}, // the run after the one that adopts it rotates
		{Name: "a window opens on a young version", Plan: keepPlan, Prepare: almostDue, Acts: then(2*day, again),
			Clock: later, Bounds: b},
		{Name: "a switch is given up", Plan: keepPlan, Prepare: switchedAndDue,
			Acts: then(2*day, two[0], typed(plan.VerbRollback)), Clock: later, Bounds: b},
		{Name: "two rotate by hand", Plan: keepPlan, Prepare: switched,
			Acts: []Act{again, typed(plan.VerbRollback), {Pool: "a"}}, Clock: later, Bounds: b},
		{Name: "two persons overtake each other", Plan: keepPlan, Prepare: switched, Clock: later, Bounds: b,
			Acts: []Act{typed(plan.VerbRollback), {Pool: "other", Request: plan.Request{Verb: plan.VerbRotate,
				Abandon: true}, Wait: rehearsal.Patience}, {Pool: "a"}}},
		{Name: "a freeze", Plan: with(keepPlan,
			`freeze: [{from: "2026-11-01T00:00:00Z", to: "2027-03-01T00:00:00Z", reason: sale}]`),
			Prepare: due, Acts: two, Clock: later, Bounds: b},
		{Name: "a freeze begins", Prepare: due, Acts: two, Clock: later, Bounds: b,
			Plan: with(keepPlan, `freeze: [{from: "2026-11-18T12:02:00Z", to: "2026-11-18T12:25:00Z"}]`)},
		{Name: "a freeze begins, and v1 has drained", Prepare: drained, Acts: two, Clock: later, Bounds: b,
			Plan: with(retirePlan, `freeze: [{from: "2026-09-29T14:02:00Z", to: "2026-09-29T14:25:00Z"}]`)},
		{Name: "a deletion falls due in a freeze", Prepare: deletable, Acts: two, Clock: later, Bounds: b,
			Plan: with(deletePlan, `freeze: [{from: "2026-10-14T00:00:00Z", to: "2026-10-16T00:00:00Z"}]`)},
		{Name: "a version waits", Plan: with(keepPlan, "prepublish: 2d"), Prepare: almostDue, Acts: then(3*day, two...),
			Clock: later, Bounds: b},
		{Name: "too many versions drain", Plan: with(retirePlan, "max_draining: 1"), Prepare: usedAndDue, Acts: two,
			Clock: later, Bounds: b,
			Restless: true}, // each run looks again which of them have their name
		{Name: "an old version is in use", Plan: retirePlan, Prepare: usedLately, Acts: two, Clock: later, Bounds: b},
		{Name: "an old version is in use, and a newer plan does not ask", Plan: retirePlan,
			Rollout: strings.Replace(retirePlan, "unless_used_within: 7d", "unless_used_within: off", 1),
			Prepare: usedLately, Acts: []Act{{Pool: "newer"}, {Pool: "a"}}, Clock: later, Bounds: b},
		{Name: "a disabled version may not be deleted yet", Plan: deletePlan,
			Prepare: func(w *World) { disabled(w); w.Advance(2 * day) }, Acts: two, Clock: later, Bounds: b},
		{Name: "a disabled version is not to be deleted", Plan: retirePlan,
			Prepare: func(w *World) { disabled(w); w.Advance(40 * day) }, Acts: two, Clock: later, Bounds: b},
		{Name: "another alias names a disabled version", Plan: deletePlan, Prepare: aliasOnDisabled, Acts: two,
			Clock: later, Bounds: b},
		{Name: "another alias names an old version", Plan: retirePlan, Prepare: aliasOnOld, Acts: two, Clock: later,
			Bounds: b},
		{Name: "a newer plan is of another kind", Plan: retirePlan, Rollout: signsPlan, Prepare: due,
			Clock: later, Bounds: b,
			Acts: []Act{{Pool: "newer"}, {Pool: "a"}, {Pool: "newer", Request: again.Request}}},
		{Name: "a newer plan is of another kind, and v1 has drained", Plan: retirePlan, Rollout: signsPlan,
			Prepare: drained, Acts: []Act{{Pool: "newer"}, {Pool: "a"}}, Clock: later, Bounds: b},
		{Name: "a newer plan drains for less long", Plan: retirePlan,
			Rollout: strings.Replace(retirePlan, "drain: 10d", "drain: 2d", 1),
			Prepare: func(w *World) { switched(w); w.Advance(3 * day) }, Acts: []Act{{Pool: "newer"}, {Pool: "a"}},
			Clock: later, Bounds: b},
		{Name: "a retirement and a hold", Plan: retirePlan, Prepare: drained, Acts: []Act{two[0], typed(plan.VerbHold)},
			Clock: later, Bounds: b},
		{Name: "an alias is made while a run stands", Plan: retirePlan, Prepare: drained, Acts: two,
			Clock: []time.Duration{45 * minute}, Bounds: b, Interventions: []Intervention{secondAlias()}},
		{Name: "the version before was disabled by hand", Plan: with(keepPlan, "probe: off"), Prepare: disabledByHand,
			Acts: []Act{typed(plan.VerbRollback), {Pool: "a"}}, Clock: later, Bounds: b},
		{Name: "another table's keyturn made the next version", Plan: keepPlan, Prepare: foreignVersion, Acts: two,
			Clock: later, Bounds: b, Restless: true},
		{Name: "before_switch says not yet", Plan: with(keepPlan, `before_switch: ["./ready"]`), Prepare: due,
			Acts: then(10*minute, two...), Clock: later, Bounds: b, Shut: true},
		{Name: "the record of a held key is lost", Plan: keepPlan, Prepare: heldAndLost, Acts: two, Clock: later,
			Bounds: b, Still: true, Last: rebuild},
		{Name: "a lost record is rebuilt", Plan: retirePlan, Prepare: lost, Acts: adopts(plan.Request{FromKMS: true}),
			Clock: later, Bounds: b, Last: rebuild},
		{Name: "a record is rebuilt while it is good", Plan: retirePlan, Prepare: switchedAndDue,
			Acts: []Act{two[0], {Pool: "person", Request: rebuild[0], Wait: rehearsal.Patience}, two[1]}, Clock: later,
			Bounds: b},
		{Name: "a refused rollback is given up", Plan: keepPlan,
			Prepare: func(w *World) { switchedAndDue(w); w.Calm("before", plan.Request{}) }, Lag: 5 * minute,
			Clock: later, Bounds: b,
			Acts: []Act{{Pool: "person", Request: ask(plan.VerbRollback)},
				{Pool: "other", Request: plan.Request{Verb: plan.VerbRotate, Abandon: true},
					Wait: rehearsal.Patience}}},
		{Name: "reads lag after an alias was put back", Plan: keepPlan, Prepare: movedAndDue, Lag: 5 * minute,
			Clock: later, Bounds: b, Acts: []Act{putBack, adopts(plan.Request{})[0], {Pool: "a"}}, Last: lastPutBack},
		{Name: "an alias is made", Plan: with(keepPlan, "spec: SYMMETRIC_DEFAULT\n    usage: ENCRYPT_DECRYPT"),
			Prepare: func(*World) {}, Acts: adopts(plan.Request{Create: true}), Clock: later, Bounds: b,
			Last: []plan.Request{{Verb: plan.VerbAdopt, Create: true}}},
		{Name: "authorisation lags", Many: true, Plan: with(keepPlan, "max_attempts: 2"), Prepare: due,
			Denied: rehearsal.Denial{Operation: "CreateAlias", About: "alias/orders-data/v2"}, Clock: later, Bounds: b,
			Last: []plan.Request{ask(plan.VerbRelease)},
			Acts: append(two[:2:2], Act{Pool: "a", After: 15 * minute},
				Act{Pool: "b", After: 90 * minute}, Act{Pool: "a", After: 90 * minute})},
		{Name: "the alias was moved by hand", Plan: keepPlan, Acts: two, Clock: later, Bounds: b, Restless: true,
			Still:   true,
			Prepare: func(w *World) { due(w); rehearsal.StrangeAlias(0).Do(w); w.Advance(time.Hour) }},
	}...)
}

// lost prepares a world in which the record has been deleted, while v1 drains.
func lost(w *World) {
	switched(w)
	rehearsal.LostRecord(0).Do(w)
}

// heldAndLost prepares a world in which a key that was held before its first rotation is due, and
// its record has been deleted: no version alias shows that there was one.
func heldAndLost(w *World) {
	w.MakeKeys()
	w.Calm("person", ask(plan.VerbHold))
	w.Advance(w.Keys[0].Schedule.ShortestPeriod() + day)
	rehearsal.LostRecord(0).Do(w)
}

// oldKey prepares a key that keyturn has not seen yet, and that should have been
// rotated long ago.
func oldKey(w *World) {
	w.Advance(200 * day)
	w.MakeKey(0)
	w.Advance(w.Keys[0].Schedule.ShortestPeriod() + day)
}

// almostDue prepares a world a day before a window opens.
func almostDue(w *World) {
	w.MakeKeys()
	w.Advance(w.Keys[0].Schedule.ShortestPeriod() - day)
}

// usedLately prepares a world in which v1 has drained, and a consumer has just used it.
func usedLately(w *World) {
	drained(w)
	w.Use(w.Record(0).Draining()[0].KeyID)
	w.Advance(3 * time.Hour)
}

// usedAndDue prepares a world in which a window is due and v1 still drains, for it is in use.
func usedAndDue(w *World) {
	switchedAndDue(w)
	w.Use(w.Record(0).Draining()[0].KeyID)
	w.Advance(3 * time.Hour)
}

// aliasOnOld prepares a world in which v1 has drained and another alias names it.
func aliasOnOld(w *World) {
	drained(w)
	secondAlias().Do(w)
	w.Advance(time.Hour)
}

// aliasOnDisabled prepares a world in which v1 may be deleted, and another alias names it.
func aliasOnDisabled(w *World) {
	deletable(w)
	w.AliasByHand("alias/reports", w.Record(0).Retired()[0].KeyID)
	w.Advance(time.Hour)
}

// disabledByHand prepares a world in which somebody has disabled v1, and the record knows nothing
// of it.
func disabledByHand(w *World) {
	switched(w)
	disableByHand(w, w.Record(0).Draining()[0].KeyID)
}

// foreignVersion prepares a world in which a rotation is due, and a keyturn with another table has
// made the version that it would make.
func foreignVersion(w *World) {
	due(w)
	tag := func(name, value string) kmstypes.Tag { return kmstypes.Tag{TagKey: &name, TagValue: &value} }
	out, err := w.Admin().KMS.CreateKey(context.Background(), &awskms.CreateKeyInput{
		Tags: []kmstypes.Tag{tag("keyturn:alias", w.Keys[0].Alias), tag("keyturn:version", "2"),
			tag("keyturn:claim", "of-another-table")}})
	must(err)
	w.Watch.Strange(*out.KeyMetadata.KeyId)
	w.AliasByHand(plan.VersionAlias(w.Keys[0].Alias, 2), *out.KeyMetadata.KeyId)
	w.Advance(time.Hour)
}
