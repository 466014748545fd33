package awscall_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/internal/awscall"
)

const (
	token     = "IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQDa7"
	canonical = "\n\nThe Canonical String for this request should have been\n'POST\n/\n\n" +
		"x-amz-date:20261129T010203Z\n" +
		"x-amz-security-token:" + token +
		"\n\nhost;x-amz-date\ne3b0c442'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n'\n"
	mismatch = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key."
	expired = "Signature expired: 20260101T030000Z is now earlier than 20260101T030100Z (20260101T030600Z - 5 min.)"
)

func TestMessage(t *testing.T) {
	sent := http.Header{"X-Amz-Security-Token": {token},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=A/b, Signature=0123456789abcdef0123456789abcdef"}}
	const leftOut = "AWS's message is left out: it may quote the request with its session token"
	for _, c := range []struct {
		name, code, text string
		sent             http.Header
		want             string
	}{
		{"none", "InvalidSignatureException", "", nil, ""},
		{"another one", "AccessDeniedException",
			"User: arn:aws:iam::1:user/x is not authorized\n  to perform: kms:CreateKey", nil,
			"User: arn:aws:iam::1:user/x is not authorized to perform: kms:CreateKey"},
		{"a mismatch", "InvalidSignatureException", mismatch + canonical, nil,
			"The request signature we calculated does not match the signature you provided. (" + leftOut + ")"},
		{"a mismatch, of STS", "SignatureDoesNotMatch", mismatch + canonical, nil,
			"The request signature we calculated does not match the signature you provided. (" + leftOut + ")"},
		{"dates", "InvalidSignatureException", expired + canonical, nil, expired},
		{"a date too early", "SignatureDoesNotMatch",
			"Signature not yet current: 20260101T031000Z is still later than 20260101T030500Z" + canonical, nil,
			"Signature not yet current: 20260101T031000Z is still later than 20260101T030500Z"},
		{"a header", "IncompleteSignatureException", "'" + token +
			"' not a valid key=value pair in Authorization header", nil, leftOut},
		{"words of a signature that are new", "InvalidSignatureException", "look: " + token, nil, leftOut},
		{"another code", "InternalFailure", "broke on" + canonical, nil, "broke on The (" + leftOut + ")"},
		{"nothing before", "InternalFailure", "x-amz-security-token:" + token, nil, "(" + leftOut + ")"},
		{"without a word around it", "AccessDeniedException", "denied, " + token[:30] + "…", sent, leftOut},
		{"the signature", "AccessDeniedException", "denied, 0123456789abcdef0123456789abcdef", sent, leftOut},
		{"a signature to verify", "KMSInvalidSignatureException", "the signature is invalid", nil,
			"the signature is invalid"},
		{"a URL", "", `Post "http://user:***@localhost:4566/": dial tcp`, nil,
			`Post "http://localhost:4566/": dial tcp`},
		{"a terminal's", "AccessDeniedException", "no\x1b[2J\u202e", nil, `no\u001b[2J\u202e`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := awscall.Message(c.code, c.text, c.sent)
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if again := awscall.Message(c.code, got, c.sent); again != got {
				t.Errorf("a second time: %q", again)
			}
		})
	}
}

// TestEveryOperation has every operation of each SDK client refused with
// messages that quote the request: no error of the chain shows it, and what it
// is worth is as before.
func TestEveryOperation(t *testing.T) {
	for _, refusal := range []struct {
		code, text string
		status     int
		soft       bool
	}{
		{"InvalidSignatureException", mismatch + canonical, 400, false},
		{"SignatureDoesNotMatch", expired + canonical, 403, true},
		{"AccessDeniedException", "no, " + token, 400, false},
		{"InternalFailure", "broke on" + canonical, 500, false},
		{"NotFoundException", "none" + canonical, 400, false},                // modelled by KMS
		{"ResourceNotFoundException", "none" + canonical, 400, false},        // modelled by DynamoDB
		{"ConditionalCheckFailedException", "no\n" + canonical, 400, false},  // modelled by DynamoDB, with an item
		{"ExpiredTokenException", "The security token: " + token, 400, true}, // modelled by STS
		{"", "a document without a code, " + "x-amz-security-token:" + token, 400, false},
	} {
		t.Run(refusal.code, func(t *testing.T) {
			transport := refusing(func(r *http.Request) (int, string, string) {
				return refusal.status, refusal.code,
					refusal.text
			})
			conn, err := awscall.Connect(t.Context(), awscall.Options{Region: "eu-west-1", Transport: transport})
			if err != nil {
				t.Fatal(err)
			}
			for _, client := range clientsOf(conn) {
				n := 0
				for name, err := range callAll(t.Context(), client) {
					if strings.HasPrefix(name, "AssumeRoleWith") {
						continue // not signed: there is no token to quote
					}
					n++
					quiet(t, name, err)
					answer := awscall.Classify(err)
					if answer.RequestID != "r-1" || strings.Contains(fmt.Sprintf("%+v", answer), token[:16]) ||
						answer.Soft != refusal.soft {
						t.Errorf("%s: %+v", name, answer)
					}
				}
				if n < 8 {
					t.Errorf("%T: only %d operations", client, n)
				}
			}
		})
	}
}

// quiet searches the text of an error and of all that it wraps.
func quiet(t *testing.T, name string, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s: no error", name)
	}
	texts := []string{fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err)}
	for e := err; e != nil; e = errors.Unwrap(e) {
		texts = append(texts, e.Error(), fmt.Sprintf("%v", e))
	}
	for _, text := range texts {
		if strings.Contains(text, token[:16]) || strings.Contains(text, "x-amz-") || strings.Contains(text, "\n") {
			t.Fatalf("%s: %q", name, text)
		}
	}
}

