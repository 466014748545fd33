package sandbox

import (
	"hash/crc32"
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"
)

// The documents are compared as text: clients of other languages are pickier
// about them than the SDK for Go.
func TestAnswersOnTheWire(t *testing.T) {
	for name, tt := range map[string]struct {
		raw
		status      int
		contentType string
		body        string
	}{
		"kms answer": {raw{target: describe}, 200, "application/x-amz-json-1.1",
			`{"KeyMetadata":{"KeyId":"0"}}`},
		"kms empty answer": {raw{target: update}, 200, "application/x-amz-json-1.1", ``},
		"kms error": {raw{target: "TrentService.DisableKey"}, 400, "application/x-amz-json-1.1",
			`{"Hint":7,"__type":"NotFoundException","message":"no such key"}`},
		"dynamodb error": {raw{target: "DynamoDB_20120810.DisableKey"}, 400, "application/x-amz-json-1.0",
			`{"Hint":7,"__type":"com.amazonaws.dynamodb.v20120810#NotFoundException","message":"no such key"}`},
		"kms unknown operation": {raw{target: "TrentService.Dance"}, 400, "application/x-amz-json-1.1",
			`{"__type":"UnknownOperationException"}`},
		"dynamodb unknown operation": {raw{target: "DynamoDB_20120810.Dance"}, 400, "application/x-amz-json-1.0",
			`{"__type":"com.amazon.coral.service#UnknownOperationException"}`},
		"dynamodb not json": {raw{target: "DynamoDB_20120810.UpdateAlias", body: "{"}, 400,
			"application/x-amz-json-1.0",
			`{"__type":"com.amazon.coral.service#SerializationException"}`},
		"another service": {raw{target: "secretsmanager.GetSecretValue"}, 400, "application/x-amz-json-1.1",
			`{"__type":"UnknownOperationException",` +
				`"message":"The embedded AWS has KMS, DynamoDB, STS, and a little of IAM and SNS only."}`},
		"sts answer": {raw{body: "Action=GetCallerIdentity&Version=2011-06-15"}, 200, "text/xml",
			`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
				`<Arn>arn:aws:iam::111122223333:user/sandbox</Arn>` +
				`<UserId>AIDAHKUAYFQ7N6VFVUBZU</UserId><Account>111122223333</Account>` +
				`</GetCallerIdentityResult><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata>` +
				`</GetCallerIdentityResponse>`},
		"sts unknown action": {raw{body: "Action=Dance&Version=2011-06-15"}, 400, "text/xml",
			`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
				`<Error><Type>Sender</Type><Code>InvalidAction</Code>` +
				`<Message>Could not find operation Dance for version 2011-06-15</Message></Error>` +
				`<RequestId>ID</RequestId></ErrorResponse>`},
		"sts no action": {raw{body: "Version=2011-06-15"}, 400, "text/xml",
			`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
				`<Error><Type>Sender</Type><Code>MissingAction</Code>` +
				`<Message>The request must contain the parameter Action</Message></Error>` +
				`<RequestId>ID</RequestId></ErrorResponse>`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFake(t, Options{})
				tt.date = s.Now()
				got := tt.send(t, s)
				id := got.Header.Get("X-Amzn-Requestid")
				if !regexp.MustCompile(
					`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
					t.Errorf("request id %q", id)
				}
				body := regexp.MustCompile(regexp.QuoteMeta(id)).ReplaceAllString(got.body, "ID")
				if got.StatusCode != tt.status || body != tt.body || got.Header.Get("Content-Type") != tt.contentType {
					t.Errorf("%d %s %s", got.StatusCode, got.Header.Get("Content-Type"), body)
				}
				sum := ""
				if tt.contentType == "application/x-amz-json-1.0" {
					sum = strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(got.body))), 10)
				}
				if got.Header.Get("X-Amz-Crc32") != sum {
					t.Errorf("checksum %q, want %q", got.Header.Get("X-Amz-Crc32"), sum)
				}
			})
		})
	}
}
