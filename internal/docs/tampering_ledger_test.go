package docs

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// withLedgers are tamperings with events, tables and plans.
var withLedgers = []tampering{
	// events and ledger
	{name: "the newest event rewritten", finds: "record-restored",
		do: newest(func(w *world, e item) { e["at"] = w.ago(9 * day) })},
	{name: "the newest event's actor rewritten", finds: "record-restored",
		do: record(func(w *world, r item) {
			for _, who := range r["who"].(itemMap).Value {
				who.(itemMap).Value["by"] = text("arn:aws:sts::111122223333:assumed-role/somebody/else")
			}
		})},
	// The ledger has them still.
	{name: "the record's events taken out", finds: "record-edited",
		do: record(func(w *world, r item) {
			r["events"].(*ddbtypes.AttributeValueMemberL).Value = nil
		})},
	{name: "the newest event taken out", finds: "record-edited",
		do: record(func(w *world, r item) {
			list := r["events"].(*ddbtypes.AttributeValueMemberL)
			list.Value = list.Value[:len(list.Value)-1]
		})},
	{name: "an event in the record's middle taken out", finds: "record-edited",
		do: record(func(w *world, r item) {
			list := r["events"].(*ddbtypes.AttributeValueMemberL)
			middle := len(list.Value) / 2
			list.Value = append(list.Value[:middle:middle], list.Value[middle+1:]...)
		})},
	{name: "the ledger deleted", finds: "ledger-behind (warning), ledger-gap",
		do: func(w *world) { w.deleteItems("event") }},
	// The record has its events still.
	{name: "the newest item of the ledger deleted", finds: "ledger-behind (warning)",
		do: func(w *world) {
			w.rewrite(alias, "event", func(e item) {
				w.drop(e)
				e["key"] = text("eu-west-1/alias/elsewhere")
			})
		}},
	// the plan and the callers
	{name: "two plans with other terms, in turns",
		finds: "drain-over (warning), drains-overlap (warning), plans-differ",
		do: func(w *world) {
			for i := range 6 {
				w.writePlan(strings.Replace(tampered, "drain: 10d", "drain: "+[]string{"10d", "5d"}[i%2], 1))
				w.must(0, "rotate orders-data --reason test --confirm orders-data")
				w.advance(2 * time.Hour)
			}
			w.advance(6 * day)
		}},
	{name: "a key left out of the plan", finds: "not-in-plan (warning)",
		do: func(w *world) {
			w.writePlan(strings.Replace(tampered, "  - alias: "+signing+"\n", "", 1))
		}},
	{name: "no run for three months", finds: "drain-over (warning), overdue",
		do: waited(95 * day)},
	{name: "two windows missed, and a run since", finds: "window-missed (warning)",
		do: and(waited(95*day), runs("run"), waited(11*day), runs("run"))},
	{name: "the record written by a role that is not expected", finds: "unexpected-caller",
		do: and(expecting, as("arn:aws:sts::111122223333:assumed-role/batch/i-0123456789abcdef0",
			runs("hold orders-data --reason look"), runs("release orders-data")))},
	{name: "the record written by a user of a name like the expected one", finds: "unexpected-caller",
		do: and(expecting, as("arn:aws:iam::111122223333:user/sandbox2",
			runs("hold orders-data --reason look"), runs("release orders-data")))},
	{name: "a key held for longer than hold_max", finds: "drain-over (warning), hold-too-long",
		do: and(runs("hold orders-data --reason look"), waited(11*day), runs("run"), waited(11*day), runs("run"),
			waited(8*day+2*time.Hour), runs("run"))},
	// the table
	{name: "deletion protection turned off", finds: "no-deletion-protection (warning)",
		do: (*world).unprotect},
	{name: "point-in-time recovery turned off", finds: "no-recovery (warning)",
		do: (*world).withoutRecovery},
	{name: "time to live turned on", finds: "unsafe-table",
		do: (*world).letExpire},
	{name: "a replica added to the table", finds: "unsafe-table",
		do: func(w *world) {
			_, err := w.ddb().UpdateTable(context.Background(), &awsddb.UpdateTableInput{TableName: aws.String(table),
				ReplicaUpdates: []ddbtypes.ReplicationGroupUpdate{{Create: &ddbtypes.CreateReplicationGroupMemberAction{
					RegionName: aws.String("eu-central-1")}}}})
			w.check(err)
		}},
	{name: "the table restored from a backup", finds: "other-table",
		do: (*world).restoreTable},
}

// expecting has the plan expect those who have written the records so far.
func expecting(w *world) {
	w.writePlan("expect_callers: [arn:aws:iam::111122223333:user/sandbox]\n" + tampered)
}

// as does things as another caller.
func as(arn string, all ...func(*world)) func(*world) {
	return func(w *world) {
		w.calledBy(arn)
		and(all...)(w)
		w.answers = nil
	}
}
