package ddblock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/plan"
)

// batchMost is how many keys one BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const batchMost = 100

// fruitlessMost is how often in a row DynamoDB may leave all keys of a call unprocessed, or
// throttle it: with the pauses in between, for about a minute. Where every pool reads all
// of its records in the same second, a table needs some seconds to serve them.
const fruitlessMost = 20

// batchesAtOnce is how many BatchGetItem calls are under way at a time.
const batchesAtOnce = 3

// Read returns the records of the given keys, read strongly consistently; a key
// without a record is not in the map. See [Table.ReadEach].
//
// A malformed record does not hide the others: the error then joins one
// *MalformedError for each (see [Malformed]) and the map holds the rest. With any
// other error the map is nil.
func (t *Table) Read(ctx context.Context, keys []string) (map[string]*plan.Record, error) {
	found := make(map[string]*plan.Record, len(keys))
	var malformed []error
	err := t.ReadEach(ctx, parallel.Goroutines{}, keys, func(key string, record Reader) {
		switch r, err := record(WithEvents); {
		case err != nil:
			malformed = append(malformed, err)
		case r != nil:
			found[key] = r
		}
	})
	if err != nil {
		return nil, err
	}
	return found, errors.Join(malformed...)
}

// Reader decodes a record that was read: nil if there is none. Its only error is a
// *MalformedError.
type Reader func(Part) (*plan.Record, error)

// Part is how much of a record is decoded.
type Part bool

// The parts. Few decisions need the events, which are most of a record; what is malformed
// in them is not noticed without them.
const (
	WithEvents    Part = true
	WithoutEvents Part = false
)

// ReadEach reads the records of the given keys strongly consistently, and hands on each
// of them as it comes, in no order. each is called by one goroutine at a time. After an
// error some keys may not have been handed on.
//
// It makes one call for 100 keys, several at once, and one more for each answer that
// leaves keys unprocessed. It keeps no record, so what it needs does not grow with the
// number of keys.
func (t *Table) ReadEach(ctx context.Context, host parallel.Host, keys []string,
	each func(key string, record Reader)) error {
	batches := slices.Collect(slices.Chunk(distinct(keys), batchMost))
	var mu sync.Mutex // guards batches and failed, and is held for each
	var failed error
	next := func() (batch []string) {
		mu.Lock()
		defer mu.Unlock()
		if len(batches) > 0 && failed == nil {
			batch, batches = batches[0], batches[1:]
		}
		return batch
	}
	readers := host.Group()
	for range min(len(batches), batchesAtOnce) {
		readers.Go(func() {
			for batch := next(); batch != nil; batch = next() {
				err := t.readBatch(ctx, batch, func(key string, record Reader) {
					mu.Lock()
					defer mu.Unlock()
					each(key, record)
				})
				if err != nil {
					mu.Lock()
					failed = cmp.Or(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	readers.Wait()
	return failed
}

// readBatch reads the records of keys that one call takes. Those that DynamoDB leaves
// unprocessed are asked for again after a pause; all of them, if it throttles.
func (t *Table) readBatch(ctx context.Context, keys []string, each func(string, Reader)) error {
	missing := make(map[string]bool, len(keys))
	for _, key := range keys {
		missing[key] = true
	}
	pending := recordKeys(keys)
	for tries, fruitless := 1, 0; len(pending) > 0; tries++ {
		items, left, err := t.batch(ctx, pending)
		if awscall.Throttled(awscall.Classify(err)) && fruitless+1 < fruitlessMost {
			left, err = pending, nil
		}
		if err != nil {
			return t.explain("read", err)
		}
		for _, item := range items {
			if key, ok := item[keyAttr].(*types.AttributeValueMemberS); ok {
				delete(missing, key.Value)
				each(key.Value, func(p Part) (*plan.Record, error) { return t.decode(item, p) })
			}
		}
		if fruitless++; len(left) < len(pending) {
			fruitless = 0
		}
		pending = left
		if len(left) == 0 {
			break
		}
		if fruitless == fruitlessMost {
			return fmt.Errorf("read table %s: asked %d times, DynamoDB leaves %d keys unprocessed",
				t.name, fruitless, len(left))
		}
		if err := t.pause(ctx, tries); err != nil {
			return fmt.Errorf("read table %s: %w", t.name, err)
		}
	}
	for _, key := range keys {
		if missing[key] {
			each(key, func(Part) (*plan.Record, error) { return nil, nil })
		}
	}
	return nil
}

// decode returns the record in an item, with what this binary does not know of it.
func (t *Table) decode(item map[string]types.AttributeValue, p Part) (*plan.Record, error) {
	f := reading(item)
	f.stored, f.brief = t.stored, p == WithoutEvents
	r, err := decodeFields(f)
	if err != nil {
		return nil, err
	}
	r.Unknown = unknown(f, r)
	return r, nil
}

// distinct returns the keys, each once: BatchGetItem refuses duplicates.
func distinct(keys []string) []string {
	list := make([]string, 0, len(keys))
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			list = append(list, k)
		}
	}
	return list
}

// recordKeys returns the primary keys of records.
func recordKeys(keys []string) []map[string]types.AttributeValue {
	list := make([]map[string]types.AttributeValue, len(keys))
	for i, k := range keys {
		list[i] = primaryKey(k, recordItem)
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
