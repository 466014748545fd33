package ddblock

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// batchMost is how many keys one BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const batchMost = 100

// fruitlessMost is how often in a row DynamoDB may leave all keys unprocessed.
const fruitlessMost = 8

// Read returns the records of the given keys, read strongly consistently; a key
// without a record is not in the map. It makes one call for 100 keys, and more
// only for keys that DynamoDB leaves unprocessed.
//
// A malformed record does not hide the others: the error then joins one
// *MalformedError for each (see [Malformed]) and the map holds the rest. With any
// other error the map is nil.
func (t *Table) Read(ctx context.Context, keys []string) (map[string]*plan.Record, error) {
	found := make(map[string]*plan.Record, len(keys))
	var malformed []error
	pending := recordKeys(keys)
	for pauses, fruitless := 0, 0; len(pending) > 0; {
		n := min(len(pending), batchMost)
		items, left, err := t.batch(ctx, pending[:n])
		if err != nil {
			return nil, t.explain("read", err)
		}
		for _, item := range items {
			f := reading(item)
			f.stored = t.stored
			r, err := decodeFields(f)
			if err != nil {
				malformed = append(malformed, err)
				continue
			}
			r.Unknown = unknown(item)
			found[r.Key] = r
		}
		pending = append(left, pending[n:]...)
		if len(left) == 0 {
			continue
		}
		if fruitless++; len(left) < n {
			fruitless = 0
		}
		if fruitless == fruitlessMost {
			return nil, fmt.Errorf("read table %s: asked %d times, DynamoDB leaves %d keys unprocessed",
				t.name, fruitless, len(left))
		}
		pauses++
		if err := t.pause(ctx, pauses); err != nil {
			return nil, fmt.Errorf("read table %s: %w", t.name, err)
		}
	}
	return found, errors.Join(malformed...)
}

// recordKeys returns the primary keys of records, each once: BatchGetItem refuses
// duplicates.
func recordKeys(keys []string) []map[string]types.AttributeValue {
	var list []map[string]types.AttributeValue
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			list = append(list, primaryKey(k, recordItem))
		}
	}
	return list
}

// batch makes one BatchGetItem and returns the items, and the keys that were left
// unprocessed.
func (t *Table) batch(ctx context.Context, keys []map[string]types.AttributeValue) (
	items, left []map[string]types.AttributeValue, err error,
) {
	out, err := t.api.BatchGetItem(ctx, &awsddb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		t.name: {Keys: keys, ConsistentRead: aws.Bool(true)},
	}}, retrying)
	if err != nil {
		return nil, nil, err
	}
	return out.Responses[t.name], out.UnprocessedKeys[t.name].Keys, nil
}
