package ddblock

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// batchMost is how many keys one BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const batchMost = 100

// unprocessedTries bounds how often unprocessed keys are asked for again
// without any progress.
const unprocessedTries = 8

// Read returns the records there are of the given keys, strongly consistent.
// It makes one call for 100 keys, and more only for what DynamoDB leaves
// unprocessed.
func (t *Table) Read(ctx context.Context, keys []string) (map[string]*plan.Record, error) {
	found := make(map[string]*plan.Record, len(keys))
	seen := make(map[string]bool, len(keys))
	var pending []map[string]types.AttributeValue
	for _, k := range keys {
		if !seen[k] { // BatchGetItem refuses duplicates
			seen[k] = true
			pending = append(pending, primaryKey(k, recordItem))
		}
	}
	fruitless := 0
	for len(pending) > 0 {
		n := min(len(pending), batchMost)
		items, left, err := t.batch(ctx, pending[:n])
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			r, err := decode(item)
			if err != nil {
				return nil, err
			}
			found[r.Key] = r
		}
		if fruitless++; len(left) < n {
			fruitless = 0
		}
		if fruitless == unprocessedTries {
			return nil, fmt.Errorf("read table %s: DynamoDB leaves %d keys unprocessed", t.name, len(left))
		}
		if len(left) > 0 {
			if err := pause(ctx, fruitless); err != nil {
				return nil, err
			}
		}
		pending = append(left, pending[n:]...)
	}
	return found, nil
}

func (t *Table) batch(ctx context.Context, keys []map[string]types.AttributeValue) (items, left []map[string]types.AttributeValue, err error) {
	out, err := t.api.BatchGetItem(ctx, &awsddb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		t.name: {Keys: keys, ConsistentRead: aws.Bool(true)},
	}})
	if err != nil {
		return nil, nil, t.explain("read", err)
	}
	return out.Responses[t.name], out.UnprocessedKeys[t.name].Keys, nil
}

// pause waits before unprocessed keys are asked for again: growing, and drawn
// from its upper half so that pools do not come back together.
func pause(ctx context.Context, n int) error {
	d := min(50*time.Millisecond<<n, 5*time.Second)
	timer := time.NewTimer(d/2 + rand.N(d/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// MissingTableError says that the lock table does not exist.
type MissingTableError struct {
	Table string
	Err   error
}

func (e *MissingTableError) Error() string { return "there is no table " + e.Table }
func (e *MissingTableError) Unwrap() error { return e.Err }

func (t *Table) explain(doing string, err error) error {
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return &MissingTableError{Table: t.name, Err: err}
	}
	return fmt.Errorf("%s table %s: %w", doing, t.name, err)
}
