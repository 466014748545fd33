package ddblock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// CreateOptions say what the table is made with.
type CreateOptions struct {
	Tags map[string]string
}

// Made is what Create found or did.
type Made struct {
	Created bool           // false: it was there
	Table   plan.TableSeen // the verdict on it
	PITR    bool           // point-in-time recovery is on
	Note    string         // why PITR is not on, if it is not
}

// createPatience is how long Create waits for a new table to become ACTIVE.
const createPatience = 2 * time.Minute

// Create makes the lock table unless it is there: on demand, with deletion
// protection and point-in-time recovery. An existing table is only judged.
func (t *Table) Create(ctx context.Context, o CreateOptions) (Made, error) {
	api, ok := t.api.(MakerAPI)
	if !ok {
		return Made{}, errors.New("this client cannot make tables")
	}
	var made Made
	_, err := api.CreateTable(ctx, t.definition(o), retrying)
	var exists *types.ResourceInUseException
	switch {
	case err == nil:
		made.Created = true
	case !errors.As(err, &exists):
		return Made{}, fmt.Errorf("create table %s: %w", t.name, err)
	}
	waiter := awsddb.NewTableExistsWaiter(api, func(o *awsddb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, 5*time.Second })
	if err := waiter.Wait(ctx, &awsddb.DescribeTableInput{TableName: &t.name}, createPatience); err != nil {
		return made, fmt.Errorf("wait for table %s: %w", t.name, err)
	}
	if made.Table, err = t.Check(ctx); err != nil || made.Table.Unsafe != "" {
		return made, err
	}
	_, err = api.UpdateContinuousBackups(ctx, &awsddb.UpdateContinuousBackupsInput{TableName: &t.name,
		PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}}, retrying)
	made.PITR = err == nil
	if err != nil {
		// The table is good without it; a backend may not have it.
		made.Note = "point-in-time recovery is not on: " + err.Error()
	}
	return made, nil
}

func (t *Table) definition(o CreateOptions) *awsddb.CreateTableInput {
	in := &awsddb.CreateTableInput{
		TableName: &t.name,
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(keyAttr), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(itemAttr), KeyType: types.KeyTypeRange},
		},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(keyAttr), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(itemAttr), AttributeType: types.ScalarAttributeTypeS},
		},
		BillingMode:               types.BillingModePayPerRequest,
		DeletionProtectionEnabled: aws.Bool(true),
		Tags:                      []types.Tag{{Key: aws.String("application"), Value: aws.String("keyturn")}},
	}
	for name, value := range o.Tags {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(name), Value: aws.String(value)})
	}
	return in
}
