// Package ddbapi is the DynamoDB of the embedded AWS: tables and items in
// memory, the documents of the awsJson1.0 protocol in and out. It knows
// DynamoDB and nothing of HTTP, signatures or keyturn.
//
// It does what AWS documents for the operations in service.go, with AWS's
// error codes and, where they are known, AWS's words. What it does not know it
// refuses, as AWS would (UnknownOperationException for an operation) or with a
// ValidationException that says so (secondary indexes, streams, the parameters
// from before expressions); it never pretends. Unknown members of a request
// are ignored, as AWS does.
//
// Where it is simpler than AWS:
//   - Every read is consistent, whatever ConsistentRead and Call.ReadAt say:
//     lagging reads are the KMS's.
//   - A table is usable at once. CreateTable answers CREATING, as AWS does;
//     the next DescribeTable says ACTIVE.
//   - Time to live is a setting only: no item ever expires.
//   - Nothing is throttled by capacity unless the switch for it is on; then only what
//     reads and writes items one by one, Query and BatchGetItem are.
//     ConsumedCapacity is answered for the table as a whole.
//   - ItemCount and TableSizeBytes are exact; AWS updates them every six hours.
package ddbapi

import (
	"crypto/rand"
	"io"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Service is DynamoDB in all Regions. It implements wire.Service and, like
// every one, is called by one goroutine at a time.
type Service struct {
	// MaxBatchGet, if positive, is how many keys one BatchGetItem looks at;
	// it leaves the rest in UnprocessedKeys, as AWS may at any time.
	MaxBatchGet int
	// Rand is where the ids of new tables come from.
	Rand io.Reader

	account string
	tables  map[place]*table
	cache   expr.Cache
	// throttles are those of tables whose capacity has a limit.
	throttles map[place]*throttle
}

// New makes a DynamoDB without tables. The account owns the tables of calls
// that name none.
func New(account string) *Service {
	return &Service{Rand: rand.Reader, account: account, tables: map[place]*table{}, throttles: map[place]*throttle{}}
}

// Handle carries out one call.
func (s *Service) Handle(c wire.Call) (wire.Answer, error) {
	if c.Account == "" {
		c.Account = s.account
	}
	switch c.Operation {
	case "CreateTable":
		return handle(c, s.createTable)
	case "DescribeTable":
		return handle(c, s.describeTable)
	case "UpdateTable":
		return handle(c, s.updateTable)
	case "DeleteTable":
		return handle(c, s.deleteTable)
	case "ListTables":
		return handle(c, s.listTables)
	case "DescribeTimeToLive":
		return handle(c, s.describeTimeToLive)
	case "UpdateTimeToLive":
		return handle(c, s.updateTimeToLive)
	case "DescribeContinuousBackups":
		return handle(c, s.describeContinuousBackups)
	case "UpdateContinuousBackups":
		return handle(c, s.updateContinuousBackups)
	case "TagResource":
		return handle(c, s.tagResource)
	case "UntagResource":
		return handle(c, s.untagResource)
	case "ListTagsOfResource":
		return handle(c, s.listTags)
	case "GetItem":
		return handle(c, s.getItem)
	case "PutItem":
		return handle(c, s.putItem)
	case "UpdateItem":
		return handle(c, s.updateItem)
	case "DeleteItem":
		return handle(c, s.deleteItem)
	case "BatchGetItem":
		return handle(c, s.batchGetItem)
	case "BatchWriteItem":
		return handle(c, s.batchWriteItem)
	case "Query":
		return handle(c, s.query)
	case "Scan":
		return handle(c, s.scan)
	}
	return wire.Answer{}, wire.Errorf("UnknownOperationException", "The sandbox's DynamoDB has no operation %s.",
		c.Operation)
}

// Mutates reports whether an operation changes state when it succeeds.
func (s *Service) Mutates(operation string) bool {
	switch operation {
	case "CreateTable", "UpdateTable", "DeleteTable",
		"UpdateTimeToLive", "UpdateContinuousBackups", "TagResource", "UntagResource",
		"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem":
		return true
	}
	return false
}
