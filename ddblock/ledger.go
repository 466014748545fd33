package ddblock

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// eventItem begins the sort key of a ledger item. The revision follows in 10
// digits, so that DynamoDB sorts the items by it.
const eventItem = "event#"

func eventSortKey(rev int64) string { return fmt.Sprintf("%s%010d", eventItem, rev) }

// copyRolledOff copies the events that next no longer holds to the ledger.
func (t *Table) copyRolledOff(ctx context.Context, old, next *plan.Record) error {
	if old == nil {
		return nil
	}
	for _, e := range old.Events {
		stays := slices.ContainsFunc(next.Events, func(n plan.Event) bool { return n.Rev == e.Rev })
		if stays {
			continue
		}
		if err := t.Copy(ctx, next, e); err != nil {
			return err
		}
	}
	return nil
}

// Copy writes an event of a record to the ledger, as an item of its own. It never
// overwrites one. If there is an item with the same content, the event was copied
// before. If the content differs, Copy returns a *LedgerError; after a rebuild,
// however, both events are true of a record that existed, and the second one gets
// a sort key of its own.
func (t *Table) Copy(ctx context.Context, r *plan.Record, e plan.Event) error {
	there, err := t.putEvent(ctx, r.Key, eventSortKey(e.Rev), e)
	if err != nil || there == nil || plan.SameEvent(*there, e) {
		return err
	}
	if !r.RebuiltSince(e.Rev) {
		return &LedgerError{Key: r.Key, Rev: e.Rev}
	}
	there, err = t.putEvent(ctx, r.Key, eventSortKey(e.Rev)+"#"+e.Run, e)
	if err != nil || there == nil || plan.SameEvent(*there, e) {
		return err
	}
	return &LedgerError{Key: r.Key, Rev: e.Rev}
}

// putEvent creates an item of the ledger. It returns the event that is already
// there, if any.
func (t *Table) putEvent(ctx context.Context, key, sortKey string, e plan.Event) (there *plan.Event, err error) {
	f := writing()
	entryFields(f, &e)
	item := f.attrs
	maps.Copy(item, primaryKey(key, sortKey))
	doing := fmt.Sprintf("copy event %d of %s to", e.Rev, key)
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
		items, _, err := t.batch(ctx, []map[string]types.AttributeValue{primaryKey(key, sortKey)})
		if err != nil || len(items) == 0 {
			return nil, fmt.Errorf("copy event %d of %s: it is there, and could not be read: %w",
				e.Rev, key, awscall.Wrap(err))
		}
		found = items[0]
	}
	seen, err := decodeEvent(key, found)
	return &seen, err
}

// LastRev returns the highest revision in the ledger of a key; 0 if it is empty.
func (t *Table) LastRev(ctx context.Context, key string) (int64, error) {
	in := t.ledgerQuery(key)
	in.ScanIndexForward, in.Limit = aws.Bool(false), aws.Int32(1)
	out, err := t.api.Query(ctx, in, retrying)
	if err != nil {
		return 0, t.explain("read the ledger in", err)
	}
	if len(out.Items) == 0 {
		return 0, nil
	}
	e, err := decodeEvent(key, out.Items[0])
	return e.Rev, err
}

func (t *Table) ledgerQuery(key string) *awsddb.QueryInput {
	return &awsddb.QueryInput{
		TableName:                &t.name,
		ConsistentRead:           aws.Bool(true),
		KeyConditionExpression:   aws.String("#key = :key AND begins_with(#item, :event)"),
		ExpressionAttributeNames: map[string]string{"#key": keyAttr, "#item": itemAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{":key": textValue(key),
			":event": textValue(eventItem)},
	}
}

// Ledger returns the events of a key in the ledger since a time, oldest first.
// The newest events are in the record and may not be in the ledger yet; an event
// may be in both.
func (t *Table) Ledger(ctx context.Context, key string, since time.Time) ([]plan.Event, error) {
	var events []plan.Event
	pages := awsddb.NewQueryPaginator(t.api, t.ledgerQuery(key))
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, retrying)
		if err != nil {
			return nil, t.explain("read the ledger in", err)
		}
		for _, item := range page.Items {
			e, err := decodeEvent(key, item)
			if err != nil {
				return nil, err
			}
			if !e.At.Before(since) {
				events = append(events, e)
			}
		}
	}
	return events, nil
}

func decodeEvent(key string, item map[string]types.AttributeValue) (plan.Event, error) {
	var e plan.Event
	f := reading(item)
	f.names = append(f.names, keyAttr, itemAttr)
	entryFields(f, &e)
	if f.trouble.what == "" {
		return e, nil
	}
	place := "ledger"
	if s, ok := item[itemAttr].(*types.AttributeValueMemberS); ok {
		place = s.Value
	}
	return e, &MalformedError{Key: key, Attribute: place + "." + f.trouble.attribute, What: f.trouble.what}
}
