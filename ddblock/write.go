package ddblock

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// Write makes next out of old by one conditional write. A nil old means that
// there must be no record yet.
//
// Nil says that next was written: by this call, even if DynamoDB's answer to it
// was lost. A *ChangedError says that the record is no longer old, and what it
// is; a write of ours that somebody has written over since may be among what it
// holds. Any other error leaves open whether next was written, unless DynamoDB
// said no.
//
// Events of old that next no longer holds are copied to the ledger before, so
// that no crash between the two loses one.
func (t *Table) Write(ctx context.Context, old, next *plan.Record) error {
	if err := mayFollow(old, next); err != nil {
		return fmt.Errorf("write %s: %w", next.Key, err)
	}
	item, names, err := encode(next)
	if err != nil {
		return fmt.Errorf("write %s: %w", next.Key, err)
	}
	if err := t.copyRolledOff(ctx, old, next); err != nil {
		return err
	}
	err = t.settle(ctx, "write "+next.Key+" to", func(options ...func(*awsddb.Options)) error {
		if old == nil {
			return t.put(ctx, item, options)
		}
		return t.update(ctx, old, item, names, options)
	})
	if failed := conditionFailed(err); failed != nil {
		return t.lost(ctx, next, failed.Item, err)
	}
	return err
}

// mayFollow refuses pairs that would break the protocol whatever the table
// says. They come from a mistake in this program, but for a newer schema.
func mayFollow(old, next *plan.Record) error {
	switch {
	case next.Schema > plan.SchemaVersion || old != nil && old.Schema > plan.SchemaVersion:
		return fmt.Errorf("its schema is newer than %d, the newest this keyturn knows", plan.SchemaVersion)
	case old == nil:
		return nil
	case next.Key != old.Key:
		return fmt.Errorf("it is another record than %s", old.Key)
	case next.Rev <= old.Rev:
		return fmt.Errorf("rev %d does not follow rev %d", next.Rev, old.Rev)
	case next.Op == old.Op:
		return fmt.Errorf("op %s was used before, the write could not be recognised", next.Op)
	}
	return nil
}

// lost finds out from the item that stood in the way whether it was our own
// write that did: the answer to it was lost, and to the repetition the item was
// no longer as the condition wants it.
//
// AWS answers without an item only if there is none. That is so rare, and would
// have a person called, that it is looked up: a DynamoDB of somebody else's may
// not know how to answer with an item (dynalite does not).
func (t *Table) lost(ctx context.Context, next *plan.Record, item map[string]types.AttributeValue, err error) error {
	if len(item) == 0 {
		items, left, unread := t.batch(ctx, recordKeys([]string{next.Key}))
		switch {
		// Neither is the condition's no, so neither is wrapped: whether an earlier
		// attempt wrote is not known.
		case unread != nil:
			return fmt.Errorf("write %s: its condition failed, and what stands there now could not be read: %v",
				next.Key, unread)
		case len(left) > 0:
			return fmt.Errorf("write %s: its condition failed, and DynamoDB left the read of what stands there now "+
				"unprocessed", next.Key)
		case len(items) == 0:
			return &ChangedError{}
		}
		item = items[0]
	}
	if op, ok := item["op"].(*types.AttributeValueMemberS); ok && op.Value == next.Op {
		return nil
	}
	current, malformed := decode(item)
	if malformed != nil {
		return fmt.Errorf("write %s: %w: %w", next.Key, malformed, err)
	}
	return &ChangedError{Current: current}
}

func (t *Table) put(ctx context.Context, item map[string]types.AttributeValue, options []func(*awsddb.Options)) error {
	item[itemAttr] = textValue(recordItem)
	_, err := t.api.PutItem(ctx, &awsddb.PutItemInput{
		TableName:                           &t.name,
		Item:                                item,
		ConditionExpression:                 aws.String("attribute_not_exists(#key)"),
		ExpressionAttributeNames:            map[string]string{"#key": keyAttr},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, options...)
	return err
}

// update sets every attribute we know that is there and removes every one that
// is not. What we do not know is not named, and so it stays.
func (t *Table) update(ctx context.Context, old *plan.Record, item map[string]types.AttributeValue, known []string,
	options []func(*awsddb.Options)) error {
	names := map[string]string{}
	values := map[string]types.AttributeValue{":old_rev": numberValue(old.Rev), ":old_op": textValue(old.Op)}
	var set, remove []string
	for _, name := range known {
		if name == keyAttr {
			continue
		}
		names["#"+name] = name // many are reserved words
		if v := item[name]; v != nil {
			values[":"+name] = v
			set = append(set, "#"+name+" = :"+name)
		} else {
			remove = append(remove, "#"+name)
		}
	}
	expression := "SET " + strings.Join(set, ", ")
	if len(remove) > 0 {
		expression += " REMOVE " + strings.Join(remove, ", ")
	}
	_, err := t.api.UpdateItem(ctx, &awsddb.UpdateItemInput{
		TableName:                           &t.name,
		Key:                                 primaryKey(old.Key, recordItem),
		UpdateExpression:                    &expression,
		ConditionExpression:                 aws.String("#rev = :old_rev AND #op = :old_op"),
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, options...)
	return err
}
