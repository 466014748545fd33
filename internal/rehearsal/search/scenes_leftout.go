package search

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// longPlan keeps more versions than a record lists after a week.
const longPlan = `
region: eu-west-1
schedule: {every: 1d}
drain: 1h
keys:
  - alias: alias/orders-data
`

// leftOutScenes returns those of a key with more versions than its record lists: v1 and v2
// are left out, v7 is live, a window is due, and v6 has drained, so that the next kept
// version leaves the list. Meanwhile a person wants one that was left out.
func leftOutScenes(b Bounds) []*Scene {
	person := func(q plan.Request) []Act {
		return []Act{{Pool: "a"}, {Pool: "person", Request: q, Wait: rehearsal.Patience}, {Pool: "b"}}
	}
	back, again := ask(plan.VerbRollback), ask(plan.VerbReinstate)
	back.Version, again.Version = 1, 1
	other := back
	other.Version = 2
	return []*Scene{
		{Name: "a rollback to a version that was left out", Plan: longPlan, Prepare: longHistory, Acts: person(back),
			Clock: later, Bounds: b},
		{Name: "two rollbacks to versions that were left out", Plan: longPlan, Prepare: longHistory, Clock: later,
			Bounds: b, Acts: []Act{{Pool: "person", Request: back}, {Pool: "other", Request: other,
				Wait: rehearsal.Patience}, {Pool: "a"}}},
		{Name: "a reinstate of a version that was left out", Plan: longPlan, Acts: person(again), Clock: later,
			Bounds: b, Prepare: func(w *World) { longHistory(w); disableByHand(w, leftOutKey(w)) }},
		{Name: "a stranger's key has the name of a version that was left out", Plan: longPlan, Acts: person(back),
			Clock: later, Bounds: b, Prepare: strangeName},
		{Name: "the alias is on a version that was left out, and adopt", Plan: longPlan,
			Acts: person(ask(plan.VerbAdopt)), Clock: later, Bounds: b, Last: []plan.Request{ask(plan.VerbAdopt)},
			Prepare: func(w *World) { longHistory(w); w.MoveByHand(0, leftOutKey(w)); w.Advance(day) }},
		{Name: "a lost record of many versions is rebuilt", Plan: longPlan, Clock: later, Bounds: b, Last: rebuild,
			Acts:    person(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}),
			Prepare: func(w *World) { longHistory(w); rehearsal.LostRecord(0).Do(w) }},
	}
}

// longHistory rotates until the record has left out v1 and v2, and more is to be kept.
func longHistory(w *World) {
	w.MakeKeys()
	for w.Record(0).LeftOut < 2 {
		w.Advance(day)
		w.Calm("before", plan.Request{})
	}
	w.Advance(day)
}

// leftOutKey returns the key of v1.
func leftOutKey(w *World) string { return w.Truth().Names[plan.VersionAlias(w.Keys[0].Alias, 1)] }

// strangeName gives v1's name to a key that is nobody's version.
func strangeName(w *World) {
	longHistory(w)
	ctx, name := context.Background(), plan.VersionAlias(w.Keys[0].Alias, 1)
	out, err := w.Admin().KMS.CreateKey(ctx, &awskms.CreateKeyInput{})
	must(err)
	id := aws.ToString(out.KeyMetadata.KeyId)
	w.Watch.Strange(id)
	_, err = w.Admin().KMS.UpdateAlias(ctx, &awskms.UpdateAliasInput{AliasName: &name, TargetKeyId: &id})
	must(err)
	w.ByHand("UpdateAlias", id)
	w.Advance(day)
}

// disableByHand has somebody disable a key.
func disableByHand(w *World, id string) {
	w.Watch.Excuse(id)
	_, err := w.Admin().KMS.DisableKey(context.Background(), &awskms.DisableKeyInput{KeyId: &id})
	must(err)
	w.ByHand("DisableKey", id)
	w.Watch.Mind(id)
}
