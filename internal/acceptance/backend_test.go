package acceptance

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
)

const embedded = "embedded"

var (
	backendFlag = flag.String("backend", embedded,
		"the `NAME` of the AWS that the suite runs against; its endpoints are in AWS_ENDPOINT_URL and "+
			"AWS_ENDPOINT_URL_KMS, _DYNAMODB, _STS")
	endpoint    = flag.String("endpoint", "", "the `URL` of an AWS that the suite runs against, instead of -backend")
	resultsFile = flag.String("results", "", "write what came of each case to this `FILE`")
	faults      = flag.String("faults", "",
		"of the embedded AWS, as `JSON` that PUT /_sandbox/faults takes: a backend that fails")
	processTime = flag.Duration("process.time", 5*time.Minute,
		"how `LONG` a keyturn may take before it is killed and its case has failed")
)

// cloud is an AWS as one case sees it, with a clock that the case can move.
type cloud struct {
	// handler serves keyturn's requests.
	handler http.Handler
	// transport carries the test's own requests.
	transport http.RoundTripper
	// advance moves the time that keyturn sees.
	advance func(d time.Duration) error
	// jump is advance, while no request is under way.
	jump func(d time.Duration) error
}

// backend makes clouds: a new embedded AWS each time, or one more view of the
// foreign one.
type backend struct {
	name string
	open func(t *testing.T) cloud
}

// patient waits for an answer, and not for ever.
var patient = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = time.Minute
	return t
}()

// services are what keyturn calls.
var services = []string{"KMS", "DYNAMODB", "STS"}

// backendOf returns the backend that the flags and the environment name.
func backendOf(t *testing.T) backend {
	t.Helper()
	if *backendFlag == embedded && *endpoint == "" {
		return backend{name: embedded, open: openEmbedded}
	}
	at := map[string]*url.URL{}
	for _, s := range services {
		text := *endpoint
		for _, name := range []string{"AWS_ENDPOINT_URL_" + s, "AWS_ENDPOINT_URL"} {
			if text == "" {
				text = os.Getenv(name)
			}
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			t.Fatalf("backend %s: %s is called at %q: give -endpoint, or AWS_ENDPOINT_URL", *backendFlag, s, text)
		}
		at[s] = u
	}
	name := *backendFlag
	if name == embedded {
		name = at["KMS"].Host
	}
	return backend{name: name, open: func(t *testing.T) cloud {
		t.Cleanup(patient.CloseIdleConnections)
		f := &foreign{at: at}
		ahead := func(d time.Duration) error { f.ahead.Add(int64(d)); return nil }
		return cloud{
			// Host stays what was signed.
			handler:   &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, Transport: f, ErrorLog: silent},
			transport: f,
			advance:   ahead, jump: ahead,
		}
	}}
}

func openEmbedded(t *testing.T) cloud {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if *faults != "" {
		var on sandbox.Switches
		if err := json.Unmarshal([]byte(*faults), &on.Faults); err != nil {
			t.Fatal(err)
		}
		if err := box.SetSwitches(on); err != nil {
			t.Fatal(err)
		}
	}
	return cloud{handler: box, transport: box.RoundTripper(), advance: box.Advance, jump: box.Jump}
}

// foreign sends each request to where its service is, and says in every answer
// that it is so much later.
type foreign struct {
	at    map[string]*url.URL
	ahead atomic.Int64
}

// RoundTrip sends a request on.
func (f *foreign) RoundTrip(r *http.Request) (*http.Response, error) {
	to := f.at[serviceOf(r)]
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
	response, err := patient.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	ahead := time.Duration(f.ahead.Load())
	if ahead == 0 {
		return response, nil
	}
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		_ = response.Body.Close()
		return nil, fmt.Errorf("the backend gives no time: %w", err)
	}
	response.Header.Set("Date", date.Add(ahead).UTC().Format(http.TimeFormat))
	return response, nil
}

// serviceOf returns the service that a request is for.
func serviceOf(r *http.Request) string {
	switch target := r.Header.Get("X-Amz-Target"); {
	case strings.HasPrefix(target, "TrentService."):
		return "KMS"
	case strings.HasPrefix(target, "DynamoDB_"):
		return "DYNAMODB"
	}
	return "STS"
}

// operationOf returns the operation of a request to KMS or DynamoDB: "UpdateAlias".
func operationOf(r *http.Request) string {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return operation
}
