package sandbox

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/golden"
)

// logged returns the records of a trail.
func logged(t *testing.T, path string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var log struct{ Records []map[string]any }
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return log.Records
}

// A trail has AWS's own form: see the pages that the package cloudtrail names. The same
// calls with the same seed write the same bytes.
func TestTrail(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")}
	for _, path := range paths {
		synctest.Test(t, func(t *testing.T) { fillTrail(t, path) })
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(paths[1]); err != nil || !bytes.Equal(text, again) {
		t.Errorf("the same calls have written something else: %v", err)
	}
	for _, secret := range []string{"c2VjcmV0", "hidden-value", "AQICA", "not-a-secret"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the trail has %q", secret)
		}
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/trail.json", pretty.String())
}

func fillTrail(t *testing.T, path string) {
	s, err := New(Options{TrailFile: path, Start: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC),
		Rand: rand.NewChaCha8([32]byte{1})})
	if err != nil {
		t.Fatal(err)
	}
	kms := func(operation, body string) string {
		t.Helper()
		return raw{target: "TrentService." + operation, body: body, agent: "keyturn/1 run/abcd1234",
			date: s.Now()}.send(t, s).body
	}
	made := func() string {
		var out struct{ KeyMetadata struct{ KeyId string } }
		body := kms("CreateKey", `{"Tags":[{"TagKey":"keyturn:alias","TagValue":"alias/a"}]}`)
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatal(err)
		}
		return out.KeyMetadata.KeyId
	}
	a, b := made(), made()
	kms("CreateAlias", `{"AliasName":"alias/a","TargetKeyId":"`+a+`"}`)
	kms("UpdateAlias", `{"AliasName":"alias/a","TargetKeyId":"`+b+`"}`)
	kms("Encrypt", `{"KeyId":"alias/a","Plaintext":"c2VjcmV0","EncryptionContext":{"Department":"Engineering"}}`)
	kms("PutKeyPolicy", `{"KeyId":"`+a+`","PolicyName":"default","Policy":"{\"Version\":\"2012-10-17\",\"Statement\":`+
		`[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":\"kms:*\",`+
		`\"Resource\":\"*\"}]}"}`)
	kms("TagResource", `{"KeyId":"`+a+`","Tags":[{"TagKey":"Department","TagValue":"IT"}]}`)
	kms("CreateGrant",
		`{"KeyId":"`+a+`","GranteePrincipal":"arn:aws:iam::111122223333:role/x","Operations":["Decrypt"]}`)
	kms("DeleteAlias", `{"AliasName":"alias/a"}`)
	kms("ScheduleKeyDeletion", `{"KeyId":"`+a+`","PendingWindowInDays":7}`)
	kms("DisableKey", `{"KeyId":"`+a+`"}`)
	kms("DescribeKey", `{"KeyId":"`+a+`"}`)

	items := func(operation, body string) {
		t.Helper()
		raw{target: "DynamoDB_20120810." + operation, date: s.Now(), body: body, agent: "aws-cli/2"}.send(t, s)
	}
	items("CreateTable", `{"TableName":"keyturn","KeySchema":[{"AttributeName":"key","KeyType":"HASH"}],`+
		`"AttributeDefinitions":[{"AttributeName":"key","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}`)
	items("PutItem", `{"TableName":"keyturn","Item":{"key":{"S":"k1"},"v":{"S":"hidden-value"}}}`)
	items("UpdateItem", `{"TableName":"keyturn","Key":{"key":{"S":"k1"}},"UpdateExpression":"SET #v = :v",`+
		`"ConditionExpression":"attribute_not_exists(#v)","ExpressionAttributeNames":{"#v":"v"},`+
		`"ExpressionAttributeValues":{":v":{"S":"hidden-value"}}}`)
	items("BatchWriteItem", `{"RequestItems":{"keyturn":[{"DeleteRequest":{"Key":{"key":{"S":"k1"}}}}]}}`)
}

// A state file that is there already remembers a trail, too, also in place of another one.
func TestTrailOfAnOldStateFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		state := filepath.Join(dir, "state")
		openFake(t, state, Options{})
		for _, trail := range []string{filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")} {
			openFake(t, state, Options{TrailFile: trail})
			outcome(t, openFake(t, state, Options{}), raw{target: update})
			if records := logged(t, trail); len(records) != 1 {
				t.Errorf("%s has %v", trail, records)
			}
		}
	})
}

// Every process on a state file adds to its trail, also one that does not name it. What
// never reached AWS is not in it, and what had an answer that was lost is.
func TestTrailOfAStateFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		state, trail := filepath.Join(dir, "state"), filepath.Join(dir, "trail.json")
		openFake(t, state, Options{TrailFile: trail})
		other := openFake(t, state, Options{Switches: Switches{Faults: []Fault{
			{Operation: "UpdateAlias", Ordinal: 1, Kind: Drop}, {Operation: "UpdateAlias", Ordinal: 2, Kind: Lose}}}})
		outcome(t, other, raw{target: update})
		outcome(t, other, raw{target: update})
		outcome(t, other, raw{target: "TrentService.Dance"})
		raw{target: update, date: time.Now().Add(-time.Hour)}.send(t, other)
		outcome(t, other, raw{target: update, header: map[string]string{"Authorization": ""}})
		records := logged(t, trail)
		if len(records) != 1 || records[0]["eventName"] != "UpdateAlias" || records[0]["errorCode"] != nil {
			t.Errorf("%v", records)
		}
		if _, err := Open(state, Options{TrailFile: state, services: fakes}); err == nil ||
			!strings.Contains(err.Error(), "not a log file that this program wrote") {
			t.Errorf("a file of something else: %v", err)
		}
	})
}
