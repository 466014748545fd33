package ddblock

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox"
)

func TestCreate(t *testing.T) {
	inEmptyWorld(t, func(w *world) {
		made, err := w.Create(w.Context(), CreateOptions{Tags: map[string]string{"team": "payments", "app": "keyturn"}})
		if err != nil || !made.Created || !made.Protected || !made.PITR || made.Note != "" || made.Table.ID == "" {
			w.Fatalf("%+v, %v", made, err)
		}
		out, err := w.client.DescribeTable(w.Context(), &awsddb.DescribeTableInput{TableName: aws.String(tableName)})
		if err != nil {
			w.Fatal(err)
		}
		if d := out.Table; d.BillingModeSummary == nil ||
			d.BillingModeSummary.BillingMode != types.BillingModePayPerRequest ||
			!aws.ToBool(d.DeletionProtectionEnabled) {
			w.Errorf("made %+v", d)
		}
		tags, err := w.client.ListTagsOfResource(w.Context(),
			&awsddb.ListTagsOfResourceInput{ResourceArn: out.Table.TableArn})
		if err != nil {
			w.Fatal(err)
		}
		want := []types.Tag{{Key: aws.String("app"), Value: aws.String("keyturn")},
			{Key: aws.String("team"), Value: aws.String("payments")}}
		if !reflect.DeepEqual(tags.Tags, want) {
			w.Errorf("tags %v", tags.Tags)
		}
		if !w.pitr() {
			w.Error("point-in-time recovery is off")
		}

		again, err := w.Create(w.Context(), CreateOptions{})
		made.Created = false
		if err != nil || !reflect.DeepEqual(again, made) {
			w.Errorf("again: %+v, %v", again, err)
		}
	})
}

func (w *world) pitr() bool {
	w.Helper()
	out, err := w.client.DescribeContinuousBackups(w.Context(),
		&awsddb.DescribeContinuousBackupsInput{TableName: aws.String(tableName)})
	if err != nil {
		w.Fatal(err)
	}
	recovery := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	return recovery.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
}

// A Create that ended half-way, or lost its answers, is completed by the next
// one or by itself.
func TestCreateInterrupted(t *testing.T) {
	for _, c := range []struct{ operation, kind string }{
		{"CreateTable", "lose"}, {"CreateTable", "drop"}, {"UpdateContinuousBackups", "lose"},
		{"UpdateContinuousBackups", "drop"}, {"DescribeTable", "drop"},
	} {
		t.Run(c.kind+" "+c.operation, func(t *testing.T) {
			inEmptyWorld(t, func(w *world) {
				w.faults(sandbox.Fault{Operation: c.operation, Ordinal: 1, Kind: sandbox.Kind(c.kind)})
				made, err := w.Create(w.Context(), CreateOptions{})
				if err != nil || !made.Created || !made.PITR || !w.pitr() {
					w.Errorf("%+v, %v", made, err)
				}
			})
		})
	}
	inEmptyWorld(t, func(w *world) {
		w.makeTable("key:S", "item:S")
		// Would look like a lost answer.
		w.faults(sandbox.Fault{Operation: "CreateTable", Ordinal: 1, Kind: sandbox.Drop})
		made, err := w.Create(w.Context(), CreateOptions{})
		if err != nil || made.Created || made.Protected || !made.PITR || !w.pitr() {
			w.Errorf("%+v, %v", made, err)
		}
	})
}

// A CreateTable without an answer may have made the table; a refused one has not.
func TestCreateUnsure(t *testing.T) {
	for kind, unsure := range map[sandbox.Kind]bool{sandbox.Drop: true, sandbox.Refuse: false} {
		inEmptyWorld(t, func(w *world) {
			w.faults(sandbox.Fault{Operation: "CreateTable", Kind: kind, Code: "AccessDeniedException"})
			made, err := w.Create(w.Context(), CreateOptions{})
			if err == nil || made.Created || made.Unsure != unsure {
				w.Errorf("%s: %+v, %v", kind, made, err)
			}
		})
	}
}

