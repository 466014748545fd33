package rehearsal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/ddblock"
)

// What hands that are not keyturn's do to the world.

// able tells whether it makes sense now.
func (h Hand) able(w *World) bool { return h.Able == nil || h.Able(w) }

// lend lets somebody do it.
func (w *World) lend(h Hand) {
	h.Do(w)
	w.changed++
	w.note("somebody", "%s", h.Name)
}

// strangeAlias puts the n-th alias onto a key that keyturn does not know.
func strangeAlias(n int) Hand {
	return Hand{Name: "an alias is moved by hand onto a key of nobody's", Do: func(w *World) {
		w.random.Reader = w.own
		out, err := w.admin.KMS.CreateKey(context.Background(), &awskms.CreateKeyInput{})
		w.must(err)
		w.MoveByHand(n, aws.ToString(out.KeyMetadata.KeyId))
	}}
}

// oldAlias puts the n-th alias back onto a version that drains, as an old cron
// job would.
func oldAlias(n int) Hand {
	return Hand{Name: "an alias is moved by hand back onto an older version",
		Able: func(w *World) bool {
			r := w.Record(n)
			return r != nil && len(r.Draining) > 0 && w.truth().State[r.Draining[0].KeyID] == "Enabled"
		},
		Do: func(w *World) { w.MoveByHand(n, w.Record(n).Draining[0].KeyID) }}
}

// secondAlias puts one more alias onto a version that drains.
func secondAlias() Hand {
	return Hand{Name: "another alias is put on a draining version",
		Able: func(w *World) bool {
			return len(w.Record(0).Draining) > 0 && w.truth().Names["alias/reports"] == ""
		},
		Do: func(w *World) { w.AliasByHand("alias/reports", w.Record(0).Draining[0].KeyID) }}
}

// lateUse is a consumer that still uses a version which drains.
func lateUse() Hand {
	return Hand{Name: "a consumer uses a draining version",
		Able: func(w *World) bool { return len(w.Record(0).Draining) > 0 },
		Do:   func(w *World) { w.Use(w.Record(0).Draining[0].KeyID) }}
}

// newerRecord is what a newer keyturn has written.
func newerRecord() Hand {
	return Hand{Name: "a newer keyturn writes the record", Do: func(w *World) {
		w.edit("SET #s = :two, #r = #r + :one, #o = :op", map[string]string{"#s": "schema", "#r": "rev", "#o": "op"},
			map[string]types.AttributeValue{":two": number("2"), ":one": number("1"), ":op": text("newer")})
	}}
}

// lostRecord deletes the n-th key's record.
func lostRecord(n int) Hand {
	return Hand{Name: "a record is deleted", Do: func(w *World) {
		w.random.Reader = w.own
		_, err := w.admin.DynamoDB.DeleteItem(context.Background(), &awsddb.DeleteItemInput{TableName: &w.Table, Key: w.itemKey(n)})
		w.must(err)
		w.Watch.Replaced(w.Keys[n], w.begun)
	}}
}

// restoredTable puts the records as they were when the scene began into another
// table of the same name, as a restore from a backup does.
func restoredTable() Hand {
	return Hand{Name: "the table is restored", Do: func(w *World) {
		w.anotherTable()
		for _, item := range w.backup {
			_, err := w.admin.DynamoDB.PutItem(context.Background(), &awsddb.PutItemInput{TableName: &w.Table, Item: item})
			w.must(err)
		}
	}}
}

// emptyTable is a table of the same name, with nothing in it.
func emptyTable() Hand {
	return Hand{Name: "the table is made anew", Do: (*World).anotherTable}
}

func (w *World) anotherTable() {
	w.random.Reader = w.own
	ctx := context.Background()
	_, err := w.admin.DynamoDB.UpdateTable(ctx, &awsddb.UpdateTableInput{TableName: &w.Table, DeletionProtectionEnabled: aws.Bool(false)})
	w.must(err)
	_, err = w.admin.DynamoDB.DeleteTable(ctx, &awsddb.DeleteTableInput{TableName: &w.Table})
	w.must(err)
	_, err = w.table.Create(ctx, ddblock.CreateOptions{})
	w.must(err)
	for _, k := range w.Keys {
		w.Watch.Replaced(k, w.begun)
	}
}

// item is the n-th key's record as DynamoDB has it.
func (w *World) item(n int) map[string]types.AttributeValue {
	w.random.Reader = w.own
	out, err := w.admin.DynamoDB.GetItem(context.Background(), &awsddb.GetItemInput{TableName: &w.Table, Key: w.itemKey(n)})
	w.must(err)
	return out.Item
}

func (w *World) edit(update string, names map[string]string, values map[string]types.AttributeValue) {
	w.random.Reader = w.own
	_, err := w.admin.DynamoDB.UpdateItem(context.Background(), &awsddb.UpdateItemInput{TableName: &w.Table, Key: w.itemKey(0),
		UpdateExpression: &update, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
	w.must(err)
	w.Watch.Replaced(w.Keys[0], w.begun)
}

func (w *World) itemKey(n int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"key": text(w.Keys[n].Key()), "item": text("record")}
}

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }
