package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	ddbAPI   = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_"
	ddbGuide = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
)

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func number(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

// at returns the primary key of an item of keyturn's table.
func at(key, sort string) item { return item{"key": text(key), "item": text(sort)} }

// with returns an item with more attributes.
func with(it item, more item) item {
	all := item{}
	for _, m := range []item{it, more} {
		for name, v := range m {
			all[name] = v
		}
	}
	return all
}

// show writes an item's attributes in order, without its key.
func show(it item) string {
	var list []string
	for n, v := range it {
		if n == "key" || n == "item" {
			continue
		}
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			list = append(list, n+"="+v.Value)
		case *types.AttributeValueMemberN:
			list = append(list, n+"="+v.Value)
		case *types.AttributeValueMemberM:
			list = append(list, n+"={"+show(v.Value)+"}")
		default:
			list = append(list, fmt.Sprintf("%s=%T", n, v))
		}
	}
	slices.Sort(list)
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, " ")
}

// createTable makes one as keyturn does.
func (w *world) createTable(table string) (*types.TableDescription, error) {
	out, err := w.ddb.CreateTable(w.ctx, &awsddb.CreateTableInput{
		TableName: &table,
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("item"), KeyType: types.KeyTypeRange}},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("key"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("item"), AttributeType: types.ScalarAttributeTypeS}},
		BillingMode:               types.BillingModePayPerRequest,
		DeletionProtectionEnabled: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	return out.TableDescription, w.active(table)
}

// active waits for the table to be. With the embedded AWS it is at once.
func (w *world) active(table string) error {
	for range 100 {
		d, err := w.describeTable(table)
		if err != nil || d.TableStatus == types.TableStatusActive {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the table does not become active")
}

// gone waits for the table not to be.
func (w *world) gone(table string) error {
	for range 100 {
		if _, err := w.describeTable(table); err != nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the table does not go")
}

func (w *world) describeTable(table string) (*types.TableDescription, error) {
	out, err := w.ddb.DescribeTable(w.ctx, &awsddb.DescribeTableInput{TableName: &table})
	if err != nil {
		return nil, err
	}
	return out.Table, nil
}

func (w *world) deleteTable(table string) error {
	_, err := w.ddb.DeleteTable(w.ctx, &awsddb.DeleteTableInput{TableName: &table})
	return err
}

// unprotect lets a table be deleted.
func (w *world) unprotect(table string) {
	must(w.ddb.UpdateTable(w.ctx, &awsddb.UpdateTableInput{TableName: &table,
		DeletionProtectionEnabled: aws.Bool(false)}))
}

// shared returns a table for all rows about items; each has partitions of its own.
func (w *world) shared() *string {
	if w.table == "" {
		table := name()
		must(w.createTable(table))
		w.table = table
	}
	return &w.table
}

func (w *world) put(it item) {
	must(w.ddb.PutItem(w.ctx, &awsddb.PutItemInput{TableName: w.shared(), Item: it}))
}

func (w *world) get(key item) item {
	return must(w.ddb.GetItem(w.ctx, &awsddb.GetItemInput{TableName: w.shared(), Key: key,
		ConsistentRead: aws.Bool(true)})).Item
}

// update is UpdateItem; names are in the expressions as #name, and stand for
// themselves.
func (w *world) update(key item, expression, condition string, values item, allOld bool) error {
	in := &awsddb.UpdateItemInput{TableName: w.shared(), Key: key, UpdateExpression: &expression,
		ExpressionAttributeValues: values}
	if condition != "" {
		in.ConditionExpression = &condition
	}
	for _, word := range strings.FieldsFunc(expression+" "+condition,
		func(r rune) bool { return strings.ContainsRune(" ,=()", r) }) {
		if strings.HasPrefix(word, "#") {
			if in.ExpressionAttributeNames == nil {
				in.ExpressionAttributeNames = map[string]string{}
			}
			in.ExpressionAttributeNames[word] = word[1:]
		}
	}
	if allOld {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	_, err := w.ddb.UpdateItem(w.ctx, in)
	return err
}

// failed returns an answer to a conditional write: the code, and the item in it.
func failed(err error) string {
	if f, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return f.ErrorCode() + ", " + show(f.Item)
	}
	return said(err)
}
