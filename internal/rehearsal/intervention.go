package rehearsal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/ddblock"
)

// What somebody does to the world outside keyturn.

// able reports whether it makes sense now.
func (i Intervention) able(w *World) bool { return i.Able == nil || i.Able(w) }

// intervene lets somebody make the change.
func (w *World) intervene(i Intervention) {
	i.Do(w)
	w.changed++
	w.note("somebody", "%s", i.Name)
}

// StrangeAlias puts the n-th alias onto a key that keyturn does not know.
func StrangeAlias(n int) Intervention {
	return Intervention{Name: "an alias is moved by hand onto a key of nobody's", Do: func(w *World) {
		w.random.Reader = w.own
		out, err := w.admin.KMS.CreateKey(context.Background(), &awskms.CreateKeyInput{})
		w.must(err)
		w.MoveByHand(n, aws.ToString(out.KeyMetadata.KeyId))
	}}
}

// OldAlias puts the n-th alias back onto a version that drains, as an old cron
// job would.
func OldAlias(n int) Intervention {
	return Intervention{Name: "an alias is moved by hand back onto an older version",
		Able: func(w *World) bool {
			r := w.Record(n)
			return r != nil && len(r.Draining()) > 0 && w.Truth().State[r.Draining()[0].KeyID] == "Enabled"
		},
		Do: func(w *World) { w.MoveByHand(n, w.Record(n).Draining()[0].KeyID) }}
}

// LostRecord deletes the n-th key's record.
func LostRecord(n int) Intervention {
	return Intervention{Name: "a record is deleted", Do: func(w *World) {
		w.random.Reader = w.own
		_, err := w.admin.DynamoDB.DeleteItem(context.Background(),
			&awsddb.DeleteItemInput{TableName: &w.Table, Key: w.itemKey(n)})
		w.must(err)
		w.Replaced(n)
	}}
}

// RestoredTable puts the records as they were when the scene began into another
// table of the same name, as a restore from a backup does.
func RestoredTable() Intervention {
	return Intervention{Name: "the table is restored", Do: func(w *World) {
		w.anotherTable()
		for _, item := range w.backup {
			_, err := w.admin.DynamoDB.PutItem(context.Background(),
				&awsddb.PutItemInput{TableName: &w.Table, Item: item})
			w.must(err)
		}
	}}
}

// ShutGate has before_switch say not yet from now on.
func ShutGate() Intervention {
	return Intervention{Name: "before_switch begins to say not yet",
		Able: func(w *World) bool { return w.gateShut.IsZero() },
		Do:   func(w *World) { w.gateShut = w.clock.now }}
}

// EmptyTable returns a table of the same name, with nothing in it.
func EmptyTable() Intervention {
	return Intervention{Name: "the table is made again", Do: (*World).anotherTable}
}

func (w *World) anotherTable() {
	w.random.Reader = w.own
	ctx := context.Background()
	_, err := w.admin.DynamoDB.UpdateTable(ctx, &awsddb.UpdateTableInput{TableName: &w.Table,
		DeletionProtectionEnabled: aws.Bool(false)})
	w.must(err)
	_, err = w.admin.DynamoDB.DeleteTable(ctx, &awsddb.DeleteTableInput{TableName: &w.Table})
	w.must(err)
	_, err = w.table.Create(ctx, ddblock.CreateOptions{})
	w.must(err)
	for n := range w.Keys {
		w.Watch.Torn(w.Keys[n])
		w.Replaced(n)
	}
}

// Backup returns the n-th key's record from when the scene began.
func (w *World) Backup(n int) map[string]types.AttributeValue { return w.backup[n] }

// Replaced has the watch know that somebody has replaced the n-th key's record.
func (w *World) Replaced(n int) { w.Watch.Replaced(w.Keys[n], w.begun) }

// item returns the n-th key's record as DynamoDB has it.
func (w *World) item(n int) map[string]types.AttributeValue {
	w.random.Reader = w.own
	out, err := w.admin.DynamoDB.GetItem(context.Background(),
		&awsddb.GetItemInput{TableName: &w.Table, Key: w.itemKey(n)})
	w.must(err)
	return out.Item
}

func (w *World) itemKey(n int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"key": text(w.Keys[n].Key()), "item": text("record")}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
