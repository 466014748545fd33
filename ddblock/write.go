package ddblock

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// writeTries is how often a write whose outcome is unknown is sent, besides
// the SDK's own repetitions. Its nonce makes that safe.
const writeTries = 3

// Write makes next out of old by one conditional write. A nil old means that
// there must be no record yet. A *ChangedError says that somebody else wrote
// first, and what; any other error is DynamoDB's, and awscall.Classify tells
// whether the write may have happened.
//
// Events that next no longer holds are copied to ledger items of their own
// before, so that no crash between the two loses one.
func (t *Table) Write(ctx context.Context, old, next *plan.Record) error {
	if old != nil && old.Schema > plan.SchemaVersion {
		return fmt.Errorf("write %s: the record has schema %d, newer than %d", old.Key, old.Schema, plan.SchemaVersion)
	}
	if err := t.copyRolledOff(ctx, old, next); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := t.writeOnce(ctx, old, next)
		var changed *ChangedError
		if err == nil || errors.As(err, &changed) {
			return err
		}
		if try == writeTries || awscall.Classify(err).Verdict != plan.Unknown {
			return t.explain("write "+next.Key+" to", err)
		}
		if pause(ctx, try) != nil {
			return err
		}
	}
}

func (t *Table) writeOnce(ctx context.Context, old, next *plan.Record) error {
	var err error
	if old == nil {
		err = t.put(ctx, next)
	} else {
		err = t.update(ctx, old, next)
	}
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return err
	}
	if len(failed.Item) == 0 {
		return &ChangedError{}
	}
	current, decodeErr := decode(failed.Item)
	if decodeErr != nil {
		return decodeErr
	}
	if current.Op == next.Op {
		return nil // an SDK retry was refused, for its first try had succeeded
	}
	return &ChangedError{Current: current}
}

func (t *Table) put(ctx context.Context, next *plan.Record) error {
	item := encode(next)
	item[itemAttr] = primaryKey(next.Key, recordItem)[itemAttr]
	cond := "attribute_not_exists(#key)"
	_, err := t.api.PutItem(ctx, &awsddb.PutItemInput{
		TableName: &t.name, Item: item,
		ConditionExpression: &cond, ExpressionAttributeNames: map[string]string{"#key": keyAttr},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, retrying)
	return err
}

func (t *Table) update(ctx context.Context, old, next *plan.Record) error {
	expression, names, values := updateOf(encode(next))
	names["#rev"], names["#op"] = "rev", "op"
	values[":old_rev"], values[":old_op"] = number(old.Rev), text(old.Op)
	cond := "#rev = :old_rev AND #op = :old_op"
	_, err := t.api.UpdateItem(ctx, &awsddb.UpdateItemInput{
		TableName: &t.name, Key: primaryKey(next.Key, recordItem),
		UpdateExpression: &expression, ConditionExpression: &cond,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, retrying)
	return err
}

// updateOf sets every attribute we know that is present and removes every one
// that is not; what we do not know is not named, and stays. Every name goes
// through a placeholder, for many are reserved words.
func updateOf(item map[string]types.AttributeValue) (expression string, names map[string]string, values map[string]types.AttributeValue) {
	names, values = map[string]string{}, map[string]types.AttributeValue{}
	var set, remove []string
	for _, name := range knownAttrs {
		if name == keyAttr {
			continue
		}
		names["#"+name] = name
		if v, present := item[name]; present {
			values[":"+name] = v
			set = append(set, "#"+name+" = :"+name)
		} else {
			remove = append(remove, "#"+name)
		}
	}
	sort.Strings(set)
	sort.Strings(remove)
	expression = "SET " + strings.Join(set, ", ")
	if len(remove) > 0 {
		expression += " REMOVE " + strings.Join(remove, ", ")
	}
	return expression, names, values
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
