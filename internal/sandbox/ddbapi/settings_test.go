package ddbapi_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestTimeToLive(t *testing.T) {
	_, c := openTable(t)
	describe := func() *types.TimeToLiveDescription {
		t.Helper()
		out, err := c.DescribeTimeToLive(ctx, &awsddb.DescribeTimeToLiveInput{TableName: aws.String("pool")})
		if err != nil {
			t.Fatal(err)
		}
		return out.TimeToLiveDescription
	}
	set := func(attribute string, enabled bool) error {
		_, err := c.UpdateTimeToLive(ctx, &awsddb.UpdateTimeToLiveInput{
			TableName:               aws.String("pool"),
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &enabled},
		})
		return err
	}
	if d := describe(); d.TimeToLiveStatus != types.TimeToLiveStatusDisabled || d.AttributeName != nil {
		t.Errorf("a new table: %+v", d)
	}
	wantError(t, set("until", false), "ValidationException", "TimeToLive is already disabled")
	if err := set("until", true); err != nil {
		t.Fatal(err)
	}
	if d := describe(); d.TimeToLiveStatus != types.TimeToLiveStatusEnabled || *d.AttributeName != "until" {
		t.Errorf("enabled: %+v", d)
	}
	wantError(t, set("until", true), "ValidationException", "TimeToLive is already enabled")
	wantError(t, set("other", false), "ValidationException", "current AttributeName is until")
	if err := set("until", false); err != nil {
		t.Fatal(err)
	}
	if d := describe(); d.TimeToLiveStatus != types.TimeToLiveStatusDisabled {
		t.Errorf("disabled: %+v", d)
	}
	_, err := c.DescribeTimeToLive(ctx, &awsddb.DescribeTimeToLiveInput{TableName: aws.String("other")})
	wantError(t, err, "ResourceNotFoundException", "Requested resource not found: Table: other not found")
}

func TestContinuousBackups(t *testing.T) {
	_, c := openTable(t)
	describe := func() *types.PointInTimeRecoveryDescription {
		t.Helper()
		out, err := c.DescribeContinuousBackups(ctx,
			&awsddb.DescribeContinuousBackupsInput{TableName: aws.String("pool")})
		if err != nil {
			t.Fatal(err)
		}
		if out.ContinuousBackupsDescription.ContinuousBackupsStatus != types.ContinuousBackupsStatusEnabled {
			t.Errorf("%+v", out.ContinuousBackupsDescription)
		}
		return out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	}
	set := func(enabled bool, days *int32) error {
		_, err := c.UpdateContinuousBackups(ctx, &awsddb.UpdateContinuousBackupsInput{
			TableName: aws.String("pool"),
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
				PointInTimeRecoveryEnabled: &enabled, RecoveryPeriodInDays: days},
		})
		return err
	}
	if d := describe(); d.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusDisabled ||
		d.EarliestRestorableDateTime != nil {
		t.Errorf("a new table: %+v", d)
	}
	if err := set(true, nil); err != nil {
		t.Fatal(err)
	}
	if d := describe(); d.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled ||
		*d.RecoveryPeriodInDays != 35 ||
		!d.EarliestRestorableDateTime.Equal(start) || !d.LatestRestorableDateTime.Equal(start) {
		t.Errorf("enabled: %+v", d)
	}
	wantError(t, set(true, aws.Int32(36)), "ValidationException", "recoveryPeriodInDays")
	if err := set(false, nil); err != nil {
		t.Fatal(err)
	}
	if d := describe(); d.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusDisabled {
		t.Errorf("disabled: %+v", d)
	}
	_, err := c.DescribeContinuousBackups(ctx, &awsddb.DescribeContinuousBackupsInput{TableName: aws.String("other")})
	wantError(t, err, "TableNotFoundException", "Table not found: other")
}

func TestTags(t *testing.T) {
	_, c := open()
	in := tableInput("pool")
	in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("payments")}}
	if _, err := c.CreateTable(ctx, in); err != nil {
		t.Fatal(err)
	}
	add := func(key, value string) error {
		_, err := c.TagResource(ctx, &awsddb.TagResourceInput{ResourceArn: aws.String(poolARN),
			Tags: []types.Tag{{Key: &key, Value: &value}}})
		return err
	}
	if err := add("cost", "1"); err != nil {
		t.Fatal(err)
	}
	wantError(t, add("aws:x", "1"), "ValidationException", "aws:")
	twice := types.Tag{Key: aws.String("a"), Value: aws.String("b")}
	_, err := c.TagResource(ctx, &awsddb.TagResourceInput{ResourceArn: aws.String(poolARN),
		Tags: []types.Tag{twice, twice}})
	wantError(t, err, "ValidationException", "Duplicate tag keys found: a")
	var many []types.Tag
	for i := range 49 { // with the two there are, one more than a table can have
		many = append(many, types.Tag{Key: aws.String(fmt.Sprint(i)), Value: aws.String("")})
	}
	_, err = c.TagResource(ctx, &awsddb.TagResourceInput{ResourceArn: aws.String(poolARN), Tags: many})
	wantError(t, err, "ValidationException", "limit of 50")
	if _, err := c.UntagResource(ctx, &awsddb.UntagResourceInput{ResourceArn: aws.String(poolARN),
		TagKeys: []string{"team"}}); err != nil {
		t.Fatal(err)
	}
	out, err := c.ListTagsOfResource(ctx, &awsddb.ListTagsOfResourceInput{ResourceArn: aws.String(poolARN)})
	if err != nil {
		t.Fatal(err)
	}
	if want := []types.Tag{{Key: aws.String("cost"), Value: aws.String("1")}}; !reflect.DeepEqual(out.Tags, want) {
		t.Errorf("tags %v", out.Tags)
	}
	_, err = c.ListTagsOfResource(ctx, &awsddb.ListTagsOfResourceInput{ResourceArn: aws.String(poolARN + "x")})
	wantError(t, err, "ResourceNotFoundException", poolARN+"x not found")
}
