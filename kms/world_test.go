package kms_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
)

const alias = "alias/orders-data"

// world is an embedded AWS and one run's clients, which see nothing else.
type world struct {
	*testing.T
	aws  *sandbox.Sandbox
	conn *awscall.Conn
	kms  *kms.Client

	mu   sync.Mutex
	sent []request
	// instead, if set, answers a request in AWS's place unless it returns nil.
	instead func(operation string, body []byte) *http.Response
	// after, if set, changes what AWS answers.
	after func(*http.Response)
}

// request is what came to the transport.
type request struct {
	operation string
	*http.Request
	body []byte
}

// newWorld makes an AWS whose clock is ahead of the host's.
func newWorld(t *testing.T, ahead time.Duration) *world {
	return newWorldIn(t, "eu-west-1", ahead)
}

func newWorldIn(t *testing.T, region string, ahead time.Duration) *world {
	t.Helper()
	w := &world{T: t}
	var err error
	if w.aws, err = sandbox.New(sandbox.Options{Start: time.Now().Add(ahead)}); err != nil {
		t.Fatal(err)
	}
	w.conn, err = awscall.Connect(t.Context(), awscall.Options{Region: region, Version: "1.2.3",
		RunID: "abcd1234", Transport: w})
	if err != nil {
		t.Fatal(err)
	}
	w.kms = kms.New(w.conn.KMS)
	return w
}

// RoundTrip writes a request down and passes it on.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	w.sent = append(w.sent, request{operation, r, body})
	instead := w.instead
	w.mu.Unlock()
	if instead != nil {
		if response := instead(operation, body); response != nil {
			response.Request = r
			return response, nil
		}
	}
	forwarded := r.Clone(r.Context())
	forwarded.Body = io.NopCloser(bytes.NewReader(body))
	response, err := w.aws.RoundTripper().RoundTrip(forwarded)
	if err == nil && w.after != nil {
		w.after(response)
	}
	return response, err
}

// requests returns those of an operation that came to the transport.
func (w *world) requests(operation string) []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []request
	for _, r := range w.sent {
		if r.operation == operation {
			found = append(found, r)
		}
	}
	return found
}

// faults replaces the faults of the embedded AWS.
func (w *world) faults(f ...sandbox.Fault) {
	w.Helper()
	if err := w.aws.SetSwitches(sandbox.Switches{Faults: f}); err != nil {
		w.Fatal(err)
	}
}

// key makes a key behind our back, and aliases for it.
func (w *world) key(in *awskms.CreateKeyInput, aliases ...string) string {
	w.Helper()
	out, err := w.conn.KMS.CreateKey(w.Context(), in)
	if err != nil {
		w.Fatal(err)
	}
	for _, name := range aliases {
		_, err := w.conn.KMS.CreateAlias(w.Context(), &awskms.CreateAliasInput{AliasName: &name,
			TargetKeyId: out.KeyMetadata.KeyId})
		if err != nil {
			w.Fatal(err)
		}
	}
	return *out.KeyMetadata.KeyId
}

// behind returns the key that an alias names.
func (w *world) behind(name string) string {
	w.Helper()
	out, err := w.conn.KMS.DescribeKey(w.Context(), &awskms.DescribeKeyInput{KeyId: &name})
	if err != nil {
		w.Fatal(err)
	}
	return *out.KeyMetadata.KeyId
}

// tagsOf returns the tags of a key.
func (w *world) tagsOf(keyID string) []string {
	w.Helper()
	out, err := w.conn.KMS.ListResourceTags(w.Context(), &awskms.ListResourceTagsInput{KeyId: &keyID})
	if err != nil {
		w.Fatal(err)
	}
	var tags []string
	for _, t := range out.Tags {
		tags = append(tags, aws.ToString(t.TagKey)+"="+aws.ToString(t.TagValue))
	}
	slices.Sort(tags)
	return tags
}

func tag(name, value string) types.Tag {
	return types.Tag{TagKey: &name, TagValue: &value}
}

// reply returns an answer with a document; headers come as name, value, name, value.
func reply(status int, document string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Header: h,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(document)), ContentLength: int64(len(document)),
	}
}
