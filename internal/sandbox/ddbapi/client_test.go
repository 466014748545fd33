package ddbapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// server is the least of a server that the SDK's client can talk to.
type server struct {
	*ddbapi.Service
	// last is the answer of the last call that succeeded.
	last wire.Answer
	// capacity is that of the calls.
	capacity wire.Capacity
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	status, document := s.answer(operation, body)
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Request: r, Body: io.NopCloser(bytes.NewReader(text)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
	}, nil
}

func (s *server) answer(operation string, body []byte) (int, any) {
	answer, err := s.Handle(wire.Call{Operation: operation, Body: body, Now: start, ReadAt: start, Region: region,
		Account: account, Capacity: s.capacity})
	var known *wire.Error
	switch {
	case errors.As(err, &known):
		document := map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + known.Code, "message": known.Message}
		for name, member := range known.Extra {
			document[name] = member
		}
		return known.Status, document
	case err != nil:
		return http.StatusInternalServerError, map[string]any{"message": err.Error()}
	}
	s.last = answer
	if answer.Body == nil {
		return http.StatusOK, struct{}{}
	}
	return http.StatusOK, answer.Body
}

// open makes a service without tables and a client of it.
func open() (*server, *awsddb.Client) {
	s := &server{Service: ddbapi.New(account)}
	return s, awsddb.New(awsddb.Options{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: s},
		Retryer:     aws.NopRetryer{},
	})
}

// openTable also makes the table "pool" with the keys "key" and "item".
func openTable(t *testing.T) (*server, *awsddb.Client) {
	t.Helper()
	s, c := open()
	_, err := c.CreateTable(context.Background(), tableInput("pool"))
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func tableInput(name string) *awsddb.CreateTableInput {
	return &awsddb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("item"), KeyType: types.KeyTypeRange},
		},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("key"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("item"), AttributeType: types.ScalarAttributeTypeS},
		},
	}
}

type item = map[string]types.AttributeValue

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }

func keyOf(hash, rng string) item { return item{"key": str(hash), "item": str(rng)} }

// put stores an item of the table "pool" with one more attribute, rev.
func put(t *testing.T, c *awsddb.Client, hash, rng, rev string) {
	t.Helper()
	it := keyOf(hash, rng)
	it["rev"] = num(rev)
	if _, err := c.PutItem(context.Background(),
		&awsddb.PutItemInput{TableName: aws.String("pool"), Item: it}); err != nil {
		t.Fatal(err)
	}
}

// wantError requires an error of AWS with the code and a part of the message.
func wantError(t *testing.T, err error, code, part string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("error %v, want %s", err, code)
	}
	if api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), part) {
		t.Fatalf("error %s: %s\nwant  %s: … %s …", api.ErrorCode(), api.ErrorMessage(), code, part)
	}
}

// wantWire is wantError for a call without a client.
func wantWire(t *testing.T, err error, code, part string) {
	t.Helper()
	var known *wire.Error
	if !errors.As(err, &known) || known.Code != code || !strings.Contains(known.Message, part) {
		t.Fatalf("error %v, want %s: … %s …", err, code, part)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
