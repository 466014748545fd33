package ddbapi_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A record is made once: the second conditional put is refused and changes
// nothing.
func TestPutIfAbsent(t *testing.T) {
	_, c := openTable(t)
	put := func(rev string) error {
		_, err := c.PutItem(context.Background(), &awsddb.PutItemInput{
			TableName:                aws.String("pool"),
			Item:                     item{"key": str("k"), "item": str("record"), "rev": num(rev)},
			ConditionExpression:      aws.String("attribute_not_exists(#key)"),
			ExpressionAttributeNames: map[string]string{"#key": "key"},
		})
		return err
	}
	if err := put("1"); err != nil {
		t.Fatal(err)
	}
	wantError(t, put("2"), "ConditionalCheckFailedException", "The conditional request failed")
	out, err := c.GetItem(context.Background(),
		&awsddb.GetItemInput{TableName: aws.String("pool"), Key: keyOf("k", "record")})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(out.Item["rev"], num("1")) {
		t.Errorf("rev %v after the refused put, want 1", out.Item["rev"])
	}
}

func advance(c *awsddb.Client, rev, op, newRev, newOp string,
	onFailure types.ReturnValuesOnConditionCheckFailure) error {
	_, err := c.UpdateItem(context.Background(), &awsddb.UpdateItemInput{
		TableName:                aws.String("pool"),
		Key:                      keyOf("k", "record"),
		UpdateExpression:         aws.String("SET #rev = :newRev, #op = :newOp"),
		ConditionExpression:      aws.String("#rev = :rev AND #op = :op"),
		ExpressionAttributeNames: map[string]string{"#rev": "rev", "#op": "op"},
		ExpressionAttributeValues: item{":rev": num(rev), ":op": str(op), ":newRev": num(newRev),
			":newOp": str(newOp)},
		ReturnValuesOnConditionCheckFailure: onFailure,
	})
	return err
}

// The write of a record: conditioned on rev and op; who loses is given the
// item that won.
func TestConditionalUpdate(t *testing.T) {
	_, c := openTable(t)
	first := item{"key": str("k"), "item": str("record"), "rev": num("1"), "op": str("a")}
	if _, err := c.PutItem(context.Background(),
		&awsddb.PutItemInput{TableName: aws.String("pool"), Item: first}); err != nil {
		t.Fatal(err)
	}
	if err := advance(c, "1.0", "a", "2", "b", "ALL_OLD"); err != nil { // 1.0 and 1 are one number
		t.Fatal(err)
	}
	for _, late := range []struct{ rev, op string }{{"1", "b"}, {"2", "a"}} {
		err := advance(c, late.rev, late.op, "9", "c", "ALL_OLD")
		var failed *types.ConditionalCheckFailedException
		if !errors.As(err, &failed) {
			t.Fatalf("rev %s, op %s: %v, want a failed condition", late.rev, late.op, err)
		}
		want := item{"key": str("k"), "item": str("record"), "rev": num("2"), "op": str("b")}
		if !reflect.DeepEqual(failed.Item, want) {
			t.Errorf("the failure carries %v, want %v", failed.Item, want)
		}
	}
}

func TestFailedConditionWithoutItem(t *testing.T) {
	_, c := openTable(t)
	for _, tc := range []struct {
		name      string
		exists    bool
		onFailure types.ReturnValuesOnConditionCheckFailure
	}{
		{"there is none", false, "ALL_OLD"},
		{"it was not asked for", true, "NONE"},
		{"nothing was said", true, ""},
	} {
		if tc.exists {
			put(t, c, "k", "record", "5")
		}
		err := advance(c, "1", "a", "2", "b", tc.onFailure)
		var failed *types.ConditionalCheckFailedException
		if !errors.As(err, &failed) {
			t.Fatalf("%s: %v, want a failed condition", tc.name, err)
		}
		if failed.Item != nil {
			t.Errorf("%s: the failure carries %v", tc.name, failed.Item)
		}
	}
	wantError(t, advance(c, "1", "a", "2", "b", "ALL_NEW"), "ValidationException",
		"returnValuesOnConditionCheckFailure")
}
