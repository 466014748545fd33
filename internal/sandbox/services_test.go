package sandbox

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DynamoDB as its SDK sees it, through a state file: types of errors, items in
// errors, checksums, and what a second process reads.
func TestDynamoDBThroughAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.json")
		open := func() *awsddb.Client {
			s, err := Open(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return awsddb.NewFromConfig(s.AWSConfig("", ""))
		}
		table := aws.String("keyturn")
		first, second := open(), open()
		if _, err := first.CreateTable(t.Context(), &awsddb.CreateTableInput{
			TableName: table, BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("key"), AttributeType: types.ScalarAttributeTypeS}},
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash}},
		}); err != nil {
			t.Fatal(err)
		}
		waiter := awsddb.NewTableExistsWaiter(second)
		if err := waiter.Wait(t.Context(), &awsddb.DescribeTableInput{TableName: table}, time.Hour); err != nil {
			t.Fatal(err)
		}
		put := func(client *awsddb.Client, by string) error {
			_, err := client.PutItem(t.Context(), &awsddb.PutItemInput{
				TableName: table,
				Item: map[string]types.AttributeValue{
					"key": &types.AttributeValueMemberS{Value: "a"}, "by": &types.AttributeValueMemberS{Value: by},
				},
				ConditionExpression:                 aws.String("attribute_not_exists(#k)"),
				ExpressionAttributeNames:            map[string]string{"#k": "key"},
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			})
			return err
		}
		if err := put(first, "first"); err != nil {
			t.Fatal(err)
		}
		failed, ok := errors.AsType[*types.ConditionalCheckFailedException](put(second, "second"))
		if !ok {
			t.Fatal("the second put succeeded too")
		}
		by, _ := failed.Item["by"].(*types.AttributeValueMemberS)
		if by == nil || by.Value != "first" {
			t.Errorf("the item that was there is %v", failed.Item)
		}
	})
}
