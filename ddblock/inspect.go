package ddblock

import (
	"context"

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

// Keys returns the keys of all records in the table, of any plan. It scans the
// whole table, the ledger too, but returns only the primary key of each item.
func (t *Table) Keys(ctx context.Context) ([]string, error) {
	var keys []string
	pages := awsddb.NewScanPaginator(t.api, &awsddb.ScanInput{
		TableName:                 &t.name,
		ConsistentRead:            aws.Bool(true),
		FilterExpression:          aws.String("#item = :record"),
		ProjectionExpression:      aws.String("#key"),
		ExpressionAttributeNames:  map[string]string{"#key": keyAttr, "#item": itemAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{":record": textValue(recordItem)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, retrying)
		if err != nil {
			return nil, t.explain("list the records of", err)
		}
		for _, item := range page.Items {
			if s, ok := item[keyAttr].(*types.AttributeValueMemberS); ok {
				keys = append(keys, s.Value)
			}
		}
	}
	return keys, nil
}
