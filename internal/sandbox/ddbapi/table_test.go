package ddbapi_test

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

var ctx = context.Background()

const poolARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/pool"

func describe(t *testing.T, c *awsddb.Client, table string) *types.TableDescription {
	t.Helper()
	out, err := c.DescribeTable(ctx, &awsddb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	return out.Table
}

func TestTableLifecycle(t *testing.T) {
	_, c := open()
	in := tableInput("pool")
	in.DeletionProtectionEnabled = aws.Bool(true)
	created, err := c.CreateTable(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	if created.TableDescription.TableStatus != types.TableStatusCreating {
		t.Errorf("CreateTable says %s", created.TableDescription.TableStatus)
	}
	_, err = c.CreateTable(ctx, in)
	wantError(t, err, "ResourceInUseException", "Table already exists: pool")

	put(t, c, "k", "record", "1")
	d := describe(t, c, "pool")
	if d.TableStatus != types.TableStatusActive || *d.ItemCount != 1 || *d.TableSizeBytes == 0 ||
		!*d.DeletionProtectionEnabled ||
		*d.TableArn != poolARN || *d.TableName != "pool" || !d.CreationDateTime.Equal(start) ||
		d.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || d.Replicas != nil {
		t.Errorf("described as %+v", d)
	}
	if !reflect.DeepEqual(d.KeySchema, in.KeySchema) ||
		!reflect.DeepEqual(d.AttributeDefinitions, in.AttributeDefinitions) {
		t.Errorf("keys %v %v", d.KeySchema, d.AttributeDefinitions)
	}
	if *d.TableId != *created.TableDescription.TableId ||
		!regexp.MustCompile(
			`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(*d.TableId) {
		t.Errorf("table id %s", *d.TableId)
	}

	_, err = c.DeleteTable(ctx, &awsddb.DeleteTableInput{TableName: aws.String("pool")})
	wantError(t, err, "ValidationException",
		"Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	if _, err := c.UpdateTable(ctx, &awsddb.UpdateTableInput{TableName: aws.String("pool"),
		DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteTable(ctx, &awsddb.DeleteTableInput{TableName: aws.String(poolARN)}); err != nil {
		t.Fatal(err)
	}
	_, err = c.DescribeTable(ctx, &awsddb.DescribeTableInput{TableName: aws.String("pool")})
	wantError(t, err, "ResourceNotFoundException", "Requested resource not found: Table: pool not found")

	// A table made again under its name is another table, and empty.
	if _, err := c.CreateTable(ctx, in); err != nil {
		t.Fatal(err)
	}
	if again := describe(t, c, "pool"); *again.TableId == *d.TableId || *again.ItemCount != 0 {
		t.Errorf("the new table is the old one: %+v", again)
	}
}

func TestCreateTableRefuses(t *testing.T) {
	_, c := open()
	for name, tc := range map[string]struct {
		change func(*awsddb.CreateTableInput)
		want   string
	}{
		"name": {func(in *awsddb.CreateTableInput) { in.TableName = aws.String("a b") }, "tableName"},
		"bad type": {func(in *awsddb.CreateTableInput) { in.AttributeDefinitions[0].AttributeType = "L" },
			"attributeType"},
		"undefined": {func(in *awsddb.CreateTableInput) { in.AttributeDefinitions = in.AttributeDefinitions[:1] },
			"Some index key attributes are not defined in AttributeDefinitions"},
		"unneeded": {func(in *awsddb.CreateTableInput) { in.KeySchema = in.KeySchema[:1] },
			"Number of attributes in KeySchema does not exactly match"},
		"order": {func(in *awsddb.CreateTableInput) {
			in.KeySchema[0], in.KeySchema[1] = in.KeySchema[1],
				in.KeySchema[0]
		}, "is not a HASH key type"},
		"throughput": {func(in *awsddb.CreateTableInput) { in.BillingMode = "" },
			"ReadCapacityUnits and WriteCapacityUnits must both be specified"},
		"both modes": {func(in *awsddb.CreateTableInput) {
			in.ProvisionedThroughput = &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(1),
				WriteCapacityUnits: aws.Int64(1)}
		}, "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified"},
		"one name": {func(in *awsddb.CreateTableInput) {
			in.KeySchema[1].AttributeName = in.KeySchema[0].AttributeName
		}, "have the same name"},
		"index": {func(in *awsddb.CreateTableInput) {
			in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{IndexName: aws.String("i"),
				KeySchema: in.KeySchema, Projection: &types.Projection{}}}
		}, "secondary indexes"},
		"stream": {func(in *awsddb.CreateTableInput) {
			in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true)}
		}, "streams"},
	} {
		t.Run(name, func(t *testing.T) {
			in := tableInput("pool")
			tc.change(in)
			_, err := c.CreateTable(ctx, in)
			wantError(t, err, "ValidationException", tc.want)
		})
	}
}

func TestProvisionedTable(t *testing.T) {
	_, c := open()
	in := tableInput("pool")
	in.BillingMode = types.BillingModeProvisioned
	in.ProvisionedThroughput = &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(3),
		WriteCapacityUnits: aws.Int64(4)}
	in.TableClass = types.TableClassStandardInfrequentAccess
	in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true)}
	if _, err := c.CreateTable(ctx, in); err != nil {
		t.Fatal(err)
	}
	d := describe(t, c, "pool")
	if *d.ProvisionedThroughput.ReadCapacityUnits != 3 || *d.ProvisionedThroughput.WriteCapacityUnits != 4 ||
		d.BillingModeSummary != nil ||
		d.TableClassSummary.TableClass != types.TableClassStandardInfrequentAccess ||
		d.SSEDescription.Status != types.SSEStatusEnabled {
		t.Errorf("described as %+v", d)
	}
}

// A table lives in one Region of one account, also when it is named by ARN.
func TestPlaces(t *testing.T) {
	s := ddbapi.New(account)
	call := func(operation, body, account, region string) error {
		_, err := s.Handle(wire.Call{Operation: operation, Body: []byte(body), Now: start, Region: region,
			Account: account})
		return err
	}
	const create = `{"TableName":"pool","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"k",` +
		`"KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]}`
	const get = `{"TableName":"%s","Key":{"k":{"S":"x"}}}`
	if err := call("CreateTable", create, account, region); err != nil {
		t.Fatal(err)
	}
	if err := call("CreateTable", create, account, "us-west-2"); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		account, region, table string
		found                  bool
	}{
		{account, region, "pool", true},
		{"", region, "pool", true}, // the account New was given
		{account, region, poolARN, true},
		{account, "us-east-1", "pool", false},
		{account, "us-east-1", poolARN, false},
		{account, "us-west-2", "pool", true},
		{account, "us-west-2", poolARN, false}, // not the one of that name here
		{"999999999999", region, "pool", false},
		{"999999999999", region, poolARN, false},
	} {
		err := call("GetItem", fmt.Sprintf(get, tc.table), tc.account, tc.region)
		if tc.found != (err == nil) {
			t.Errorf("%s in %s of %s: %v", tc.table, tc.region, tc.account, err)
		}
		if !tc.found {
			wantWire(t, err, "ResourceNotFoundException", "Requested resource not found")
		}
	}
}

// ItemCount and TableSizeBytes follow every write.
func TestTableSize(t *testing.T) {
	_, c := openTable(t)
	size := func(items, bytes int64) {
		t.Helper()
		if d := describe(t, c, "pool"); *d.ItemCount != items || *d.TableSizeBytes != bytes {
			t.Errorf("%d items, %d bytes; want %d, %d", *d.ItemCount, *d.TableSizeBytes, items, bytes)
		}
	}
	const first = int64(len("key")+len("k")+len("item")+len("r")+len("rev")) + 2
	put(t, c, "k", "r", "1")
	size(1, first)
	put(t, c, "k", "r", "222") // a byte longer
	size(1, first+1)
	put(t, c, "k", "s", "1")
	size(2, 2*first+1)
	for _, rng := range []string{"r", "s", "s"} {
		if _, err := c.DeleteItem(ctx, &awsddb.DeleteItemInput{TableName: aws.String("pool"),
			Key: keyOf("k", rng)}); err != nil {
			t.Fatal(err)
		}
	}
	size(0, 0)
}

func TestListTables(t *testing.T) {
	_, c := open()
	for _, name := range []string{"ccc", "aaa", "bbb"} {
		if _, err := c.CreateTable(ctx, tableInput(name)); err != nil {
			t.Fatal(err)
		}
	}
	pages := awsddb.NewListTablesPaginator(c, &awsddb.ListTablesInput{Limit: aws.Int32(2)})
	var names []string
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprint(out.TableNames))
	}
	if want := []string{"[aaa bbb]", "[ccc]"}; !reflect.DeepEqual(names, want) {
		t.Errorf("listed %v, want %v", names, want)
	}
}

func TestGlobal(t *testing.T) {
	s, c := openTable(t)
	if err := s.SetGlobal(region, "pool", ddbapi.Global{Version: "2019.11.21", Consistency: "STRONG",
		Replicas: []string{"eu-west-2"}}); err != nil {
		t.Fatal(err)
	}
	d := describe(t, c, "pool")
	if *d.GlobalTableVersion != "2019.11.21" || d.MultiRegionConsistency != types.MultiRegionConsistencyStrong ||
		len(d.Replicas) != 1 || *d.Replicas[0].RegionName != "eu-west-2" {
		t.Errorf("described as %+v", d)
	}
	if err := s.SetGlobal("us-east-1", "pool", ddbapi.Global{}); err == nil {
		t.Error("no error for a table that is not there")
	}
}
