package ddbapi_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// A table serves the units of a second: a batch leaves the rest unprocessed, and what can
// be served nothing of is refused. Reads and writes have a bucket each.
func TestThrottling(t *testing.T) {
	s, c := openTable(t)
	s.capacity = wire.Capacity{Reads: 6, Writes: 2}
	put(t, c, "k1", "record", "1")
	request := types.KeysAndAttributes{Keys: keysTo(5), ConsistentRead: aws.Bool(true)}
	for _, left := range []int{0, 4} {
		out, err := batchGet(c, request)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(out.UnprocessedKeys["pool"].Keys); got != left {
			t.Errorf("%d keys are left, want %d", got, left)
		}
	}
	const code = "ProvisionedThroughputExceededException"
	_, err := batchGet(c, request)
	wantError(t, err, code, "throughput")
	_, err = c.GetItem(ctx, &awsddb.GetItemInput{TableName: aws.String("pool"), Key: keyOf("k1", "record"),
		ConsistentRead: aws.Bool(true)})
	wantError(t, err, code, "throughput")
	put(t, c, "k2", "record", "1") // the second of the writes
	_, err = c.PutItem(ctx, &awsddb.PutItemInput{TableName: aws.String("pool"), Item: keyOf("k3", "record")})
	wantError(t, err, code, "throughput")
	s.capacity = wire.Capacity{}
	if out, err := batchGet(c, request); err != nil || len(out.UnprocessedKeys) > 0 {
		t.Errorf("without a limit: %+v, %v", out, err)
	}
}
