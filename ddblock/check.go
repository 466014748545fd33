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

// Check gives the verdict on the table: whether a conditional write to it
// means what it says, and whether anything could make a record disappear. A
// table that must not be written to is a verdict and not an error.
func (t *Table) Check(ctx context.Context) (plan.TableSeen, error) {
	out, err := t.api.DescribeTable(ctx, &awsddb.DescribeTableInput{TableName: &t.name}, retrying)
	if err != nil {
		return plan.TableSeen{}, t.explain("look at", err)
	}
	if out.Table == nil {
		return plan.TableSeen{}, fmt.Errorf("look at table %s: DynamoDB answered without a table", t.name)
	}
	seen := plan.TableSeen{ID: aws.ToString(out.Table.TableId)}
	if seen.Unsafe, seen.Hint = judge(out.Table); seen.Unsafe != "" {
		return seen, nil
	}
	ttl, err := t.api.DescribeTimeToLive(ctx, &awsddb.DescribeTimeToLiveInput{TableName: &t.name}, retrying)
	if err != nil {
		if a := awscall.Classify(err); a.Code == "UnknownOperationException" {
			return seen, nil // a backend without TTL expires nothing
		}
		return plan.TableSeen{}, t.explain("look at the time to live of", err)
	}
	if d := ttl.TimeToLiveDescription; d != nil {
		switch d.TimeToLiveStatus {
		case types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling:
			seen.Unsafe = "time to live is enabled: DynamoDB would delete records by itself"
			seen.Hint = fmt.Sprintf("aws dynamodb update-time-to-live --table-name %s --time-to-live-specification Enabled=false,AttributeName=%s",
				t.name, aws.ToString(d.AttributeName))
		}
	}
	return seen, nil
}

// judge finds what makes a table unfit. Two Regions of a table that replicates
// eventually would both win one conditional write.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
func judge(d *types.TableDescription) (unsafe, hint string) {
	if hash, sort := schemaOf(d); hash != keyAttr || sort != itemAttr {
		return fmt.Sprintf("its keys are %q and %q, not %q and %q: it is another program's table", hash, sort, keyAttr, itemAttr),
			"give keyturn a table of its own: table: in the plan, then keyturn init --table"
	}
	switch d.TableStatus {
	case types.TableStatusActive, types.TableStatusUpdating:
	default:
		return "it is " + string(d.TableStatus), "wait until it is ACTIVE"
	}
	if aws.ToString(d.GlobalTableVersion) == "2017.11.29" {
		return "it is a global table of version 2017.11.29, whose replicas do not agree on conditional writes",
			"use a table in one Region, or a global table with multi-Region strong consistency"
	}
	if len(d.Replicas) > 0 && d.MultiRegionConsistency != types.MultiRegionConsistencyStrong {
		return "it has replicas without multi-Region strong consistency: two Regions could both win one conditional write",
			"use a table in one Region, or a global table with multi-Region strong consistency"
	}
	return "", ""
}

func schemaOf(d *types.TableDescription) (hash, sort string) {
	for _, k := range d.KeySchema {
		switch k.KeyType {
		case types.KeyTypeHash:
			hash = aws.ToString(k.AttributeName)
		case types.KeyTypeRange:
			sort = aws.ToString(k.AttributeName)
		}
	}
	return hash, sort
}
