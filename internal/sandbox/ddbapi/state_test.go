package ddbapi_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi"
)

// ask returns the whole of what a client can see of a table.
func ask(t *testing.T, s *ddbapi.Service) string {
	t.Helper()
	var all []string
	for _, request := range [][2]string{
		{"DescribeTable", `{"TableName":"pool"}`}, {"DescribeTimeToLive", `{"TableName":"pool"}`},
		{"DescribeContinuousBackups", `{"TableName":"pool"}`},
		{"ListTagsOfResource", `{"ResourceArn":"` + poolARN + `"}`},
		{"ListTables", `{}`}, {"Scan", `{"TableName":"pool"}`},
	} {
		answer, err := call(s, request[0], request[1])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text(t, answer.Body))
	}
	return strings.Join(all, "\n")
}

func TestSaveAndLoad(t *testing.T) {
	s, c := openLedger(t)
	if _, err := c.CreateTable(ctx, tableInput("aaa")); err != nil {
		t.Fatal(err)
	}
	for _, request := range [][2]string{
		{"UpdateTimeToLive", `{"TableName":"pool","TimeToLiveSpecification":{"AttributeName":"x","Enabled":true}}`},
		{"UpdateContinuousBackups",
			`{"TableName":"pool","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true,` +
				`"RecoveryPeriodInDays":7}}`},
		{"TagResource", `{"ResourceArn":"` + poolARN + `","Tags":[{"Key":"a","Value":"b"}]}`},
		{"UpdateTable", `{"TableName":"pool","DeletionProtectionEnabled":true,"BillingMode":"PROVISIONED",` +
			`"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}}`},
		{"PutItem", `{"TableName":"pool","Item":{"key":{"S":"all"},"item":{"S":"types"},"n":{"N":"1.50"},` +
			`"b":{"B":"AAE="},"t":{"BOOL":true},"z":{"NULL":true},"l":{"L":[{"M":{"x":{"S":""}}}]},"s":{"SS":["b",` +
			`"a"]},"ns":{"NS":["10","9"]},"bs":{"BS":["Yg==","YQ=="]}}}`},
	} {
		if _, err := call(s.Service, request[0], request[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetGlobal(region, "pool", ddbapi.Global{Version: "2019.11.21",
		Replicas: []string{"eu-west-2"}}); err != nil {
		t.Fatal(err)
	}
	saved := text(t, s.Service)
	if again := text(t, s.Service); again != saved {
		t.Error("two savings differ")
	}
	loaded := ddbapi.New(account)
	if err := json.Unmarshal([]byte(saved), loaded); err != nil {
		t.Fatal(err)
	}
	if again := text(t, loaded); again != saved {
		t.Errorf("saved again it is\n%s\nwas\n%s", again, saved)
	}
	if got, want := ask(t, loaded), ask(t, s.Service); got != want {
		t.Errorf("loaded\n%s\nsaved\n%s", got, want)
	}
	// What was loaded is in order for queries too, and a state of its own.
	put(t, c, "a", "event#9", "9")
	if got, want := ask(t, loaded), ask(t, s.Service); got == want {
		t.Error("two services share a table")
	}
}

func TestLoadRefusesAll(t *testing.T) {
	s, _ := openLedger(t)
	before := ask(t, s.Service)
	for _, state := range []string{
		`{"Tables":[{"Name":"x","Key":[]}]}`,
		`{"Tables":[{"Name":"x","Key":[{"AttributeName":"k","AttributeType":"S"}],"Items":[{"k":{"N":"1"}}]}]}`,
		`{"Tables":7}`,
	} {
		if err := json.Unmarshal([]byte(state), s.Service); err == nil {
			t.Errorf("%s was loaded", state)
		}
	}
	if after := ask(t, s.Service); after != before {
		t.Errorf("a refused state changed the tables:\n%s", after)
	}
}

// The ids of new tables come from Rand, so that a simulation can be repeated.
func TestTableIDsAreRepeatable(t *testing.T) {
	id := func() string {
		s, c := open()
		s.Rand = bytes.NewReader(bytes.Repeat([]byte{0xab}, 16))
		if _, err := c.CreateTable(ctx, tableInput("pool")); err != nil {
			t.Fatal(err)
		}
		return *describe(t, c, "pool").TableId
	}
	if got := id(); got != "abababab-abab-4bab-abab-abababababab" || got != id() {
		t.Errorf("id %s", got)
	}
}

func TestConsumedCapacity(t *testing.T) {
	_, c := openTable(t)
	it := keyOf("k", "r")
	it["x"] = str(strings.Repeat("x", 9000))
	out, err := c.PutItem(ctx, &awsddb.PutItemInput{TableName: aws.String("pool"), Item: it,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes})
	if err != nil || *out.ConsumedCapacity.CapacityUnits != 9 || *out.ConsumedCapacity.Table.CapacityUnits != 9 {
		t.Errorf("%+v, %v", out.ConsumedCapacity, err)
	}
	read, err := c.GetItem(ctx, &awsddb.GetItemInput{TableName: aws.String("pool"), Key: keyOf("k", "r"),
		ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
	if err != nil || *read.ConsumedCapacity.CapacityUnits != 3 || read.ConsumedCapacity.Table != nil {
		t.Errorf("%+v, %v", read.ConsumedCapacity, err)
	}
	_, err = c.GetItem(ctx, &awsddb.GetItemInput{TableName: aws.String("pool"), Key: keyOf("k", "r"),
		ReturnConsumedCapacity: "SOME"})
	wantError(t, err, "ValidationException", "returnConsumedCapacity")
}
