package rotate_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/plan"
)

// A record that cannot be understood stops its own key and no other.
func TestMalformedRecordStopsItsKeyOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"  - alias: alias/other\n")
		spoilt := w.plan.Keys[0]
		_, err := awsddb.NewFromConfig(w.aws.AWSConfig(w.plan.Region, "ADMIN")).UpdateItem(t.Context(),
			&awsddb.UpdateItemInput{
				TableName: &w.plan.Table, Key: map[string]types.AttributeValue{
					"key":  &types.AttributeValueMemberS{Value: spoilt.Key()},
					"item": &types.AttributeValueMemberS{Value: "record"}},
				UpdateExpression:         aws.String("SET #step = :s"),
				ExpressionAttributeNames: map[string]string{"#step": "step"},
				ExpressionAttributeValues: map[string]types.AttributeValue{
					":s": &types.AttributeValueMemberS{Value: "dancing"}},
			})
		if err != nil {
			t.Fatal(err)
		}
		before := w.names(spoilt.Alias)
		report := w.pool("a").run(t.Context())
		if k := report.Keys[0]; k.Outcome != plan.Refused || k.Refusal.Code != "malformed-record" {
			t.Errorf("the spoilt key: %s %+v", k.Outcome, k.Refusal)
		}
		if w.names(spoilt.Alias) != before {
			t.Error("the spoilt key was rotated")
		}
		if r := w.record(w.plan.Keys[1]); r.Generation != 2 {
			t.Errorf("the other key: %s", r)
		}
	})
}
