package ddbapi_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func update(c *awsddb.Client, key item, expression string, values item, returns types.ReturnValue) (item, error) {
	in := &awsddb.UpdateItemInput{TableName: aws.String("pool"), Key: key, ExpressionAttributeValues: values,
		ReturnValues: returns}
	if expression != "" {
		in.UpdateExpression = &expression
	}
	out, err := c.UpdateItem(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

func TestUpdateReturnValues(t *testing.T) {
	for returns, want := range map[types.ReturnValue]item{
		"":            nil,
		"NONE":        nil,
		"ALL_OLD":     {"key": str("k"), "item": str("r"), "rev": num("1")},
		"UPDATED_OLD": {"rev": num("1")},
		"ALL_NEW":     {"key": str("k"), "item": str("r"), "rev": num("2"), "op": str("x")},
		"UPDATED_NEW": {"rev": num("2"), "op": str("x")},
	} {
		_, c := openTable(t)
		put(t, c, "k", "r", "1")
		got, err := update(c, keyOf("k", "r"), "SET rev = rev + :one, op = :op REMOVE absent",
			item{":one": num("1"), ":op": str("x")}, returns)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q returns %v, %v; want %v", returns, got, err, want)
		}
	}
}

// An update makes the item it does not find, unless it only removes.
func TestUpdateOfAbsentItem(t *testing.T) {
	_, c := openTable(t)
	for _, tc := range []struct {
		expression string
		values     item
		want       item // nil: not made
	}{
		{"", nil, item{}},
		{"SET rev = :v", item{":v": num("1")}, item{"rev": num("1")}},
		{"ADD rev :v", item{":v": num("1")}, item{"rev": num("1")}},
		{"REMOVE rev", nil, nil},
		{"REMOVE rev.x[0]", nil, nil}, // at AWS not even an invalid path
	} {
		key := keyOf("k", "made by "+tc.expression)
		got, err := update(c, key, tc.expression, tc.values, types.ReturnValueAllNew)
		if tc.want != nil {
			tc.want["key"], tc.want["item"] = key["key"], key["item"]
		}
		if err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%q made %v, %v; want %v", tc.expression, got, err, tc.want)
		}
		if stored := get(t, c, "k", "made by "+tc.expression); !reflect.DeepEqual(stored, tc.want) {
			t.Errorf("%q stored %v, want %v", tc.expression, stored, tc.want)
		}
	}
}

func TestUpdateRefuses(t *testing.T) {
	_, c := openTable(t)
	put(t, c, "k", "r", "1")
	names := map[string]string{"#key": "key"}
	big := str(strings.Repeat("x", 400*1024))
	for _, tc := range []struct {
		in   awsddb.UpdateItemInput
		want string
	}{
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("SET #key = :v"), ExpressionAttributeNames: names,
			ExpressionAttributeValues: item{":v": str("x")}},
			"One or more parameter values were invalid: " +
				"Cannot update attribute key. This attribute is part of the key"},
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("REMOVE #key.x"), ExpressionAttributeNames: names},
			"This attribute is part of the key"},
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("REMOVE x"),
			ConditionExpression: aws.String("attribute_exists(#key.x)"), ExpressionAttributeNames: names},
			"Key attributes must be scalars"},
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("SET x = :v"), ExpressionAttributeValues: item{":v": big}},
			"Item size to update has exceeded the maximum allowed size"},
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("SET x = :v"),
			ExpressionAttributeValues: item{":v": num("x")}},
			"ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric " +
				"value: x for key :v"},
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("SET rev = absent")},
			"The provided expression refers to an attribute that does not exist in the item"},
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("")},
			"Invalid UpdateExpression: The expression can not be empty;"},
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("REMOVE x"), ExpressionAttributeNames: names},
			"Value provided in ExpressionAttributeNames unused in expressions: keys: {#key}"},
		{awsddb.UpdateItemInput{UpdateExpression: aws.String("REMOVE x"),
			ExpressionAttributeValues: item{":v": num("1")}},
			"Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"},
		{awsddb.UpdateItemInput{ExpressionAttributeNames: names},
			"ExpressionAttributeNames can only be specified when using expressions"},
		{awsddb.UpdateItemInput{ExpressionAttributeValues: item{":v": num("1")}},
			"ExpressionAttributeValues can only be specified when using expressions: ConditionExpression and " +
				"UpdateExpression are null"},
		{awsddb.UpdateItemInput{ReturnValues: "DOG"},
			"1 validation error detected: Value 'DOG' at 'returnValues' failed to satisfy constraint: Member must " +
				"satisfy enum value set"},
	} {
		tc.in.TableName, tc.in.Key = aws.String("pool"), keyOf("k", "r")
		_, err := c.UpdateItem(ctx, &tc.in)
		wantError(t, err, "ValidationException", tc.want)
		if got := get(t, c, "k", "r"); !reflect.DeepEqual(got,
			item{"key": str("k"), "item": str("r"), "rev": num("1")}) {
			t.Fatalf("%q changed the item: %v", tc.want, got)
		}
	}
	_, err := c.PutItem(ctx, &awsddb.PutItemInput{TableName: aws.String("pool"), Item: keyOf("k", "r"),
		ReturnValues: "ALL_NEW"})
	wantError(t, err, "ValidationException", "Return values set to invalid value")
}

// What a read gave stays as it was when the item changes.
func TestAnswersDoNotChange(t *testing.T) {
	s, c := openTable(t)
	if _, err := update(c, keyOf("k", "r"), "SET a = :v",
		item{":v": &types.AttributeValueMemberL{Value: []types.AttributeValue{num("1")}}}, ""); err != nil {
		t.Fatal(err)
	}
	get(t, c, "k", "r")
	before := s.last.Body
	first := text(t, before)
	if _, err := update(c, keyOf("k", "r"), "SET a[0] = :v, b = :v", item{":v": num("2")}, ""); err != nil {
		t.Fatal(err)
	}
	if now := text(t, before); now != first {
		t.Errorf("the earlier answer became %s", now)
	}
}
