package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/internal/sandbox"
)

const region = "eu-west-1"

// world is one backend with clients of it that never repeat a call.
type world struct {
	ctx context.Context
	cfg aws.Config
	// endpoints are by service. Services without one are not asked.
	endpoints map[string]string
	kms       *awskms.Client
	ddb       *awsddb.Client
	sts       *sts.Client
	// advance lets days pass. It is nil if that would take days.
	advance func(time.Duration)
	// table is made by the first row that needs one.
	table string
}

// newEmbedded returns the embedded AWS in a synctest bubble, whose time is both the
// client's and the sandbox's. It starts after GetKeyLastUsage began to track.
func newEmbedded(t *testing.T) *world {
	time.Sleep(time.Until(time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)))
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := box.AWSConfig(region, "")
	w := newWorld(t, cfg, map[string]string{"kms": *cfg.BaseEndpoint, "dynamodb": *cfg.BaseEndpoint,
		"sts": *cfg.BaseEndpoint})
	w.advance = time.Sleep
	return w
}

func newRemote(t *testing.T) *world {
	endpoints := map[string]string{}
	for _, service := range []string{"kms", "dynamodb", "sts"} {
		text := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(service))
		if text == "" {
			text = os.Getenv("AWS_ENDPOINT_URL")
		}
		if text == "" {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || strings.Contains(u.Host, "amazonaws") ||
			strings.HasSuffix(u.Hostname(), ".aws") {
			t.Fatalf("endpoint %q of %s: %v; this is not for AWS itself", text, service, err)
		}
		endpoints[service] = text
	}
	if len(endpoints) == 0 {
		t.Fatal("no endpoint: set AWS_ENDPOINT_URL, or AWS_ENDPOINT_URL_KMS, _DYNAMODB, _STS")
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return newWorld(t, aws.Config{
		Region:      region,
		HTTPClient:  &http.Client{Transport: whole{transport}, Timeout: time.Minute},
		Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "not-a-secret", ""),
	}, endpoints)
}

// whole asks again when a connection breaks before an answer is read, as small
// servers of HTTP/1.0 let happen now and then. What is asked here may be asked
// twice, and an answer is never asked for again.
type whole struct{ next http.RoundTripper }

func (rt whole) RoundTrip(r *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		resp, body, err := rt.read(r.Clone(r.Context()))
		if err == nil {
			resp.Body = io.NopCloser(bytes.NewReader(body))
			return resp, nil
		}
		if try == 3 || r.GetBody == nil {
			return nil, err
		}
		if r.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
}

func (rt whole) read(r *http.Request) (*http.Response, []byte, error) {
	resp, err := rt.next.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(resp.Body)
	return resp, body, errors.Join(err, resp.Body.Close())
}

func newWorld(t *testing.T, cfg aws.Config, endpoints map[string]string) *world {
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	at := func(service string) *string { return aws.String(endpoints[service]) }
	return &world{
		ctx: t.Context(), cfg: cfg, endpoints: endpoints,
		kms: awskms.NewFromConfig(cfg, func(o *awskms.Options) { o.BaseEndpoint = at("kms") }),
		ddb: awsddb.NewFromConfig(cfg, func(o *awsddb.Options) { o.BaseEndpoint = at("dynamodb") }),
		sts: sts.NewFromConfig(cfg, func(o *sts.Options) { o.BaseEndpoint = at("sts") }),
	}
}

func (w *world) has(service string) bool { return w.endpoints[service] != "" }

// name returns a new name.
func name() string { return "conf-" + strings.ToLower(rand.Text()[:12]) }

// unprepared is what a row panics with when something fails that comes before
// what it is about.
type unprepared struct{ err error }

// must returns the answer to a call that only prepares.
func must[T any](answer T, err error) T {
	if err != nil {
		panic(unprepared{err})
	}
	return answer
}

// answer carries a row out.
func (w *world) answer(r row) (got string) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case unprepared:
			got = "before that: " + code(p.err)
		default:
			panic(p)
		}
	}()
	return r.do(w)
}

// said returns an answer in words: "ok" and some values of it, or the error's code.
func said(err error, values ...any) string {
	if err != nil {
		return code(err)
	}
	return strings.TrimSpace("ok " + strings.TrimSpace(fmt.Sprintln(values...)))
}

// refused is for calls that AWS's pages forbid without naming the code.
func refused(err error) string {
	if failed, ok := errors.AsType[*awshttp.ResponseError](err); ok && failed.HTTPStatusCode()/100 == 4 {
		return "refused"
	}
	return said(err)
}

// code returns the error's code, or what came instead of one.
func code(err error) string {
	api, ok := errors.AsType[smithy.APIError](err)
	if ok && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError" {
		return api.ErrorCode()
	}
	if failed, ok := errors.AsType[*awshttp.ResponseError](err); ok && failed.HTTPStatusCode() > 0 {
		return fmt.Sprintf("HTTP %d without a code", failed.HTTPStatusCode())
	}
	return "no answer"
}
