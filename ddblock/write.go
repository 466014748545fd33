package ddblock

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// Write replaces old by next in one conditional write. A nil old means that
// there must be no record yet. Before that it links the newest event of next to the
// one before it, and has its hash put into its claim.
//
// Nil means that this call wrote next, even if DynamoDB's answer was lost. A
// *ChangedError means that the record is no longer old; it holds the record as it
// is now. (An earlier attempt of this call may have succeeded, and another run
// may have written on top of it.) After any other error it is unknown whether next
// was written, unless awscall.Classify says that DynamoDB refused it.
func (t *Table) Write(ctx context.Context, old, next *plan.Record) error {
	if err := mayFollow(old, next); err != nil {
		return fmt.Errorf("write %s: %w", next.Key, err)
	}
	if err := link(next); err != nil {
		return fmt.Errorf("write %s: %w", next.Key, err)
	}
	item, names, err := encode(next)
	if err != nil {
		return fmt.Errorf("write %s: %w", next.Key, err)
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

// mayFollow refuses a pair of records that would break the protocol whatever the
// table holds. Except for a newer schema, such a pair is a bug in keyturn.
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

// lost returns what a failed condition means. The item that failed it shows
// whether it is this very write: its answer was lost, and the SDK's repetition
// then met what the first attempt wrote. In that case lost returns nil.
//
// AWS answers without an item only if there is none. An emulator may never
// answer with one (dynalite does not), and a missing record needs a person, so
// lost reads the record before it reports that there is none.
func (t *Table) lost(ctx context.Context, next *plan.Record, item map[string]types.AttributeValue, err error) error {
	if len(item) == 0 {
		items, left, unread := t.batch(ctx, recordKeys([]string{next.Key}))
		// Without the item it is unknown whether an earlier attempt wrote next. So
		// neither error wraps err, which would count as a definite no.
		switch {
		case unread != nil:
			return fmt.Errorf("write %s: its condition failed, and what stands there now could not be read: %v",
				next.Key, awscall.Wrap(unread))
		case len(left) > 0:
			return fmt.Errorf("write %s: its condition failed, "+
				"and DynamoDB left the read of what stands there now unprocessed", next.Key)
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
		return fmt.Errorf("write %s: %w: %w", next.Key, malformed, awscall.Wrap(err))
	}
	return &ChangedError{Current: current}
}

// put creates a record where there is none.
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

// update replaces old, if the item still has its revision and nonce. It sets each
// known attribute that item has and removes each known one that item lacks. It
// does not name unknown attributes, so they stay.
func (t *Table) update(ctx context.Context, old *plan.Record, item map[string]types.AttributeValue,
	known []string, options []func(*awsddb.Options)) error {
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
