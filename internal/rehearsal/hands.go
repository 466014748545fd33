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

// strangeAlias puts the alias onto a key that keyturn does not know.
func strangeAlias() Hand {
	return Hand{Name: "the alias is moved by hand onto a key of nobody's", Do: func(w *World) {
		w.random.Reader = w.own
		out, err := w.admin.KMS.CreateKey(context.Background(), &awskms.CreateKeyInput{})
		w.must(err)
		w.MoveByHand(0, aws.ToString(out.KeyMetadata.KeyId))
	}}
}

// oldAlias puts the alias back onto a version that drains, as an old cron job
// would.
func oldAlias() Hand {
	return Hand{Name: "the alias is moved by hand back onto an older version",
		Able: func(w *World) bool { r := w.Record(0); return r != nil && len(r.Draining) > 0 },
		Do:   func(w *World) { w.MoveByHand(0, w.Record(0).Draining[0].KeyID) }}
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

// lostRecord deletes the record.
func lostRecord() Hand {
	return Hand{Name: "the record is deleted", Do: func(w *World) {
		w.random.Reader = w.own
		_, err := w.admin.DynamoDB.DeleteItem(context.Background(), &awsddb.DeleteItemInput{TableName: &w.Table, Key: w.itemKey()})
		w.must(err)
		w.replaced()
	}}
}

// restoredTable puts the record as it was when the scene began into another table
// of the same name, as a restore from a backup does.
func restoredTable() Hand {
	return Hand{Name: "the table is restored", Do: func(w *World) {
		w.anotherTable()
		_, err := w.admin.DynamoDB.PutItem(context.Background(), &awsddb.PutItemInput{TableName: &w.Table, Item: w.backup})
		w.must(err)
		w.replaced()
	}}
}

// emptyTable is a table of the same name, with nothing in it.
func emptyTable() Hand {
	return Hand{Name: "the table is made anew", Do: func(w *World) {
		w.anotherTable()
		w.replaced()
	}}
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
}

// item is the first key's record as DynamoDB has it.
func (w *World) item() map[string]types.AttributeValue {
	w.random.Reader = w.own
	out, err := w.admin.DynamoDB.GetItem(context.Background(), &awsddb.GetItemInput{TableName: &w.Table, Key: w.itemKey()})
	w.must(err)
	return out.Item
}

func (w *World) edit(update string, names map[string]string, values map[string]types.AttributeValue) {
	w.random.Reader = w.own
	_, err := w.admin.DynamoDB.UpdateItem(context.Background(), &awsddb.UpdateItemInput{TableName: &w.Table, Key: w.itemKey(),
		UpdateExpression: &update, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
	w.must(err)
	w.replaced()
}

// replaced says that the record is not what keyturn wrote. A run that begins
// from now on may change nothing, until a person has it rebuilt.
func (w *World) replaced() {
	w.Watch.Replaced()
	w.stopped = w.begun
}

func (w *World) itemKey() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"key": text(w.Keys[0].Key()), "item": text("record")}
}

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }
