package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// The old cron way, for comparison: the script that teams write. It keeps a
// status beside each key (when it was rotated, which key was before, until when
// that drains), reads it, and when a window has opened since it makes a key,
// moves the alias and writes the status; when the drain is over it disables the
// key before. Nothing of it is conditional, and the SDK repeats what it likes.

// naiveStatus is what the script remembers of a key.
type naiveStatus struct {
	Rotated    time.Time // by the clock of the host that did it
	Previous   string
	DrainUntil time.Time
}

// liveNaively returns the life of a run of the script.
func (a *actor) liveNaively(ctx context.Context) error {
	conn, err := a.connect(ctx)
	if err != nil {
		return err
	}
	for i, k := range a.part.keys {
		if failed := naively(ctx, conn, a.part.table, k, a.part.script[i], a.cue.wall); failed != nil {
			err = failed // cron mails it, and tries again next time
		}
	}
	return err
}

// naively does what the script does for one key.
func naively(ctx context.Context, conn *awscall.Conn, table string, k plan.Policy, anchor, now time.Time) error {
	status, err := readNaively(ctx, conn, table, k)
	if err != nil {
		return err
	}
	window := k.Schedule.Window(now, anchor)
	if status.Rotated.Before(window.Start) {
		behind, err := conn.KMS.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: &k.Alias})
		if err != nil {
			return err
		}
		made, err := conn.KMS.CreateKey(ctx,
			&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpec(behind.KeyMetadata.KeySpec),
				KeyUsage: behind.KeyMetadata.KeyUsage})
		if err != nil {
			return err
		}
		in := &awskms.UpdateAliasInput{AliasName: &k.Alias, TargetKeyId: made.KeyMetadata.KeyId}
		if _, err := conn.KMS.UpdateAlias(ctx, in); err != nil {
			return err
		}
		return writeNaively(ctx, conn, table, k, naiveStatus{Rotated: now,
			Previous: aws.ToString(behind.KeyMetadata.KeyId), DrainUntil: now.Add(k.Drain)})
	}
	if status.Previous != "" && !now.Before(status.DrainUntil) && k.Retire.Action != plan.RetireKeep {
		if _, err := conn.KMS.DisableKey(ctx, &awskms.DisableKeyInput{KeyId: &status.Previous}); err != nil {
			return err
		}
		status.Previous = ""
		return writeNaively(ctx, conn, table, k, status)
	}
	return nil
}

func readNaively(ctx context.Context, conn *awscall.Conn, table string, k plan.Policy) (s naiveStatus, err error) {
	out, err := conn.DynamoDB.GetItem(ctx, &awsddb.GetItemInput{TableName: &table, Key: naiveKey(k)})
	if err != nil || len(out.Item) == 0 {
		return s, err
	}
	doc, ok := out.Item["status"].(*types.AttributeValueMemberS)
	if !ok {
		return s, errors.New("the status is not text")
	}
	return s, json.Unmarshal([]byte(doc.Value), &s)
}

func writeNaively(ctx context.Context, conn *awscall.Conn, table string, k plan.Policy, s naiveStatus) error {
	doc, err := json.Marshal(s)
	if err != nil {
		return err
	}
	item := naiveKey(k)
	item["status"] = text(string(doc))
	_, err = conn.DynamoDB.PutItem(ctx, &awsddb.PutItemInput{TableName: &table, Item: item})
	return err
}

func naiveKey(k plan.Policy) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"key": text(k.Key()), "item": text("status")}
}