// How far back a person can restore is that person's choice.
func TestCreateKeepsTheRecoveryPeriod(t *testing.T) {
	inWorld(t, func(w *world) {
		week := &types.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: aws.Bool(true),
			RecoveryPeriodInDays:       aws.Int32(7),
		}
		if _, err := w.client.UpdateContinuousBackups(w.Context(), &awsddb.UpdateContinuousBackupsInput{
			TableName: aws.String(tableName), PointInTimeRecoverySpecification: week}); err != nil {
			w.Fatal(err)
		}
		if made, err := w.Create(w.Context(), CreateOptions{}); err != nil || !made.PITR {
			w.Fatalf("%+v, %v", made, err)
		}
		out, err := w.client.DescribeContinuousBackups(w.Context(),
			&awsddb.DescribeContinuousBackupsInput{TableName: aws.String(tableName)})
		if err != nil {
			w.Fatal(err)
		}
		recovery := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		if days := aws.ToInt32(recovery.RecoveryPeriodInDays); days != 7 {
			w.Errorf("it is %d days now", days)
		}
	})
}

// It returns when the table can be used, and waits for that.
func TestCreateWaits(t *testing.T) {
	inEmptyWorld(t, func(w *world) {
		began := time.Now()
		w.net.answer("DescribeTable", func(answer map[string]any) {
			if time.Since(began) < 20*time.Second {
				answer["Table"].(map[string]any)["TableStatus"] = "CREATING"
			}
		})
		w.faults(
			sandbox.Fault{Operation: "UpdateContinuousBackups", Ordinal: 1, Kind: sandbox.Refuse,
				Code: "ContinuousBackupsUnavailableException"},
			sandbox.Fault{Operation: "UpdateContinuousBackups", Ordinal: 2, Kind: sandbox.Refuse,
				Code: "ContinuousBackupsUnavailableException"})
		made, err := w.Create(w.Context(), CreateOptions{})
		if took := time.Since(began); err != nil || !made.PITR || took < 20*time.Second || took > time.Minute {
			w.Errorf("%+v, %v after %s", made, err, took)
		}
	})
	inEmptyWorld(t, func(w *world) {
		w.net.answer("DescribeTable",
			func(answer map[string]any) { answer["Table"].(map[string]any)["TableStatus"] = "CREATING" })
		// The SDK's waiter never ends where calls take no time at all.
		if err := w.aws.SetSwitches(sandbox.Switches{Latency: sandbox.Duration(time.Millisecond)}); err != nil {
			w.Fatal(err)
		}
		began := time.Now()
		if _, err := w.Create(w.Context(), CreateOptions{}); err == nil ||
			time.Since(began) > createPatience+time.Minute {
			w.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

func TestCreateRefusesUnfit(t *testing.T) {
	inEmptyWorld(t, func(w *world) {
		w.makeTable("LockID:S")
		made, err := w.Create(w.Context(), CreateOptions{})
		unsafe, ok := errors.AsType[*UnsafeTableError](err)
		if !ok || made.Created || unsafe.Hint.Empty() || !strings.Contains(err.Error(), tableName) ||
			!strings.Contains(err.Error(), "LockID") {
			w.Errorf("%+v, %v", made, err)
		}
		if w.pitr() {
			w.Error("changed another program's table")
		}
	})
}

// The table works without point-in-time recovery; that it is off is said.
func TestCreateWithoutBackups(t *testing.T) {
	inEmptyWorld(t, func(w *world) {
		w.faults(sandbox.Fault{Operation: "UpdateContinuousBackups", Kind: sandbox.Refuse,
			Code: "AccessDeniedException"})
		made, err := w.Create(w.Context(), CreateOptions{})
		if err != nil || made.PITR || !strings.Contains(made.Note, "denied dynamodb:UpdateContinuousBackups") {
			w.Errorf("%+v, %v", made, err)
		}
	})
}
