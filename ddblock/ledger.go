package ddblock

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// copyRolledOff writes the events that are about to leave the record as items
// of their own. Writing one twice makes the same item twice, so it needs no
// condition, and a run that dies after it has lost nothing.
func (t *Table) copyRolledOff(ctx context.Context, old, next *plan.Record) error {
	if old == nil {
		return nil
	}
	for _, e := range old.Events {
		if e.Rev > next.Ledgered || e.Rev <= old.Ledgered {
			continue
		}
		item := map[string]types.AttributeValue(encodeEvent(e))
		for name, v := range primaryKey(next.Key, eventSortKey(e.Rev)) {
			item[name] = v
		}
		if _, err := t.api.PutItem(ctx, &awsddb.PutItemInput{TableName: &t.name, Item: item}, retrying); err != nil {
			return t.explain(fmt.Sprintf("copy event %d of %s to", e.Rev, next.Key), err)
		}
	}
	return nil
}

// Ledger returns the events of a key that were copied to items of their own,
// oldest first; the newest ones stand in the record.
func (t *Table) Ledger(ctx context.Context, key string, since time.Time) ([]plan.Event, error) {
	var events []plan.Event
	pages := awsddb.NewQueryPaginator(t.api, &awsddb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("#key = :key AND begins_with(#item, :event)"),
		ExpressionAttributeNames:  map[string]string{"#key": keyAttr, "#item": itemAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{":key": text(key), ":event": text(eventItem)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, t.explain("read the ledger in", err)
		}
		for _, item := range page.Items {
			var decodeErr error
			in := newReader(item, "", &decodeErr)
			in.take(keyAttr)
			in.take(itemAttr)
			e := decodeEvent(in)
			if decodeErr != nil {
				return nil, fmt.Errorf("read the ledger of %s: %w", key, decodeErr)
			}
			if !e.At.Before(since) {
				events = append(events, e)
			}
		}
	}
	return events, nil
}
