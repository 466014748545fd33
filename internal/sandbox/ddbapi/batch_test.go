package ddbapi_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func batchGet(c *awsddb.Client, request types.KeysAndAttributes) (*awsddb.BatchGetItemOutput, error) {
	return c.BatchGetItem(ctx,
		&awsddb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"pool": request}})
}

func keysTo(n int) []item {
	var keys []item
	for i := range n {
		keys = append(keys, keyOf(fmt.Sprint("k", i), "record"))
	}
	return keys
}

func TestBatchGet(t *testing.T) {
	_, c := openTable(t)
	put(t, c, "k1", "record", "1")
	put(t, c, "k2", "record", "2")
	out, err := batchGet(c, types.KeysAndAttributes{
		Keys: keysTo(100), ProjectionExpression: aws.String("#r"),
		ExpressionAttributeNames: map[string]string{"#r": "rev"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.Responses["pool"]; len(got) != 2 || len(got[0]) != 1 || len(out.UnprocessedKeys) != 0 {
		t.Errorf("got %v, unprocessed %v", got, out.UnprocessedKeys)
	}
}

func TestBatchGetRefuses(t *testing.T) {
	_, c := openTable(t)
	_, err := batchGet(c, types.KeysAndAttributes{Keys: keysTo(101)})
	wantError(t, err, "ValidationException", "'requestItems.pool.member.keys' failed to satisfy constraint")
	_, err = batchGet(c, types.KeysAndAttributes{Keys: append(keysTo(3), keysTo(1)...)})
	wantError(t, err, "ValidationException", "Provided list of item keys contains duplicates")
	_, err = batchGet(c, types.KeysAndAttributes{Keys: []item{{"key": str("k")}}})
	wantError(t, err, "ValidationException", "The provided key element does not match the schema")
	_, err = batchGet(c, types.KeysAndAttributes{Keys: keysTo(1), AttributesToGet: []string{"rev"}})
	wantError(t, err, "ValidationException", "AttributesToGet")
	_, err = c.BatchGetItem(ctx, &awsddb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{}})
	wantError(t, err, "ValidationException", "'requestItems'")
	_, err = c.BatchGetItem(ctx,
		&awsddb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"other": {Keys: keysTo(1)}}})
	wantError(t, err, "ResourceNotFoundException", "Requested resource not found")
	if _, err := c.CreateTable(ctx, tableInput("second")); err != nil {
		t.Fatal(err)
	}
	_, err = c.BatchGetItem(ctx,
		&awsddb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"pool": {Keys: keysTo(51)},
			"second": {Keys: keysTo(50)}}})
	wantError(t, err, "ValidationException", "Too many items requested for the BatchGetItem call")
}

// A client that asks again for what was left gets everything, and what is left
// says how it was asked for.
func TestUnprocessedKeys(t *testing.T) {
	s, c := openTable(t)
	s.MaxBatchGet = 2
	for i := range 5 {
		put(t, c, fmt.Sprint("k", i), "record", "1")
	}
	request := types.KeysAndAttributes{
		Keys: keysTo(5), ConsistentRead: aws.Bool(true),
		ProjectionExpression: aws.String("#r"), ExpressionAttributeNames: map[string]string{"#r": "rev"},
	}
	var sizes []int
	for calls := 0; len(request.Keys) > 0 && calls < 10; calls++ {
		out, err := batchGet(c, request)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(out.Responses["pool"]))
		request = out.UnprocessedKeys["pool"]
		if len(request.Keys) > 0 && (*request.ProjectionExpression != "#r" ||
			request.ExpressionAttributeNames["#r"] != "rev" || !*request.ConsistentRead) {
			t.Errorf("what is left is asked for as %+v", request)
		}
	}
	if fmt.Sprint(sizes) != "[2 2 1]" {
		t.Errorf("answers of %v items", sizes)
	}
}

func TestBatchWrite(t *testing.T) {
	_, c := openTable(t)
	put(t, c, "k1", "record", "1")
	write := func(requests ...types.WriteRequest) error {
		_, err := c.BatchWriteItem(ctx,
			&awsddb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"pool": requests}})
		return err
	}
	putting := func(it item) types.WriteRequest { return types.WriteRequest{PutRequest: &types.PutRequest{Item: it}} }
	deleting := func(key item) types.WriteRequest {
		return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}}
	}
	wantError(t, write(putting(keyOf("k2", "record")), deleting(keyOf("k2", "record"))), "ValidationException",
		"Provided list of item keys contains duplicates")
	wantError(t, write(putting(keyOf("k3", "record")), putting(item{"key": str("k4")})), "ValidationException",
		"Missing the key item")
	var many []types.WriteRequest
	for _, key := range keysTo(26) {
		many = append(many, putting(key))
	}
	wantError(t, write(many...), "ValidationException", "requestItems.pool.member")
	if _, err := c.CreateTable(ctx, tableInput("second")); err != nil {
		t.Fatal(err)
	}
	_, err := c.BatchWriteItem(ctx,
		&awsddb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"pool": many[:13],
			"second": many[13:]}})
	wantError(t, err, "ValidationException", "Too many items requested for the BatchWriteItem call")
	if n := *describe(t, c, "pool").ItemCount; n != 1 {
		t.Fatalf("refused writes left %d items, want 1", n)
	}
	if err := write(deleting(keyOf("k1", "record")), putting(keyOf("k2", "record")),
		putting(keyOf("k3", "record"))); err != nil {
		t.Fatal(err)
	}
	if get(t, c, "k1", "record") != nil || get(t, c, "k2", "record") == nil || get(t, c, "k3", "record") == nil {
		t.Error("not what was written")
	}
}
