package ddbapi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

func call(s *ddbapi.Service, operation, body string) (wire.Answer, error) {
	return s.Handle(wire.Call{Operation: operation, Body: []byte(body), Now: start, Region: region, Account: account})
}

func TestUnknownOperations(t *testing.T) {
	s := ddbapi.New(account)
	for _, operation := range []string{"TransactWriteItems", "TransactGetItems", "ExecuteStatement", "CreateBackup",
		"Nonsense", ""} {
		_, err := call(s, operation, "{}")
		wantWire(t, err, "UnknownOperationException", operation)
		if s.Mutates(operation) {
			t.Errorf("%s mutates", operation)
		}
	}
}

// AWS ignores members it does not know; so do we.
func TestUnknownMembersAreIgnored(t *testing.T) {
	s, _ := openTable(t)
	if _, err := call(s.Service, "PutItem",
		`{"TableName":"pool","Item":{"key":{"S":"k"},"item":{"S":"r"}},"Whatever":{"x":[1]}}`); err != nil {
		t.Error(err)
	}
}

// Of the parameters from before expressions none is obeyed by halves.
func TestLegacyParametersAreRefused(t *testing.T) {
	s, _ := openTable(t)
	const key = `"TableName":"pool","Key":{"key":{"S":"k"},"item":{"S":"r"}}`
	for _, tc := range []struct{ operation, body, member string }{
		{"GetItem", `{` + key + `,"AttributesToGet":["rev"]}`, "AttributesToGet"},
		{"UpdateItem", `{` + key + `,"AttributeUpdates":{"rev":{"Value":{"N":"1"}}}}`, "AttributeUpdates"},
		{"UpdateItem", `{` + key + `,"Expected":{}}`, "Expected"},
		{"DeleteItem", `{` + key + `,"Expected":{"rev":{"Exists":false}}}`, "Expected"},
		{"DeleteItem", `{` + key + `,"ConditionalOperator":"AND"}`, "ConditionalOperator"},
		{"PutItem",
			`{"TableName":"pool","Item":{"key":{"S":"k"},"item":{"S":"r"}},"Expected":{"rev":{"Exists":false}}}`,
			"Expected"},
		{"Query", `{"TableName":"pool","KeyConditions":{}}`, "KeyConditions"},
		{"Scan", `{"TableName":"pool","ScanFilter":{}}`, "ScanFilter"},
	} {
		_, err := call(s.Service, tc.operation, tc.body)
		wantWire(t, err, "ValidationException", "legacy parameter "+tc.member+":")
	}
	if _, err := call(s.Service, "GetItem", `{`+key+`,"AttributesToGet":null}`); err != nil {
		t.Errorf("null is absent: %v", err)
	}
}

func TestMalformedRequests(t *testing.T) {
	s, _ := openTable(t)
	for _, tc := range []struct{ operation, body, code, part string }{
		{"GetItem", `{`, "SerializationException", ""},
		{"GetItem", `{"TableName":7}`, "SerializationException", ""},
		{"GetItem", `{"TableName":"pool","Key":{"key":{"S":7}}}`, "SerializationException", ""},
		{"GetItem", `{"TableName":"pool","Key":{"key":{}}}`, "ValidationException", "Supplied AttributeValue is empty"},
		{"GetItem", `{"TableName":"pool"}`, "ValidationException", "Value null at 'key'"},
		{"GetItem", `{}`, "ValidationException", "Value null at 'tableName'"},
		{"PutItem", `{"TableName":"pool"}`, "ValidationException", "Value null at 'item'"},
		{"CreateTable", `{"TableName":"other"}`, "ValidationException", "Value null at 'keySchema'"},
		{"CreateTable", `{"TableName":"other","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],` +
			`"AttributeDefinitions":[{"AttributeName":"k"}]}`, "ValidationException", "attributeType"},
		{"UpdateTable", `{"TableName":"pool"}`, "ValidationException", "At least one of"},
		{"UpdateTable", `{"TableName":"pool","ReplicaUpdates":[{"Delete":{}}]}`, "ValidationException", "nothing else"},
		{"ListTables", `{"Limit":101}`, "ValidationException", "'limit'"},
	} {
		_, err := call(s.Service, tc.operation, tc.body)
		wantWire(t, err, tc.code, tc.part)
	}
}

// The journal gets what a call was about, and whether it changed anything.
func TestResource(t *testing.T) {
	s, _ := openTable(t)
	const key = `"key":{"S":"eu-west-1/alias/a"},"item":{"S":"record"}`
	for _, tc := range []struct {
		operation, body, resource string
		mutated                   bool
	}{
		{"PutItem", `{"TableName":"pool","Item":{` + key + `}}`, "pool/eu-west-1/alias/a/record", true},
		{"UpdateItem", `{"TableName":"` + poolARN + `","Key":{` + key + `}}`, "pool/eu-west-1/alias/a/record", true},
		{"GetItem", `{"TableName":"pool","Key":{` + key + `}}`, "pool/eu-west-1/alias/a/record", false},
		{"BatchGetItem", `{"RequestItems":{"pool":{"Keys":[{` + key + `}]}}}`, "pool", false},
		{"Query", `{"TableName":"pool","KeyConditionExpression":"#k = :k","ExpressionAttributeNames":{"#k":"key"},` +
			`"ExpressionAttributeValues":{":k":{"S":"x"}}}`, "pool/x", false},
		{"Scan", `{"TableName":"pool"}`, "pool", false},
		{"DeleteItem", `{"TableName":"pool","Key":{` + key + `}}`, "pool/eu-west-1/alias/a/record", true},
		{"DescribeTable", `{"TableName":"pool"}`, "pool", false},
		{"DeleteTable", `{"TableName":"pool"}`, "pool", true},
	} {
		answer, err := call(s.Service, tc.operation, tc.body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Resource != tc.resource || answer.Mutated != tc.mutated {
			t.Errorf("%s: resource %q, mutated %t", tc.operation, answer.Resource, answer.Mutated)
		}
		if answer.Mutated && !s.Mutates(tc.operation) ||
			strings.HasPrefix(tc.operation, "Get") && s.Mutates(tc.operation) {
			t.Errorf("Mutates(%s) = %t", tc.operation, s.Mutates(tc.operation))
		}
	}
}

// A failed condition on an item that is not there has no member Item at all,
// not even null.
func TestFailedConditionOnNothing(t *testing.T) {
	s, _ := openTable(t)
	_, err := call(s.Service, "PutItem",
		`{"TableName":"pool","Item":{"key":{"S":"k"},"item":{"S":"r"}},`+
			`"ConditionExpression":"attribute_exists(rev)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`)
	var refusal *wire.Error
	if !errors.As(err, &refusal) || refusal.Code != "ConditionalCheckFailedException" || refusal.Extra != nil {
		t.Errorf("%+v", err)
	}
}