// clientsOf returns the clients of a connection, with a session token and without
// the checks of what is asked.
func clientsOf(conn *awscall.Conn) []any {
	who := credentials.NewStaticCredentialsProvider("A", "b", token)
	unchecked := func(stack *middleware.Stack) error {
		_, _ = stack.Initialize.Remove("OperationInputValidation") // where there is one
		return nil
	}
	return []any{
		awskms.New(conn.KMS.Options(), func(o *awskms.Options) {
			o.Credentials, o.Retryer, o.APIOptions = who, aws.NopRetryer{}, append(o.APIOptions, unchecked)
		}),
		awsddb.New(conn.DynamoDB.Options(), func(o *awsddb.Options) {
			o.Credentials, o.Retryer, o.APIOptions = who, aws.NopRetryer{}, append(o.APIOptions, unchecked)
		}),
		sts.New(conn.STS.Options(), func(o *sts.Options) {
			o.Credentials, o.Retryer, o.APIOptions = who, aws.NopRetryer{}, append(o.APIOptions, unchecked)
		}),
	}
}

// callAll calls every operation of an SDK client with nothing given, and
// returns what each answers.
func callAll(ctx context.Context, client any) map[string]error {
	errs := map[string]error{}
	v := reflect.ValueOf(client)
	for i := range v.NumMethod() {
		m := v.Method(i).Type()
		if m.NumIn() != 3 || m.NumOut() != 2 || m.In(1).Kind() != reflect.Pointer ||
			!strings.HasSuffix(m.In(1).Elem().Name(), "Input") {
			continue
		}
		in := reflect.New(m.In(1).Elem())
		out := v.Method(i).Call([]reflect.Value{reflect.ValueOf(ctx), in})
		err, _ := out[1].Interface().(error)
		errs[v.Type().Method(i).Name] = err
	}
	return errs
}

// refusing answers each request with an error, in the form of its service.
type refusing func(*http.Request) (status int, code, text string)

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	status, code, text := f(r)
	document, _ := json.Marshal(map[string]any{"__type": code, "message": text,
		"Item": map[string]any{"n": map[string]string{"N": "1"}}})
	if r.Header.Get("X-Amz-Target") == "" { // STS
		document = fmt.Appendf(nil,
			"<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error>"+
				"<RequestId>r-1</RequestId></ErrorResponse>",
			code, html.EscapeString(text))
	}
	h := http.Header{"X-Amzn-Requestid": {"r-1"}, "Content-Type": {"application/x-amz-json-1.0"}}
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Header: h, Request: r,
		Body: io.NopCloser(strings.NewReader(string(document)))}, nil
}

func TestShownURL(t *testing.T) {
	for in, want := range map[string]string{
		"http://localhost:4566":                        "http://localhost:4566",
		"https://user:hunter2@kms.example.com/x?t=1#f": "https://kms.example.com/x",
		"http://hunter2@localhost:4566/":               "http://localhost:4566/",
		"http://user:hun ter2@localhost":               "…@localhost",
		"http://user:hunt/er2@localhost":               "…@localhost",
		"user:hunter2@localhost:4566":                  "…@localhost:4566",
		"localhost:4566":                               "localhost:4566",
		"http://user:p%zz@localhost?token=hunter2":     "…@localhost",
	} {
		if got := awscall.ShownURL(in); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}

// No error about an endpoint shows the password in it.
func TestEndpointPassword(t *testing.T) {
	const password = "hunter2"
	for name, env := range map[string]map[string]string{
		"unreachable": {"AWS_ENDPOINT_URL": "http://user:hunter2@127.0.0.1:1"},
		"no URL":      {"AWS_ENDPOINT_URL": "http://user:hun ter2@127.0.0.1:1"},
		"no scheme":   {"AWS_ENDPOINT_URL": "user:hunter2@127.0.0.1:1"},
		"mixed":       {"AWS_ENDPOINT_URL_KMS": "http://user:hunter2@127.0.0.1:1"},
		"mixed, remote": {"AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
			"AWS_ENDPOINT_URL_STS":      "https://user:hunter2@kms.example.com",
			"AWS_ENDPOINT_URL_DYNAMODB": "https://user:hunter2@kms.example.com"},
		"a proxy": {"AWS_ENDPOINT_URL": "http://192.0.2.1:1", "HTTP_PROXY": "http://user:hun ter2@127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b",
				"AWS_EC2_METADATA_DISABLED":   "true",
				"AWS_CONFIG_FILE":             "/nowhere",
				"AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
				"AWS_MAX_ATTEMPTS":            "1"} {
				t.Setenv(k, v)
			}
			for k, v := range env {
				t.Setenv(k, v)
			}
			conn, err := awscall.Connect(t.Context(), awscall.Options{Region: "eu-west-1"})
			if err == nil {
				_, err = conn.Caller(t.Context())
			}
			if err == nil {
				t.Fatal("no error")
			}
			texts := fmt.Sprint(err, awscall.Classify(err))
			for e := err; e != nil; e = errors.Unwrap(e) {
				texts += "\n" + e.Error()
			}
			texts += awscall.Wrap(err).Error()
			for _, secret := range []string{password, "ter2", "user"} {
				if strings.Contains(texts, secret) {
					t.Errorf("%q is shown: %s", secret, texts)
				}
			}
		})
	}
}
