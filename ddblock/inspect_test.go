package ddblock

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// Inspect sees each protection, and that it is gone.
func TestInspect(t *testing.T) {
	inWorld(t, func(w *world) {
		got, err := w.Inspect(w.Context())
		if err != nil || !got.Deletion || !got.PITR || got.Table.ID == "" || got.PITRNote != "" {
			w.Fatalf("as made: %+v, %v", got, err)
		}
		off := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(false)}
		_, err = w.client.UpdateContinuousBackups(w.Context(), &awsddb.UpdateContinuousBackupsInput{
			TableName: aws.String(tableName), PointInTimeRecoverySpecification: off})
		if err != nil {
			w.Fatal(err)
		}
		if got, err := w.Inspect(w.Context()); err != nil || !got.Deletion || got.PITR {
			w.Errorf("without recovery: %+v, %v", got, err)
		}
		_, err = w.client.UpdateTable(w.Context(), &awsddb.UpdateTableInput{TableName: aws.String(tableName),
			DeletionProtectionEnabled: aws.Bool(false)})
		if err != nil {
			w.Fatal(err)
		}
		if got, err := w.Inspect(w.Context()); err != nil || got.Deletion {
			w.Errorf("unprotected: %+v, %v", got, err)
		}
	})
}

// What may not be asked is not taken for "off".
func TestInspectRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.faults(sandbox.Fault{Operation: "DescribeContinuousBackups", Kind: sandbox.Refuse,
			Code: "AccessDeniedException", Message: "not you"})
		if got, err := w.Inspect(w.Context()); err != nil || !strings.Contains(got.PITRNote, "not you") ||
			!got.Deletion {
			w.Errorf("%+v, %v", got, err)
		}
		w.faults(sandbox.Fault{Operation: "DescribeTable", Kind: sandbox.Refuse,
			Code: "AccessDeniedException", Message: "not you"})
		if _, err := w.Inspect(w.Context()); err == nil {
			w.Error("no error")
		}
	})
}

// List finds every record and whose it is, and takes no item of the ledger for one.
func TestList(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, it := range []struct{ key, sort string }{
			{"eu-west-1/alias/a", recordItem}, {"eu-west-1/alias/b", recordItem},
			{"eu-west-1/alias/a", eventsSortKey(1)}, {"eu-west-1/alias/lost", eventsSortKey(2)},
		} {
			w.putRaw(primaryKey(it.key, it.sort))
		}
		owned := primaryKey("eu-west-1/alias/c", recordItem)
		of := func(plan types.AttributeValue) types.AttributeValue {
			return &types.AttributeValueMemberM{Value: item{"plan": plan}}
		}
		owned["who"] = &types.AttributeValueMemberM{Value: item{"run-1": of(textValue("payments")),
			"run-2": of(textValue("billing")), "run-3": of(textValue("payments")), "run-4": textValue("?"),
			"run-5": of(&types.AttributeValueMemberN{Value: "1"})}}
		w.putRaw(owned)
		var got []string
		list, err := w.List(w.Context())
		for _, l := range list {
			got = append(got, l.Key+" "+strings.Join(l.Plans, "+"))
		}
		slices.Sort(got)
		if want := []string{"eu-west-1/alias/a ", "eu-west-1/alias/b ",
			"eu-west-1/alias/c billing+payments"}; err != nil || !slices.Equal(got, want) {
			w.Errorf("%q, %v", got, err)
		}
		w.faults(sandbox.Fault{Operation: "Scan", Kind: sandbox.Refuse,
			Code: "AccessDeniedException", Message: "not you"})
		if _, err := w.List(w.Context()); err == nil || !strings.Contains(err.Error(), "not you") {
			w.Errorf("err = %v", err)
		}
	})
}
