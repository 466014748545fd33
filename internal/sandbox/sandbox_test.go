package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/internal/sandbox/stsapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// counter stands in for KMS: UpdateAlias counts up, DescribeKey shows the
// count, anything else is unknown.
type counter struct {
	N      int         `json:"n"`
	ReadAt []wire.Call `json:"-"`
}

func (c *counter) Handle(call wire.Call) (wire.Answer, error) {
	c.ReadAt = append(c.ReadAt, call)
	answer := wire.Answer{Resource: "alias/test"}
	switch call.Operation {
	case "UpdateAlias":
		c.N++
		answer.Mutated = true
	case "DescribeKey":
		answer.Body = map[string]any{"KeyMetadata": map[string]string{"KeyId": strconv.Itoa(c.N)}}
	case "DisableKey":
		return answer, &wire.Error{Status: 400, Code: "NotFoundException", Message: "no such key",
			Extra: map[string]any{"Hint": 7}}
	default:
		return wire.Answer{}, wire.Errorf("UnknownOperationException", "")
	}
	return answer, nil
}

func (c *counter) Mutates(operation string) bool { return operation == "UpdateAlias" }
func (c *counter) MarshalJSON() ([]byte, error)  { return json.Marshal(struct{ N int }{c.N}) }
func (c *counter) UnmarshalJSON(b []byte) error {
	var saved struct{ N int }
	err := json.Unmarshal(b, &saved)
	c.N = saved.N
	return err
}

// spoiler does something right after it has carried out a call.
type spoiler struct {
	*counter
	spoil func()
}

func (s *spoiler) Handle(call wire.Call) (wire.Answer, error) {
	defer s.spoil()
	return s.counter.Handle(call)
}

// fakes returns an AWS with the counter for KMS and for DynamoDB.
func fakes(account string, _ io.Reader) map[string]wire.Service {
	return map[string]wire.Service{
		serviceKMS:      &counter{},
		serviceDynamoDB: &counter{},
		serviceSTS:      stsapi.New(account),
	}
}

func newFake(t *testing.T, options Options) *Sandbox {
	t.Helper()
	options.services = fakes
	s, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// codeOf returns the AWS error code in an error, or "".
func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func TestCallerIdentity(t *testing.T) {
	s, err := New(Options{Account: "123456789012"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ key, arn string }{
		{"", "arn:aws:iam::123456789012:user/sandbox"},
		{"POOL7", "arn:aws:iam::123456789012:user/pool7"},
	} {
		out, err := sts.NewFromConfig(s.AWSConfig("", tt.key)).GetCallerIdentity(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := aws.ToString(out.Arn); got != tt.arn {
			t.Errorf("key %q: arn %s, want %s", tt.key, got, tt.arn)
		}
		if got := aws.ToString(out.Account); got != "123456789012" {
			t.Errorf("account %s", got)
		}
		if got := aws.ToString(out.UserId); len(got) != 21 || got[:4] != "AIDA" {
			t.Errorf("user id %q is not of IAM's form", got)
		}
	}
}

func TestUnknownActionOfSTSIsRefused(t *testing.T) {
	s := newFake(t, Options{})
	_, err := sts.NewFromConfig(s.AWSConfig("", "")).GetSessionToken(t.Context(), nil)
	if got := codeOf(err); got != "InvalidAction" {
		t.Errorf("code %q in %v", got, err)
	}
}

func TestAccountsHaveTwelveDigits(t *testing.T) {
	for _, account := range []string{"1", "12345678901x", "1234567890123"} {
		if _, err := New(Options{Account: account}); err == nil {
			t.Errorf("account %q was taken", account)
		}
	}
}
