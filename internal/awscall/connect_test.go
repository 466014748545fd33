package awscall_test

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
)

// environment clears every AWS_* variable and sets those given, so that a test
// sees nothing of the machine it runs on.
func environment(t *testing.T, set ...string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // remembers it
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	none := filepath.Join(t.TempDir(), "none")
	for _, kv := range append([]string{
		"AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none, "AWS_EC2_METADATA_DISABLED=true",
	}, set...) {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
}

// keys are credentials in the environment.
func keys() []string {
	return []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=not-a-secret"}
}

func options() awscall.Options {
	return awscall.Options{Region: "eu-west-1", Version: "1.2.3", RunID: "abcd1234"}
}

func newSandbox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConnectInProcess(t *testing.T) {
	// None of this may be looked at.
	environment(t, "AWS_PROFILE=missing", "AWS_ENDPOINT_URL_KMS=http://localhost:1",
		"AWS_CA_BUNDLE=/nowhere", "AWS_REGION=us-east-1")
	s := newSandbox(t)
	var agent, host string
	o := options()
	o.AccessKeyID = "POOL7"
	o.Transport = roundTripFunc(func(r *http.Request) (*http.Response, error) {
		agent, host = r.UserAgent(), r.URL.Host
		return s.RoundTripper().RoundTrip(r)
	})
	conn, err := awscall.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := conn.Caller(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if caller.ARN != "arn:aws:iam::"+sandbox.DefaultAccount+":user/pool7" || caller.Account != sandbox.DefaultAccount {
		t.Errorf("Caller = %+v", caller)
	}
	if !strings.Contains(agent, "keyturn/1.2.3") || !strings.Contains(agent, "run/abcd1234") {
		t.Errorf("User-Agent = %q, without version and run", agent)
	}
	if host != "sandbox.invalid" {
		t.Errorf("host = %q", host)
	}
	if !conn.Clock.Known() {
		t.Error("the answer did not tell the clock the time")
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// No service's default decides how often a request is sent.
func TestConnectSetsAttempts(t *testing.T) {
	environment(t)
	conn, err := awscall.Connect(t.Context(), awscall.Options{Region: "eu-west-1",
		Transport: newSandbox(t).RoundTripper()})
	if err != nil {
		t.Fatal(err)
	}
	for service, attempts := range map[string]int{
		"DynamoDB": conn.DynamoDB.Options().Retryer.MaxAttempts(),
		"KMS":      conn.KMS.Options().Retryer.MaxAttempts(),
		"STS":      conn.STS.Options().Retryer.MaxAttempts(),
	} {
		if attempts != awscall.Attempts {
			t.Errorf("%s: %d attempts", service, attempts)
		}
	}
}

func TestConnectWantsARegion(t *testing.T) {
	environment(t, append(keys(), "AWS_REGION=eu-west-1")...)
	if _, err := awscall.Connect(t.Context(), awscall.Options{}); err == nil {
		t.Error("connected without the plan's region")
	}
}

func TestConnectTakesThePlansRegionAndKeepsSkewCorrection(t *testing.T) {
	environment(t, append(keys(), "AWS_REGION=us-east-1", "AWS_DISABLE_CLOCK_SKEW_CORRECTION=true")...)
	conn, err := awscall.Connect(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	kms, ddb, sts := conn.KMS.Options(), conn.DynamoDB.Options(), conn.STS.Options()
	for service, region := range map[string]string{"KMS": kms.Region, "DynamoDB": ddb.Region, "STS": sts.Region} {
		if region != "eu-west-1" {
			t.Errorf("%s is called in %s", service, region)
		}
	}
	if kms.DisableClockSkewCorrection || ddb.DisableClockSkewCorrection || sts.DisableClockSkewCorrection {
		t.Error("the environment has turned the correction of the clock off")
	}
	if kms.ClientLogMode != 0 {
		t.Errorf("ClientLogMode = %v: requests carry live signatures", kms.ClientLogMode)
	}
}

// The SDK writes warnings to stderr: of a checksum, say, that an emulator gives
// of an error which the SDK does not read to its end.
func TestTheSDKSaysNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Crc32", "1849359452")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"UnknownOperationException","message":"An unknown operation was requested."}`))
	}))
	defer server.Close()
	environment(t, append(keys(), "AWS_ENDPOINT_URL="+server.URL)...)
	said, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	stderr := os.Stderr
	os.Stderr = said
	defer func() { os.Stderr = stderr }()
	conn, err := awscall.Connect(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.DynamoDB.ListTables(t.Context(), &awsddb.ListTablesInput{}); err == nil {
		t.Error("it succeeded")
	}
	if text, err := os.ReadFile(said.Name()); err != nil || len(text) > 0 {
		t.Errorf("%v; the SDK said %s", err, text)
	}
}

// Nor do the clients that the SDK makes for itself to look for credentials: of
// a metadata service that knows version 1 alone, say.
func TestTheSDKSaysNothingOfCredentials(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
	}))
	defer service.Close()
	environment(t, "AWS_EC2_METADATA_DISABLED=false", "AWS_EC2_METADATA_SERVICE_ENDPOINT="+service.URL)
	said, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	stderr := os.Stderr
	os.Stderr = said
	defer func() { os.Stderr = stderr }()
	if _, err := awscall.Connect(t.Context(), options()); err == nil {
		t.Error("connected without credentials")
	}
	if text, err := os.ReadFile(said.Name()); err != nil || len(text) > 0 {
		t.Errorf("%v; the SDK said %s", err, text)
	}
}

