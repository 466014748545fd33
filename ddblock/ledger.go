package ddblock

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// eventsItem begins the sort key of a ledger item. The first revision follows in 10
// digits, so that DynamoDB sorts the items by it.
const eventsItem = "events#"

func eventsSortKey(first int64) string { return fmt.Sprintf("%s%010d", eventsItem, first) }

// Copy creates the item of a key's ledger that begins with the first of these events,
// which must be contiguous. It never overwrites one: if that item is there, Copy returns
// the events in it, and nothing was written. (They may be those of an earlier attempt of
// this very call.)
func (t *Table) Copy(ctx context.Context, key string, copied []plan.Event) (there []plan.Event, err error) {
	f := writing()
	events(f, &copied)
	item := f.attrs
	maps.Copy(item, primaryKey(key, eventsSortKey(copied[0].Rev)))
	doing := fmt.Sprintf("copy events of %s to", key)
	err = t.settle(ctx, doing, func(options ...func(*awsddb.Options)) error {
		_, err := t.api.PutItem(ctx, &awsddb.PutItemInput{TableName: &t.name, Item: item,
			ConditionExpression:                 aws.String("attribute_not_exists(#key)"),
			ExpressionAttributeNames:            map[string]string{"#key": keyAttr},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}, options...)
		return err
	})
	failed := conditionFailed(err)
	if failed == nil {
		return nil, err
	}
	found := failed.Item
	if len(found) == 0 { // not AWS: it does not answer with the item
		items, _, err := t.batch(ctx, []map[string]types.AttributeValue{primaryKey(key, eventsSortKey(copied[0].Rev))})
		if err != nil || len(items) == 0 {
			return nil, fmt.Errorf("copy events of %s: the item is there, and could not be read: %w",
				key, awscall.Wrap(err))
		}
		found = items[0]
	}
	return decodeEvents(key, found)
}

// Tail returns the events of the last item in the ledger of a key; none if it is empty.
func (t *Table) Tail(ctx context.Context, key string) ([]plan.Event, error) {
	in := t.ledgerQuery(key)
	in.ScanIndexForward, in.Limit = aws.Bool(false), aws.Int32(1)
	out, err := t.api.Query(ctx, in, retrying)
	if err != nil {
		return nil, t.explain("read the ledger in", err)
	}
	if len(out.Items) == 0 {
		return nil, nil
	}
	return decodeEvents(key, out.Items[0])
}

func (t *Table) ledgerQuery(key string) *awsddb.QueryInput {
	return &awsddb.QueryInput{
		TableName:                &t.name,
		ConsistentRead:           aws.Bool(true),
		KeyConditionExpression:   aws.String("#key = :key AND begins_with(#item, :events)"),
		ExpressionAttributeNames: map[string]string{"#key": keyAttr, "#item": itemAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{":key": textValue(key),
			":events": textValue(eventsItem)},
	}
}

// Ledger returns the events of a key in the ledger since a time, oldest first.
// The newest events are in the record and may not be in the ledger yet; an event
// may be in both. They are in their stored form, too: the newest one may stand in any
// item, and what follows it names it by its hash.
func (t *Table) Ledger(ctx context.Context, key string, since time.Time) ([]plan.Event, error) {
	var found []plan.Event
	pages := awsddb.NewQueryPaginator(t.api, t.ledgerQuery(key))
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, retrying)
		if err != nil {
			return nil, t.explain("read the ledger in", err)
		}
		for _, item := range page.Items {
			es, err := decodeEvents(key, item)
			if err != nil {
				return nil, err
			}
			for _, e := range es {
				if !e.At.Before(since) {
					found = append(found, e)
				}
			}
		}
	}
	return found, nil
}

// decodeEvents returns the events of a ledger item, which has one at least.
func decodeEvents(key string, item map[string]types.AttributeValue) ([]plan.Event, error) {
	var es []plan.Event
	f := reading(item)
	f.stored = true
	events(f, &es)
	f.need("events", len(es) > 0)
	if f.trouble.what == "" {
		return es, nil
	}
	place := "ledger"
	if s, ok := item[itemAttr].(*types.AttributeValueMemberS); ok {
		place = s.Value
	}
	return nil, &MalformedError{Key: key, Attribute: place + "." + f.trouble.attribute, What: f.trouble.what}
}
