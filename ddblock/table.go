package ddblock

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// API is what is needed of a DynamoDB client to read and write records.
type API interface {
	BatchGetItem(context.Context, *awsddb.BatchGetItemInput, ...func(*awsddb.Options)) (*awsddb.BatchGetItemOutput, error)
	PutItem(context.Context, *awsddb.PutItemInput, ...func(*awsddb.Options)) (*awsddb.PutItemOutput, error)
	UpdateItem(context.Context, *awsddb.UpdateItemInput, ...func(*awsddb.Options)) (*awsddb.UpdateItemOutput, error)
	Query(context.Context, *awsddb.QueryInput, ...func(*awsddb.Options)) (*awsddb.QueryOutput, error)
	DescribeTable(context.Context, *awsddb.DescribeTableInput, ...func(*awsddb.Options)) (*awsddb.DescribeTableOutput, error)
	DescribeTimeToLive(context.Context, *awsddb.DescribeTimeToLiveInput, ...func(*awsddb.Options)) (*awsddb.DescribeTimeToLiveOutput, error)
}

// MakerAPI is what is needed besides to make the table.
type MakerAPI interface {
	API
	CreateTable(context.Context, *awsddb.CreateTableInput, ...func(*awsddb.Options)) (*awsddb.CreateTableOutput, error)
	UpdateContinuousBackups(context.Context, *awsddb.UpdateContinuousBackupsInput, ...func(*awsddb.Options)) (*awsddb.UpdateContinuousBackupsOutput, error)
}

// Table is the lock table.
type Table struct {
	api  API
	name string
}

// New gives access to a table that need not exist yet.
func New(api API, table string) *Table { return &Table{api: api, name: table} }

// The key attributes, and the sort key of the record itself.
const (
	keyAttr    = "key"
	itemAttr   = "item"
	recordItem = "record"
	eventItem  = "event#" // and the revision in 10 digits
)

func eventSortKey(rev int64) string { return fmt.Sprintf("%s%010d", eventItem, rev) }

func primaryKey(key, item string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		keyAttr:  &types.AttributeValueMemberS{Value: key},
		itemAttr: &types.AttributeValueMemberS{Value: item},
	}
}

// ChangedError says that somebody else wrote the record first.
type ChangedError struct {
	Current *plan.Record // as it is now; nil if there is none any more
}

func (e *ChangedError) Error() string {
	if e.Current == nil {
		return "the record is gone"
	}
	return fmt.Sprintf("the record was written by somebody else: rev %d", e.Current.Rev)
}

// retrying makes the SDK repeat what is safe to repeat here and what it does
// not repeat by itself: a write that met another Region's on a replicated
// table. Every write of ours is recognised by its nonce.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html#API_UpdateItem_Errors
func retrying(o *awsddb.Options) {
	base := o.Retryer
	if base == nil {
		base = retry.NewStandard()
	}
	o.Retryer = retry.AddWithErrorCodes(base, (*types.ReplicatedWriteConflictException)(nil).ErrorCode())
}
