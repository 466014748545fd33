package cmd

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// What persons, Terraform and accidents do to keys and to the table.

func (c *cloud) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *cloud) table() *awsddb.Client {
	return awsddb.NewFromConfig(c.box.AWSConfig("eu-west-1", "ADMIN"))
}

// keyOf returns the key behind an alias.
func (c *cloud) keyOf(alias string) string {
	c.t.Helper()
	out, err := c.admin().DescribeKey(c.t.Context(), &awskms.DescribeKeyInput{KeyId: &alias})
	c.check(err)
	return *out.KeyMetadata.KeyId
}

func (c *cloud) disable(alias string) {
	c.t.Helper()
	id := c.keyOf(alias)
	_, err := c.admin().DisableKey(c.t.Context(), &awskms.DisableKeyInput{KeyId: &id})
	c.check(err)
}

func (c *cloud) enable(alias string) {
	c.t.Helper()
	id := c.keyOf(alias)
	_, err := c.admin().EnableKey(c.t.Context(), &awskms.EnableKeyInput{KeyId: &id})
	c.check(err)
}

// schedule schedules a deletion.
func (c *cloud) schedule(alias string, days int32) {
	c.t.Helper()
	id := c.keyOf(alias)
	_, err := c.admin().ScheduleKeyDeletion(c.t.Context(), &awskms.ScheduleKeyDeletionInput{KeyId: &id,
		PendingWindowInDays: &days})
	c.check(err)
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// itemOf returns the key of an item of the table: "record", or one of the ledger.
func itemOf(name, sort string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"key": text("eu-west-1/alias/" + name), "item": text(sort)}
}

// drop deletes an item of a key.
func (c *cloud) drop(name, sort string) {
	c.t.Helper()
	_, err := c.table().DeleteItem(c.t.Context(), &awsddb.DeleteItemInput{TableName: aws.String("keyturn"),
		Key: itemOf(name, sort)})
	c.check(err)
}

// lose deletes the records of keys, and leaves their ledgers.
func (c *cloud) lose(names ...string) {
	c.t.Helper()
	for _, name := range names {
		c.drop(name, "record")
	}
}

// change sets one attribute of the record behind keyturn's back; nil removes it.
func (c *cloud) change(attribute string, to types.AttributeValue) {
	c.t.Helper()
	if to == nil {
		c.update("REMOVE #"+attribute, nil)
		return
	}
	c.update("SET #"+attribute+" = :v", to)
}

// letExpire turns time to live of the table on.
func (c *cloud) letExpire() {
	c.t.Helper()
	_, err := c.table().UpdateTimeToLive(c.t.Context(), &awsddb.UpdateTimeToLiveInput{TableName: aws.String("keyturn"),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ttl"),
			Enabled: aws.Bool(true)}})
	c.check(err)
}

func (c *cloud) faults(f ...sandbox.Fault) {
	c.t.Helper()
	c.check(c.box.SetSwitches(sandbox.Switches{Faults: f}))
}
