package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// stranger does to a key what no run of keyturn does:
//
//	stranger put-key-policy ALIAS
//	stranger encrypt ALIAS
//	stranger edit-record ALIAS
func strangerCommand(ts *testscript.TestScript, neg bool, args []string) {
	box, err := sandbox.Open(ts.Getenv("STATE"), sandbox.Options{})
	ts.Check(err)
	api := awskms.NewFromConfig(box.AWSConfig("eu-west-1", "MALLORY"))
	ctx, alias := context.Background(), args[1]
	described, err := api.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: &alias})
	ts.Check(err)
	id := described.KeyMetadata.KeyId
	switch args[0] {
	case "put-key-policy":
		_, err = api.PutKeyPolicy(ctx, &awskms.PutKeyPolicyInput{KeyId: id, Policy: aws.String(
			`{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}`)})
	case "encrypt":
		_, err = api.Encrypt(ctx, &awskms.EncryptInput{KeyId: &alias, Plaintext: []byte("data")})
	case "edit-record":
		_, err = awsddb.NewFromConfig(box.AWSConfig("eu-west-1", "MALLORY")).UpdateItem(ctx, &awsddb.UpdateItemInput{
			TableName: aws.String("keyturn"), UpdateExpression: aws.String("SET mallory = :x"),
			Key: map[string]ddbtypes.AttributeValue{
				"key":  &ddbtypes.AttributeValueMemberS{Value: "eu-west-1/" + alias},
				"item": &ddbtypes.AttributeValueMemberS{Value: "record"}},
			ExpressionAttributeValues: map[string]ddbtypes.AttributeValue{
				":x": &ddbtypes.AttributeValueMemberN{Value: "1"}}})
	default:
		ts.Fatalf("stranger %v", args)
	}
	ts.Check(err)
}

// trailForm writes a log file in another form:
//
//	trail-form gzip IN OUT
//	trail-form lookup IN OUT         as aws cloudtrail lookup-events prints it, newest first
//	trail-form without NAME IN OUT   without the records of one operation
//	trail-form day IN DAY OUT OUT    in two files, before a day and since
func trailForm(ts *testscript.TestScript, neg bool, args []string) {
	in := args[1]
	if args[0] == "without" {
		in = args[2]
	}
	text, err := os.ReadFile(ts.MkAbs(in))
	ts.Check(err)
	var log struct{ Records []json.RawMessage }
	ts.Check(json.Unmarshal(text, &log))
	write := func(name string, v any) {
		text, err := json.Marshal(v)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), text, 0o600))
	}
	head := func(r json.RawMessage) (h struct{ EventName, EventTime, EventID string }) {
		ts.Check(json.Unmarshal(r, &h))
		return h
	}
	switch args[0] {
	case "gzip":
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(text)
		ts.Check(err)
		ts.Check(z.Close())
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.Bytes(), 0o600))
	case "lookup":
		type looked struct{ EventId, EventName, EventTime, CloudTrailEvent string }
		out := struct{ Events []looked }{}
		for i := len(log.Records) - 1; i >= 0; i-- {
			h := head(log.Records[i])
			out.Events = append(out.Events, looked{h.EventID, h.EventName, h.EventTime, string(log.Records[i])})
		}
		write(args[2], out)
	case "without":
		kept := []json.RawMessage{}
		for _, r := range log.Records {
			if head(r).EventName != args[1] {
				kept = append(kept, r)
			}
		}
		write(args[3], map[string]any{"Records": kept})
	case "day":
		kept := map[bool][]json.RawMessage{}
		for _, r := range log.Records {
			kept[head(r).EventTime < args[2]] = append(kept[head(r).EventTime < args[2]], r)
		}
		write(args[3], map[string]any{"Records": kept[true]})
		write(args[4], map[string]any{"Records": kept[false]})
	default:
		ts.Fatalf("trail-form %s", strconv.Quote(args[0]))
	}
}
