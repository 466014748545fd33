package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The defaults of Amazon's DynamoDB Lock Client, and how long a run of cron waits.
const (
	leaseFor   = 20 * time.Second
	leaseBeats = 5 * time.Second
	leaseWait  = 2 * time.Minute
)

// lease is a lock as libraries for DynamoDB make it. The item names its owner and a
// version that every write changes. Whoever finds it held waits until the same
// version has stood for the whole lease by its own monotonic clock, then takes it on
// the condition that the version is still that one. So hosts need no common time.
//
// The owner renews it every leaseBeats. A library does so in a thread; here the time
// only passes while a run stands still or sleeps, so the run renews it between two
// calls. It may have a fencing token, which grows with every owner: DynamoDB refuses
// a write with an older one, and KMS has no parameter for it.
//
// A nil lease is no lock: every method does nothing.
type lease struct {
	script *script
	owner  string
	// clock is monotonic.
	clock func() time.Time
	sleep func(context.Context, time.Duration) error

	writes  int
	version string
	token   int64
	// renewed is when the last write that was answered yes was sent.
	renewed time.Time
}

var (
	errLeaseLost = errors.New("the lock is lost")
	errLeaseHeld = errors.New("another run has the lock")
)

func (a *actor) newLease(s *script) *lease {
	return &lease{script: s, owner: a.part.run, clock: a.machine.Now, sleep: a.sleep}
}

// runLocked takes the lock if anything is due, and then looks again what is.
func (s *script) runLocked(ctx context.Context, l *lease) error {
	if due, err := s.due(ctx); err != nil || due == nil {
		return err
	}
	if err := l.acquire(ctx); err != nil {
		return err
	}
	s.lease = l
	return errors.Join(s.run(ctx), l.release(ctx))
}

// leaseItem is the item as it was read.
type leaseItem struct {
	version  string
	token    int64
	released bool
}

func (l *lease) acquire(ctx context.Context) error {
	began := l.clock()
	var stands leaseItem
	var since time.Time
	for {
		seen, err := l.read(ctx)
		if err != nil {
			return err
		}
		if seen.version != stands.version {
			stands, since = seen, l.clock()
		}
		if seen.version == "" || seen.released || l.clock().Sub(since) >= leaseFor {
			l.version, l.token = seen.version, seen.token+1
			err := l.put(ctx, false)
			if !refusedByCondition(err) {
				return err
			}
		}
		if l.clock().Sub(began) >= leaseWait {
			return errLeaseHeld
		}
		if err := l.sleep(ctx, leaseFor); err != nil {
			return err
		}
	}
}

// beat renews the lease if the last renewal is leaseBeats ago.
func (l *lease) beat(ctx context.Context) error {
	if l == nil || l.clock().Sub(l.renewed) < leaseBeats {
		return nil
	}
	return l.check(ctx)
}

// check is made right before a change of KMS. It renews the lease, so DynamoDB has
// just said who owns it, and then looks at the clock: no lock can be asked later.
func (l *lease) check(ctx context.Context) error {
	if l == nil {
		return nil
	}
	if err := l.put(ctx, false); err != nil {
		l.version = "" // it is not released either
		return fmt.Errorf("%w: %w", errLeaseLost, err)
	}
	if l.clock().Sub(l.renewed) >= leaseFor {
		return errLeaseLost
	}
	return nil
}

// fence has a write refused if the lock has had a later owner who wrote.
func (l *lease) fence(in *awsddb.PutItemInput) {
	if l == nil {
		return
	}
	token := &types.AttributeValueMemberN{Value: strconv.FormatInt(l.token, 10)}
	in.Item["token"] = token
	condition := "attribute_not_exists(#t) OR #t <= :t"
	in.ConditionExpression, in.ExpressionAttributeNames = &condition, map[string]string{"#t": "token"}
	in.ExpressionAttributeValues = map[string]types.AttributeValue{":t": token}
}

// release frees the lock for the next run. Where it fails, the lease runs out.
func (l *lease) release(ctx context.Context) error {
	if l.version == "" {
		return nil
	}
	return l.put(ctx, true)
}

func (l *lease) read(ctx context.Context) (item leaseItem, err error) {
	consistent := true
	out, err := l.script.conn.DynamoDB.GetItem(ctx, &awsddb.GetItemInput{TableName: &l.script.table,
		Key: naiveKey(l.script.key, "lock"), ConsistentRead: &consistent})
	if err != nil || len(out.Item) == 0 {
		return item, err
	}
	version, _ := out.Item["version"].(*types.AttributeValueMemberS)
	token, _ := out.Item["token"].(*types.AttributeValueMemberN)
	if version == nil || token == nil {
		return item, errors.New("this is not a lock")
	}
	_, item.released = out.Item["released"]
	item.version = version.Value
	item.token, err = strconv.ParseInt(token.Value, 10, 64)
	return item, err
}

// put writes the item with a version of its own, on the condition that it still has
// the version that is known.
func (l *lease) put(ctx context.Context, released bool) error {
	l.writes++
	sent, version := l.clock(), fmt.Sprintf("%s/%d", l.owner, l.writes)
	in := &awsddb.PutItemInput{TableName: &l.script.table, Item: naiveKey(l.script.key, "lock")}
	in.Item["owner"], in.Item["version"] = text(l.owner), text(version)
	in.Item["token"] = &types.AttributeValueMemberN{Value: strconv.FormatInt(l.token, 10)}
	if released {
		in.Item["released"] = text("yes")
	}
	condition := "attribute_not_exists(#v)"
	in.ExpressionAttributeNames = map[string]string{"#v": "version"}
	if l.version != "" {
		condition = "#v = :v"
		in.ExpressionAttributeValues = map[string]types.AttributeValue{":v": text(l.version)}
	}
	in.ConditionExpression = &condition
	if _, err := l.script.conn.DynamoDB.PutItem(ctx, in); err != nil {
		return err
	}
	l.version, l.renewed = version, sent
	return nil
}

func refusedByCondition(err error) bool {
	_, refused := errors.AsType[*types.ConditionalCheckFailedException](err)
	return refused
}
