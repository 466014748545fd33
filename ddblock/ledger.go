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

	"github.com/keyturn/keyturn/plan"
)

// eventItem is how the sort key of a ledger item begins; the revision follows
// in 10 digits, so that DynamoDB's order is theirs.
const eventItem = "event#"

func eventSortKey(rev int64) string { return fmt.Sprintf("%s%010d", eventItem, rev) }

// copyRolledOff writes the events that are about to leave the record as items
// of their own. What an event says never changes, so that writing one twice,
// by this run or another, is the same item twice and needs no condition.
func (t *Table) copyRolledOff(ctx context.Context, old, next *plan.Record) error {
	if old == nil {
		return nil
	}
	for i := range old.Events {
		e := &old.Events[i]
		stays := slices.ContainsFunc(next.Events, func(n plan.Event) bool { return n.Rev == e.Rev })
		if stays {
			continue
		}
		f := writing()
		eventFields(f, e)
		item := f.attrs
		maps.Copy(item, primaryKey(next.Key, eventSortKey(e.Rev)))
		err := t.settle(ctx, fmt.Sprintf("copy event %d of %s to", e.Rev, next.Key), func(options ...func(*awsddb.Options)) error {
			_, err := t.api.PutItem(ctx, &awsddb.PutItemInput{TableName: &t.name, Item: item}, options...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Ledger returns the events of a key from a time on that stand in items of
// their own, oldest first. The newest ones are still in the record; one may be
// in both.
func (t *Table) Ledger(ctx context.Context, key string, since time.Time) ([]plan.Event, error) {
	var events []plan.Event
	pages := awsddb.NewQueryPaginator(t.api, &awsddb.QueryInput{
		TableName:                 &t.name,
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    aws.String("#key = :key AND begins_with(#item, :event)"),
		ExpressionAttributeNames:  map[string]string{"#key": keyAttr, "#item": itemAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{":key": textValue(key), ":event": textValue(eventItem)},
	})
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
	eventFields(f, &e)
	if f.trouble.what == "" {
		return e, nil
	}
	place := "ledger"
	if s, ok := item[itemAttr].(*types.AttributeValueMemberS); ok {
		place = s.Value
	}
	return e, &MalformedError{Key: key, Attribute: place + "." + f.trouble.attribute, What: f.trouble.what}
}
