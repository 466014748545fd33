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
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
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
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("key"),
				AttributeType: types.ScalarAttributeTypeS}},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("key"),
				KeyType: types.KeyTypeHash}},
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

// KMS as its SDK sees it, through a state file, with reads that lag.
func TestKMSThroughAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.json")
		open := func(switches Switches) *awskms.Client {
			s, err := Open(path, Options{Switches: switches})
			if err != nil {
				t.Fatal(err)
			}
			return awskms.NewFromConfig(s.AWSConfig("", ""))
		}
		first, second := open(Switches{}), open(Switches{Lag: Duration(3 * time.Minute)})
		alias := aws.String("alias/orders-data")
		var keys [2]*string
		for i := range keys {
			made, err := first.CreateKey(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			keys[i] = made.KeyMetadata.KeyId
		}
		create := &awskms.CreateAliasInput{AliasName: alias, TargetKeyId: keys[0]}
		if _, err := first.CreateAlias(t.Context(), create); err != nil {
			t.Fatal(err)
		}
		if _, err := second.CreateAlias(t.Context(), create); !isA[*kmstypes.AlreadyExistsException](err) {
			t.Errorf("the alias was made twice: %v", err)
		}
		time.Sleep(time.Hour)
		if _, err := first.UpdateAlias(t.Context(),
			&awskms.UpdateAliasInput{AliasName: alias, TargetKeyId: keys[1]}); err != nil {
			t.Fatal(err)
		}
		named := func(client *awskms.Client) string {
			key, err := client.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: alias})
			if err != nil {
				t.Fatal(err)
			}
			return aws.ToString(key.KeyMetadata.KeyId)
		}
		if got := named(first); got != *keys[1] {
			t.Errorf("names %s, not the second key", got)
		}
		if got := named(second); got != *keys[0] {
			t.Errorf("the lagging read shows %s, not the first key", got)
		}
		time.Sleep(3*time.Minute + time.Second)
		if got := named(second); got != *keys[1] {
			t.Errorf("after its lag the read shows %s, not the second key", got)
		}
	})
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
