package kmsapi_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/internal/sandbox/kmsapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

const account = "111122223333"

// world is a KMS with a clock, and SDK clients that talk to it over a wire
// that is as short as can be.
type world struct {
	*awskms.Client
	t       *testing.T
	service *kmsapi.Service
	now     time.Time
	lag     time.Duration
	caller  string
	// last is the latest answer, for what does not go over the wire.
	last wire.Answer
}

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, service: kmsapi.New(account), caller: "arn:aws:iam::" + account + ":user/tester",
		now: time.Date(2026, time.December, 1, 3, 0, 0, 123456789, time.UTC),
	}
	w.Client = w.in("eu-west-1")
	return w
}

// in makes a client of another Region.
func (w *world) in(region string) *awskms.Client {
	return awskms.New(awskms.Options{
		Region:     region,
		HTTPClient: roundTripper{w, region},
		Retryer:    aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	})
}

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// reload saves the state and goes on with a new service that has read it.
func (w *world) reload() {
	w.t.Helper()
	saved, err := json.Marshal(w.service)
	if err != nil {
		w.t.Fatal(err)
	}
	w.service = kmsapi.New(account)
	if err := json.Unmarshal(saved, w.service); err != nil {
		w.t.Fatal(err)
	}
}

// call carries out a call without the SDK, for what the SDK would not send.
func (w *world) call(operation, body string) error {
	_, err := w.service.Handle(wire.Call{
		Operation: operation, Body: json.RawMessage(body), Now: w.now, ReadAt: w.now.Add(-w.lag),
		Region: "eu-west-1", Account: account, Caller: w.caller,
	})
	return err
}

type roundTripper struct {
	*world
	region string
}

func (rt roundTripper) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	answer, err := rt.service.Handle(wire.Call{
		Operation: operation, Body: body, Now: rt.now, ReadAt: rt.now.Add(-rt.lag),
		Region: rt.region, Account: account, Caller: rt.caller,
	})
	rt.last = answer
	status, document := http.StatusOK, any(answer.Body)
	if err != nil {
		refusal, ok := errors.AsType[*wire.Error](err)
		if !ok {
			rt.t.Errorf("%s: a bug of the service: %v", operation, err)
			return nil, err
		}
		status, document = refusal.Status, map[string]string{"__type": refusal.Code, "message": refusal.Message}
	}
	var out []byte
	if document != nil {
		if out, err = json.Marshal(document); err != nil {
			rt.t.Errorf("%s: %v", operation, err)
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: status, Request: req, Body: io.NopCloser(bytes.NewReader(out)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
	}, nil
}

// create makes a key and returns its id.
func (w *world) create(in awskms.CreateKeyInput) string {
	w.t.Helper()
	return *must(w.CreateKey(w.t.Context(), &in)).KeyMetadata.KeyId
}

// key makes an ordinary symmetric encryption key.
func (w *world) key() string { w.t.Helper(); return w.create(awskms.CreateKeyInput{}) }

// of makes a key of a spec and usage.
func (w *world) of(spec types.KeySpec, usage types.KeyUsageType) string {
	w.t.Helper()
	return w.create(awskms.CreateKeyInput{KeySpec: spec, KeyUsage: usage})
}

// alias gives a key a name.
func (w *world) alias(name, key string) {
	w.t.Helper()
	must(w.CreateAlias(w.t.Context(), &awskms.CreateAliasInput{AliasName: &name, TargetKeyId: &key}))
}

// state returns the state of a key.
func (w *world) state(key string) types.KeyState {
	w.t.Helper()
	return must(w.DescribeKey(w.t.Context(), &awskms.DescribeKeyInput{KeyId: &key})).KeyMetadata.KeyState
}

// encrypt encrypts something under a key.
func (w *world) encrypt(key string) ([]byte, error) {
	out, err := w.Encrypt(w.t.Context(), &awskms.EncryptInput{KeyId: &key, Plaintext: []byte("plain")})
	if err != nil {
		return nil, err
	}
	return out.CiphertextBlob, nil
}

// must returns the answer of a call that has to succeed.
func must[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}

// refused requires an error with a code, and with a text in its message.
func refused(t *testing.T, err error, code, text string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	got, message := "", ""
	if ok {
		got, message = api.ErrorCode(), api.ErrorMessage()
	} else if bare, ok := errors.AsType[*wire.Error](err); ok {
		got, message = bare.Code, bare.Message
	}
	if got != code || !strings.Contains(message, text) {
		t.Errorf("got %v; want %s: …%s…", err, code, text)
	}
}

func keyARN(id string) string { return "arn:aws:kms:eu-west-1:" + account + ":key/" + id }

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
