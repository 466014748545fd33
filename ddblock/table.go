package ddblock

import (
	"context"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
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
	DescribeContinuousBackups(context.Context, *awsddb.DescribeContinuousBackupsInput, ...func(*awsddb.Options)) (*awsddb.DescribeContinuousBackupsOutput, error)
	UpdateContinuousBackups(context.Context, *awsddb.UpdateContinuousBackupsInput, ...func(*awsddb.Options)) (*awsddb.UpdateContinuousBackupsOutput, error)
}

// Table is the lock table. It is safe for concurrent use.
type Table struct {
	api  API
	name string
	host awscall.Host
}

// New gives access to a table that need not exist yet.
func New(api API, table string) *Table { return NewOn(awscall.Host{}, api, table) }

// NewOn is New on another host than the real one.
func NewOn(host awscall.Host, api API, table string) *Table {
	return &Table{api: api, name: table, host: host}
}

func primaryKey(key, item string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{keyAttr: textValue(key), itemAttr: textValue(item)}
}
