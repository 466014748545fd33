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

// Naive names what runs in place of keyturn, for comparison; empty is keyturn.
type Naive string

const (
	// NaiveScript is the script that teams write. It keeps a status beside each key
	// (when it was rotated, which key was before, until when that drains) and reads it.
	// When a window has opened since, it makes a key, moves the alias and writes the
	// status; when the drain is over, it disables the key before. Nothing of it is
	// conditional, and the SDK repeats what it likes.
	NaiveScript Naive = "script"
	// NaiveLock is the same script under a lease lock in DynamoDB; see lease.
	NaiveLock Naive = "lock"
)

// naiveStatus is what the script remembers of a key.
type naiveStatus struct {
	Rotated    time.Time // by the clock of the host that did it
	Previous   string
	DrainUntil time.Time
}

// script is one run of the script, for one key.
type script struct {
	conn   *awscall.Conn
	table  string
	key    plan.Policy
	anchor time.Time
	wall   func() time.Time
	// now is when it last looked what is due.
	now time.Time
	// lease is nil where the script runs without a lock.
	lease *lease
}

// liveNaively returns the life of a run of the script.
func (a *actor) liveNaively(ctx context.Context) error {
	conn, err := a.connect(ctx)
	if err != nil {
		return err
	}
	for i, k := range a.part.keys {
		s := &script{conn: conn, table: a.part.table, key: k, anchor: a.part.anchors[i], wall: a.machine.wall}
		run := s.run
		if a.part.naive == NaiveLock {
			run = func(ctx context.Context) error { return s.runLocked(ctx, a.newLease(s)) }
		}
		if failed := run(ctx); failed != nil {
			err = failed // cron mails it, and tries again next time
		}
	}
	return err
}

// run does what is due.
func (s *script) run(ctx context.Context) error {
	due, err := s.due(ctx)
	if err != nil || due == nil {
		return err
	}
	return due(ctx)
}

// due returns what is to be done; nil if nothing is.
func (s *script) due(ctx context.Context) (func(context.Context) error, error) {
	s.now = s.wall()
	status, err := readNaively(ctx, s.conn, s.table, s.key)
	switch {
	case err != nil:
		return nil, err
	case status.Rotated.Before(s.key.Schedule.Window(s.now, s.anchor).Start):
		return s.rotate, nil
	case status.Previous != "" && !s.now.Before(status.DrainUntil) && s.key.Retire.Action != plan.RetireKeep:
		return func(ctx context.Context) error { return s.disable(ctx, status) }, nil
	}
	return nil, nil
}

func (s *script) rotate(ctx context.Context) error {
	behind, err := s.conn.KMS.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: &s.key.Alias})
	if err != nil {
		return err
	}
	if err := s.lease.beat(ctx); err != nil {
		return err
	}
	made, err := s.conn.KMS.CreateKey(ctx,
		&awskms.CreateKeyInput{KeySpec: kmstypes.KeySpec(behind.KeyMetadata.KeySpec),
			KeyUsage: behind.KeyMetadata.KeyUsage})
	if err != nil {
		return err
	}
	if err := s.lease.check(ctx); err != nil {
		return err
	}
	in := &awskms.UpdateAliasInput{AliasName: &s.key.Alias, TargetKeyId: made.KeyMetadata.KeyId}
	if _, err := s.conn.KMS.UpdateAlias(ctx, in); err != nil {
		return err
	}
	return s.write(ctx, naiveStatus{Rotated: s.now, Previous: aws.ToString(behind.KeyMetadata.KeyId),
		DrainUntil: s.now.Add(s.key.Drain)})
}

func (s *script) disable(ctx context.Context, status naiveStatus) error {
	if err := s.lease.check(ctx); err != nil {
		return err
	}
	if _, err := s.conn.KMS.DisableKey(ctx, &awskms.DisableKeyInput{KeyId: &status.Previous}); err != nil {
		return err
	}
	status.Previous = ""
	return s.write(ctx, status)
}

func readNaively(ctx context.Context, conn *awscall.Conn, table string, k plan.Policy) (s naiveStatus, err error) {
	out, err := conn.DynamoDB.GetItem(ctx, &awsddb.GetItemInput{TableName: &table, Key: naiveKey(k, "status")})
	if err != nil || len(out.Item) == 0 {
		return s, err
	}
	doc, ok := out.Item["status"].(*types.AttributeValueMemberS)
	if !ok {
		return s, errors.New("the status is not text")
	}
	return s, json.Unmarshal([]byte(doc.Value), &s)
}

func (s *script) write(ctx context.Context, status naiveStatus) error {
	doc, err := json.Marshal(status)
	if err != nil {
		return err
	}
	in := &awsddb.PutItemInput{TableName: &s.table, Item: naiveKey(s.key, "status")}
	in.Item["status"] = text(string(doc))
	s.lease.fence(in)
	_, err = s.conn.DynamoDB.PutItem(ctx, in)
	return err
}

func naiveKey(k plan.Policy, item string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"key": text(k.Key()), "item": text(item)}
}
