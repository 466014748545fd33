package ddblock

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// Protection is what Create turns on for a table, and what somebody may have
// turned off since. A table without it works; it is only easier to lose.
type Protection struct {
	// Table is what Check returns.
	Table plan.TableSeen
	// Deletion reports whether deletion protection is on.
	Deletion bool
	// PITR reports whether point-in-time recovery is on.
	PITR bool
	// PITRNote describes why that is not known; "" if it is.
	PITRNote string
}

// Inspect is Check, and looks at the table's protection besides.
func (t *Table) Inspect(ctx context.Context) (Protection, error) {
	var p Protection
	var err error
	if p.Table, p.Deletion, err = t.check(ctx); err != nil {
		return p, err
	}
	out, err := t.api.DescribeContinuousBackups(ctx, &awsddb.DescribeContinuousBackupsInput{TableName: &t.name},
		retrying)
	if err != nil {
		p.PITRNote = t.explain("look at the backups of", err).Error()
		return p, nil
	}
	if d := out.ContinuousBackupsDescription; d != nil && d.PointInTimeRecoveryDescription != nil {
		p.PITR = d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
	}
	return p, nil
}

// Listed is a record in the table, of any plan.
type Listed struct {
	Key string
	// Plans are the names of the plans whose runs made the last writes, sorted.
	Plans []string
}

// List lists all records in the table, of any plan. It scans the whole table, the ledger
// too, but returns of each record only its key and who wrote it.
func (t *Table) List(ctx context.Context) ([]Listed, error) {
	var records []Listed
	pages := awsddb.NewScanPaginator(t.api, &awsddb.ScanInput{
		TableName:                 &t.name,
		ConsistentRead:            aws.Bool(true),
		FilterExpression:          aws.String("#item = :record"),
		ProjectionExpression:      aws.String("#key, #who"),
		ExpressionAttributeNames:  map[string]string{"#key": keyAttr, "#item": itemAttr, "#who": "who"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":record": textValue(recordItem)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, retrying)
		if err != nil {
			return nil, t.explain("list the records of", err)
		}
		for _, item := range page.Items {
			if s, ok := item[keyAttr].(*types.AttributeValueMemberS); ok {
				records = append(records, Listed{Key: s.Value, Plans: plansOf(item["who"])})
			}
		}
	}
	return records, nil
}

// plansOf returns the names of plans in who of a record, as far as that can be understood.
func plansOf(who types.AttributeValue) []string {
	var names []string
	runs, _ := who.(*types.AttributeValueMemberM)
	if runs == nil {
		return nil
	}
	for _, run := range runs.Value {
		one, _ := run.(*types.AttributeValueMemberM)
		if one == nil {
			continue
		}
		name, _ := one.Value["plan"].(*types.AttributeValueMemberS)
		if name != nil && name.Value != "" && !slices.Contains(names, name.Value) {
			names = append(names, name.Value)
		}
	}
	slices.Sort(names)
	return names
}
