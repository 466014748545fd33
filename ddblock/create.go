package ddblock

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// CreateOptions are the options of [Table.Create].
type CreateOptions struct {
	Tags map[string]string
}

// Made is what Create made or found.
type Made struct {
	// Created is false if the table existed.
	Created bool
	// Unsure reports whether the table may have been made: its CreateTable has no answer.
	Unsure bool
	// Table is what Check returns of it.
	Table plan.TableSeen
	// Protected reports whether deletion protection is on.
	Protected bool
	// PITR reports whether point-in-time recovery is on.
	PITR bool
	// Note describes why point-in-time recovery is not on; "" if it is.
	Note string
}

// createPatience is how long Create waits until a new table is ACTIVE and can
// be backed up. AWS needs seconds for the one and up to minutes for the other.
const createPatience = 5 * time.Minute

// Create makes the lock table: on demand, protected against deletion, with
// point-in-time recovery. It returns once the table is ACTIVE.
//
// If the table exists, Create only turns point-in-time recovery on, so that a
// second Create completes one that was interrupted. If an existing table must not
// hold records, Create returns an *UnsafeTableError. The table works without
// point-in-time recovery: a failure to turn it on is a note and not an error.
func (t *Table) Create(ctx context.Context, o CreateOptions) (Made, error) {
	ctx, stop := context.WithTimeout(ctx, createPatience)
	defer stop()
	var made Made
	if err := t.make(ctx, o, &made); err != nil {
		return made, err
	}
	waiter := awsddb.NewTableExistsWaiter(t.api, func(o *awsddb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, 5*time.Second
	})
	if err := waiter.Wait(ctx, &awsddb.DescribeTableInput{TableName: &t.name}, createPatience); err != nil {
		return made, t.explain("wait for", err)
	}
	var err error
	if made.Table, made.Protected, err = t.check(ctx); err != nil {
		return made, err
	}
	if made.Table.Unsafe != "" {
		return made, &UnsafeTableError{Table: t.name, TableSeen: made.Table}
	}
	if err := t.backUp(ctx); err != nil {
		made.Note = "point-in-time recovery could not be turned on, if it was off: " + awscall.Wrap(err).Error()
	}
	made.PITR = made.Note == ""
	return made, nil
}

// make creates the table unless it exists. It asks first: after a lost answer the
// SDK repeats CreateTable, and the repetition would find the table this call made.
func (t *Table) make(ctx context.Context, o CreateOptions, made *Made) error {
	_, err := t.api.DescribeTable(ctx, &awsddb.DescribeTableInput{TableName: &t.name}, retrying)
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); !missing {
		if err != nil {
			return t.explain("look at", err)
		}
		return nil
	}
	lost := false
	_, err = t.api.CreateTable(ctx, t.definition(o), retrying, watching(&lost))
	if _, exists := errors.AsType[*types.ResourceInUseException](err); err != nil && !exists {
		made.Unsure = lost || awscall.Classify(err).Verdict == plan.Unknown
		return t.explain("create", err)
	}
	made.Created = err == nil || lost
	return nil
}

// backUp turns point-in-time recovery on, unless it is on: turning it on again
// would reset the recovery period to AWS's 35 days. A table can be ACTIVE before
// it can be backed up; AWS then answers that backups are just being enabled.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
func (t *Table) backUp(ctx context.Context) error {
	out, err := t.api.DescribeContinuousBackups(ctx, &awsddb.DescribeContinuousBackupsInput{TableName: &t.name},
		retrying)
	if err != nil {
		return err
	}
	if d := out.ContinuousBackupsDescription; d != nil && d.PointInTimeRecoveryDescription != nil &&
		d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled {
		return nil
	}
	on := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}
	for n := 1; ; n++ {
		_, err := t.api.UpdateContinuousBackups(ctx, &awsddb.UpdateContinuousBackupsInput{
			TableName: &t.name, PointInTimeRecoverySpecification: on,
		}, retrying)
		if _, soon := errors.AsType[*types.ContinuousBackupsUnavailableException](err); !soon ||
			t.pause(ctx, n) != nil {
			return err
		}
	}
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
	}
	for _, name := range slices.Sorted(maps.Keys(o.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(name), Value: aws.String(o.Tags[name])})
	}
	return in
}
