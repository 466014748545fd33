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

// Keys finds every record, and takes no item of the ledger for one.
func TestKeys(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, it := range []struct{ key, sort string }{
			{"eu-west-1/alias/a", recordItem}, {"eu-west-1/alias/b", recordItem},
			{"eu-west-1/alias/a", eventsSortKey(1)}, {"eu-west-1/alias/lost", eventsSortKey(2)},
		} {
			w.putRaw(primaryKey(it.key, it.sort))
		}
		got, err := w.Keys(w.Context())
		slices.Sort(got)
		if err != nil || !slices.Equal(got, []string{"eu-west-1/alias/a", "eu-west-1/alias/b"}) {
			w.Errorf("%q, %v", got, err)
		}
		w.faults(sandbox.Fault{Operation: "Scan", Kind: sandbox.Refuse,
			Code: "AccessDeniedException", Message: "not you"})
		if _, err := w.Keys(w.Context()); err == nil || !strings.Contains(err.Error(), "not you") {
			w.Errorf("err = %v", err)
		}
	})
}
