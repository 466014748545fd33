package ddbapi_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func get(t *testing.T, c *awsddb.Client, hash, rng string) item {
	t.Helper()
	out, err := c.GetItem(ctx, &awsddb.GetItemInput{TableName: aws.String("pool"), Key: keyOf(hash, rng),
		ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// Every type survives a put and a get.
func TestRoundTrip(t *testing.T) {
	_, c := openTable(t)
	want := keyOf("k", "record")
	attributes := item{
		"string": str(""), "number": num("-0.5"), "binary": &types.AttributeValueMemberB{Value: []byte{0, 255}},
		"bool": &types.AttributeValueMemberBOOL{Value: true}, "null": &types.AttributeValueMemberNULL{Value: true},
		"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{num("1"),
			&types.AttributeValueMemberM{Value: item{"a": str("b")}}}},
		"strings":   &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
		"numbers":   &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"binaries":  &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
		"emptymap":  &types.AttributeValueMemberM{Value: item{}},
		"emptylist": &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
	}
	maps.Copy(want, attributes)
	if _, err := c.PutItem(ctx, &awsddb.PutItemInput{TableName: aws.String("pool"), Item: want}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, c, "k", "record"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := get(t, c, "k", "other"); got != nil {
		t.Errorf("an item that is not there: %v", got)
	}
}

func TestPutItemRefuses(t *testing.T) {
	_, c := openTable(t)
	big := &types.AttributeValueMemberS{Value: strings.Repeat("x", 400*1024)}
	deep := types.AttributeValue(str("x"))
	for range 33 {
		deep = &types.AttributeValueMemberL{Value: []types.AttributeValue{deep}}
	}
	for name, tc := range map[string]struct {
		item item
		want string
	}{
		"no range key": {item{"key": str("k")},
			"One or more parameter values were invalid: Missing the key item in the item"},
		"type of key": {item{"key": num("1"), "item": str("r")},
			"Type mismatch for key key expected: S actual: N"},
		"empty key": {keyOf("", "r"),
			"The AttributeValue for a key attribute cannot contain an empty string value. Key: key"},
		"long hash": {keyOf(strings.Repeat("k", 2049), "r"),
			"Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		"long range": {keyOf("k", strings.Repeat("r", 1025)),
			"Aggregated size of all range keys has exceeded the size limit of 1024 bytes"},
		"too large": {item{"key": str("k"), "item": str("r"), "x": big},
			"Item size has exceeded the maximum allowed size"},
		"too deep": {item{"key": str("k"), "item": str("r"), "x": deep},
			"Nesting Levels have exceeded supported limits"},
		"empty set": {item{"key": str("k"), "item": str("r"),
			"x": &types.AttributeValueMemberSS{Value: []string{}}}, "An string set  may not be empty"},
		"a number with text": {item{"key": str("k"), "item": str("r"), "x": num("dog")},
			"The parameter cannot be converted to a numeric value: dog"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.PutItem(ctx, &awsddb.PutItemInput{TableName: aws.String("pool"), Item: tc.item})
			wantError(t, err, "ValidationException", tc.want)
		})
	}
	if n := *describe(t, c, "pool").ItemCount; n != 0 {
		t.Errorf("%d items after refused puts", n)
	}
}

func TestKeyMustFitSchema(t *testing.T) {
	_, c := openTable(t)
	for _, key := range []item{
		{"key": str("k")},
		{"key": str("k"), "item": num("1")},
		{"key": str("k"), "other": str("r")},
		{"key": str("k"), "item": str("r"), "other": str("x")},
	} {
		_, err := c.GetItem(ctx, &awsddb.GetItemInput{TableName: aws.String("pool"), Key: key})
		wantError(t, err, "ValidationException", "The provided key element does not match the schema")
	}
	_, err := c.GetItem(ctx, &awsddb.GetItemInput{TableName: aws.String("other"), Key: keyOf("k", "r")})
	wantError(t, err, "ResourceNotFoundException", "Requested resource not found")
}

func TestGetItemProjection(t *testing.T) {
	_, c := openTable(t)
	put(t, c, "k", "record", "7")
	read := func(projection string, names map[string]string) (*awsddb.GetItemOutput, error) {
		return c.GetItem(ctx, &awsddb.GetItemInput{
			TableName: aws.String("pool"), Key: keyOf("k", "record"),
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
			ProjectionExpression:   &projection, ExpressionAttributeNames: names,
		})
	}
	out, err := read("#r, absent", map[string]string{"#r": "rev"})
	if err != nil || !reflect.DeepEqual(out.Item, item{"rev": num("7")}) {
		t.Errorf("%v, %v", out, err)
	}
	if used := out.ConsumedCapacity; *used.TableName != "pool" || *used.CapacityUnits != 0.5 {
		t.Errorf("used %+v", used)
	}
	out, err = read("absent", nil)
	if err != nil || out.Item == nil || len(out.Item) != 0 {
		t.Errorf("nothing of an item that is there: %v, %v; want an empty item", out.Item, err)
	}
	_, err = read("rev", map[string]string{"#r": "rev"})
	wantError(t, err, "ValidationException",
		"Value provided in ExpressionAttributeNames unused in expressions: keys: {#r}")
	_, err = read("#k.x", map[string]string{"#k": "key"})
	wantError(t, err, "ValidationException",
		"Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: key")
}

func TestDeleteItem(t *testing.T) {
	s, c := openTable(t)
	put(t, c, "k", "record", "7")
	remove := func(condition *string) (*awsddb.DeleteItemOutput, error) {
		return c.DeleteItem(ctx, &awsddb.DeleteItemInput{
			TableName: aws.String("pool"), Key: keyOf("k", "record"), ConditionExpression: condition,
			ReturnValues: types.ReturnValueAllOld,
		})
	}
	_, err := remove(aws.String("attribute_not_exists(rev)"))
	wantError(t, err, "ConditionalCheckFailedException", "")
	out, err := remove(aws.String("attribute_exists(rev)"))
	if err != nil || !reflect.DeepEqual(out.Attributes["rev"], num("7")) || !s.last.Mutated {
		t.Errorf("%v, %v, mutated %t", out, err, s.last.Mutated)
	}
	if get(t, c, "k", "record") != nil {
		t.Error("the item is still there")
	}
	out, err = remove(nil) // nothing to delete is no error
	if err != nil || out.Attributes != nil || s.last.Mutated {
		t.Errorf("%v, %v, mutated %t", out, err, s.last.Mutated)
	}
}
