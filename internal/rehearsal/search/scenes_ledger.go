package search

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyturn/keyturn/plan"
)

// ledgerScenes returns those in which a record was put back from an older copy. Nothing
// may be written or made until a person has it rebuilt.
func ledgerScenes(b Bounds) []*Scene {
	two := []Act{{Pool: "a"}, {Pool: "b"}}
	return []*Scene{
		{Name: "the record of a held key is put back", Plan: keepPlan, Prepare: heldAndPutBack, Acts: two, Clock: later,
			Bounds: b, Still: true, Last: rebuild},
		{Name: "a record is put back and written to", Plan: keepPlan, Prepare: toldOtherwise, Acts: two, Clock: later,
			Bounds: b, Still: true, Last: rebuild},
		{Name: "a record is put back meanwhile", Many: true, Plan: keepPlan, Prepare: due, Acts: two, Clock: later,
			Bounds: b, Interventions: []Intervention{olderRecord()}, Last: rebuild},
	}
}

// heldAndPutBack prepares a world in which a rotation is due, and the key was held; its
// record has been put back from a copy of before the hold.
func heldAndPutBack(w *World) {
	due(w)
	old := items(w)
	for range 4 { // more than the writes of a rotation: they would show it late
		w.Calm("person", ask(plan.VerbRelease))
		w.Calm("person", ask(plan.VerbHold))
	}
	w.Advance(day)
	putItems(w, old[:1]...)
	w.Replaced(0)
}

// toldOtherwise prepares a world in which a rotation is due, and the ledger has a story of
// the key that the record does not have: both go on from one copy, and are of one length.
func toldOtherwise(w *World) {
	due(w)
	old := items(w)
	both := func() {
		w.Calm("person", ask(plan.VerbHold))
		w.Calm("person", ask(plan.VerbRelease))
		w.Advance(day)
	}
	both()
	told := items(w)[len(old):]
	removeItems(w, told...)
	putItems(w, old[0])
	w.Watch.Again()
	both()
	putItems(w, told...)
	w.Replaced(0)
}

// olderRecord has somebody put the record back to what it was when the scene began, once
// the ledger shows that it went on since.
func olderRecord() Intervention {
	return Intervention{Name: "a record is put back from an older copy",
		Able: func(w *World) bool {
			r := w.Record(0)
			return r != nil && *plan.LastRev(w.Ledgers()[w.Keys[0].Key()]) > 1
		},
		Do: func(w *World) {
			putItems(w, w.Backup(0))
			w.Replaced(0)
		}}
}

// items returns what the table has of the first key: the record, and then its ledger.
func items(w *World) (found []attrs) {
	out, err := w.Admin().DynamoDB.Query(context.Background(), &awsddb.QueryInput{TableName: &w.Table,
		KeyConditionExpression: aws.String("#k = :k"), ExpressionAttributeNames: map[string]string{"#k": "key"},
		ExpressionAttributeValues: attrs{":k": text(w.Keys[0].Key())}})
	must(err)
	last := len(out.Items) - 1 // events#… come before it
	return append([]attrs{out.Items[last]}, out.Items[:last]...)
}

func putItems(w *World, list ...attrs) {
	for _, item := range list {
		_, err := w.Admin().DynamoDB.PutItem(context.Background(), &awsddb.PutItemInput{TableName: &w.Table,
			Item: item})
		must(err)
	}
}

func removeItems(w *World, list ...attrs) {
	for _, item := range list {
		_, err := w.Admin().DynamoDB.DeleteItem(context.Background(), &awsddb.DeleteItemInput{TableName: &w.Table,
			Key: attrs{"key": item["key"], "item": item["item"]}})
		must(err)
	}
}