func TestConnectWithoutCredentials(t *testing.T) {
	environment(t)
	_, err := awscall.Connect(t.Context(), options())
	missing, ok := errors.AsType[*awscall.CredentialsError](err)
	if !ok || !missing.None {
		t.Fatalf("err = %v, want a CredentialsError that says there are none", err)
	}
	if !strings.Contains(missing.Fault().Hint.Note, "AWS_PROFILE") {
		t.Errorf("hint = %q", missing.Fault().Hint.Note)
	}
}

func TestConnectWithCredentialsThatCannotBeFetched(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[default]\ncredential_process = exit 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environment(t, "AWS_CONFIG_FILE="+file)
	_, err := awscall.Connect(t.Context(), options())
	failed, ok := errors.AsType[*awscall.CredentialsError](err)
	if !ok || failed.None || !strings.Contains(failed.Error(), "exit status 3") {
		t.Fatalf("err = %v, want a CredentialsError with the cause", err)
	}
	if !strings.Contains(fmt.Sprint(failed.Fault().Hint), "get-caller-identity") {
		t.Errorf("hint = %q", failed.Fault().Hint.Note)
	}
}

// tlsSandbox serves the embedded AWS with a certificate of its own authority,
// and counts connections.
func tlsSandbox(t *testing.T) (url, bundle string, connections *atomic.Int64) {
	t.Helper()
	connections = &atomic.Int64{}
	server := httptest.NewUnstartedServer(newSandbox(t))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	bundle = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return server.URL, bundle, connections
}

func TestConnectWithABundleOfAuthorities(t *testing.T) {
	url, bundle, connections := tlsSandbox(t)
	environment(t, append(keys(), "AWS_CA_BUNDLE="+bundle, "AWS_ENDPOINT_URL="+url)...)
	conn, err := awscall.Connect(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := conn.Caller(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("three calls took %d connections; they are to share one", n)
	}
	// A request that asks for its connection to be closed gets a new one, and
	// leaves it to nobody.
	client := conn.KMS.Options().HTTPClient
	for range 2 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Close = true
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
		if response.ProtoMajor != 1 {
			t.Errorf("the single connection speaks %s", response.Proto)
		}
	}
	if n := connections.Load(); n != 3 {
		t.Errorf("two requests with Close made %d new connections, want 2", n-1)
	}
}
