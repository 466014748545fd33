package ddblock

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// Check reports whether the table is fit for records: whether conditional writes
// hold on all of its replicas, and whether items may expire. An unfit table is
// a result and not an error. Check does not ask whether the table is backed up:
// that would be one more call in every run, and no reason to stop.
func (t *Table) Check(ctx context.Context) (plan.TableSeen, error) {
	seen, _, err := t.check(ctx)
	return seen, err
}

// check is Check, and also reports whether deletion protection is on.
func (t *Table) check(ctx context.Context) (seen plan.TableSeen, protected bool, err error) {
	out, err := t.api.DescribeTable(ctx, &awsddb.DescribeTableInput{TableName: &t.name}, retrying)
	if err != nil {
		return seen, false, t.explain("look at", err)
	}
	if out.Table == nil {
		return seen, false, fmt.Errorf("look at table %s: DynamoDB answered without one", t.name)
	}
	seen.ID = aws.ToString(out.Table.TableId)
	protected = aws.ToBool(out.Table.DeletionProtectionEnabled)
	if seen.Unsafe, seen.Hint = t.judge(out.Table); seen.Unsafe != "" {
		return seen, protected, nil
	}
	ttl, err := t.api.DescribeTimeToLive(ctx, &awsddb.DescribeTimeToLiveInput{TableName: &t.name}, retrying)
	switch {
	case awscall.Classify(err).Code == "UnknownOperationException":
		return seen, protected, nil // not AWS: a backend without expiry expires nothing
	case err != nil:
		return seen, protected, t.explain("look at the time to live of", err)
	}
	if d := ttl.TimeToLiveDescription; d != nil {
		seen.Unsafe, seen.Hint = t.judgeTTL(d)
	}
	return seen, protected, nil
}

func oneRegion() plan.Hint {
	return plan.Noted("use a table in one Region, or a global table with multi-Region strong consistency")
}

// judge returns what makes a table unfit, and what to do. With eventually
// consistent replicas, two Regions can both win one conditional write, and the
// last one stays.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
func (t *Table) judge(d *types.TableDescription) (unsafe string, hint plan.Hint) {
	if got, want := keysOf(d), keyAttr+" (S), "+itemAttr+" (S)"; got != want {
		return fmt.Sprintf("its primary key is %s and not %s: it is another program's table", got, want),
			plan.Try("keyturn", "init", "--table").Noted("give keyturn a table of its own first: table: in the plan")
	}
	switch {
	// A table that is UPDATING can be read and written as usual.
	case d.TableStatus != types.TableStatusActive && d.TableStatus != types.TableStatusUpdating:
		return "it is " + string(d.TableStatus) + " and not ACTIVE", t.command("describe-table").Noted(
			"shows when it is")
	case aws.ToString(d.GlobalTableVersion) == "2017.11.29":
		return "it is a global table of version 2017.11.29, whose Regions can both win one conditional write",
			oneRegion()
	case len(d.Replicas) > 0 && d.MultiRegionConsistency != types.MultiRegionConsistencyStrong:
		return "it has replicas without multi-Region strong consistency, so two Regions can both win one conditional " +
			"write", oneRegion()
	}
	return "", plan.Hint{}
}

// judgeTTL accepts only a table without expiry: while time to live is being turned
// on or off, items may expire too.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
func (t *Table) judgeTTL(d *types.TimeToLiveDescription) (unsafe string, hint plan.Hint) {
	switch d.TimeToLiveStatus {
	case types.TimeToLiveStatusDisabled, "":
		return "", plan.Hint{}
	case types.TimeToLiveStatusEnabled:
		return "time to live is on, by which DynamoDB deletes items on its own",
			t.command("update-time-to-live", "--time-to-live-specification",
				"Enabled=false,AttributeName="+aws.ToString(d.AttributeName))
	}
	return "time to live is " + string(d.TimeToLiveStatus) + ", so DynamoDB may delete items on its own",
		t.command("describe-time-to-live").Noted("turn it off, and wait until this says DISABLED")
}

// command returns the hint to type an aws command about the table.
func (t *Table) command(operation string, more ...string) plan.Hint {
	return plan.Try(append([]string{"aws", "dynamodb", operation, "--table-name", t.name, "--region", t.region()},
		more...)...)
}

// keysOf describes a table's primary key: "key (S), item (S)".
func keysOf(d *types.TableDescription) string {
	text := ""
	for i, k := range d.KeySchema { // the partition key comes first
		kind := "?"
		for _, a := range d.AttributeDefinitions {
			if aws.ToString(a.AttributeName) == aws.ToString(k.AttributeName) {
				kind = string(a.AttributeType)
			}
		}
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s (%s)", aws.ToString(k.AttributeName), kind)
	}
	return text
}
