package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"go.uber.org/goleak"
)

// serve runs a server for the length of a test and returns its address.
func serve(t *testing.T, s *Sandbox) string {
	t.Helper()
	leaks := goleak.IgnoreCurrent()
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
		goleak.VerifyNone(t, leaks)
	})
	return listener.Addr().String()
}

// ask sends one of the sandbox's own requests.
func ask(t *testing.T, method, address, what, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+"/_sandbox/"+what,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(answer))
}

func TestOnlyLoopback(t *testing.T) {
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1"} {
		listener, err := Listen(address)
		if err == nil {
			t.Errorf("listens on %s", listener.Addr())
			_ = listener.Close()
			continue
		}
		if !strings.Contains(err.Error(), "use 127.0.0.1") && !strings.Contains(err.Error(), "missing port") {
			t.Error(err) // it tried
		}
	}
	for _, address := range []string{"127.0.0.1:0", "localhost:0", "127.9.9.9:0"} {
		listener, err := Listen(address)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Unchanged clients, over a socket, with a lost answer among them.
func TestServe(t *testing.T) {
	s := newFake(t, Options{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	address := serve(t, s)
	config := s.AWSConfig("", "")
	config.BaseEndpoint = aws.String("http://" + address)
	config.HTTPClient = http.DefaultClient
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	client := sts.NewFromConfig(config)
	for _, want := range []bool{true, false, true} {
		if err := s.SetSwitches(Switches{}); err != nil {
			t.Fatal(err)
		}
		if !want {
			if status, answer := ask(t, http.MethodPut, address, "faults",
				`[{"service": "sts", "kind": "lose"}]`); status != 200 {
				t.Fatalf("%d %s", status, answer)
			}
		}
		_, err := client.GetCallerIdentity(t.Context(), nil)
		if got := err == nil; got != want {
			t.Errorf("error %v", err)
		}
		if err != nil && !strings.Contains(err.Error(), "EOF") && !errors.Is(err, net.ErrClosed) {
			t.Errorf("not the error of a broken connection: %v", err)
		}
	}
	if n := s.Counts()["sts:GetCallerIdentity"]; n != 3 {
		t.Errorf("%d calls", n)
	}
}

func TestControl(t *testing.T) {
	s := newFake(t, Options{HostNow: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }})
	address := serve(t, s)
	outcome(t, s, raw{agent: "test/1"})
	for _, tt := range []struct {
		method, what, body string
		status             int
		answer             string
	}{
		{"GET", "clock", "", 200, `{"now":"2026-01-01T00:00:00Z"}`},
		{"GET", "journal", "", 200,
			`{"seq":1,"at":"2026-01-01T00:00:00Z","service":"kms","operation":"UpdateAlias","mutates":true,` +
				`"status":200,"error":"","user_agent":"test/1","resource":"alias/test"}`},
		{"GET", "faults", "", 200, `{}`},
		{"PUT", "faults", `{"lag":"3m","quotas":true}`, 200, `{"lag":"3m0s","quotas":true}`},
		{"GET", "faults", "", 200, `{"lag":"3m0s","quotas":true}`},
		{"PUT", "faults", `[]`, 200, `{}`},
		{"PUT", "faults", `[{"kind":"explode"}]`, 400,
			`{"error":"fault 1: kind \"explode\" is none of refuse, drop, lose, latency"}`},
		{"PUT", "clock", `{}`, 400,
			`{"error":"give one of {\"advance\": \"30d\"} and {\"now\": \"2026-01-01T00:00:00Z\"}"}`},
		{"PUT", "clock", `{"advance":"soon"}`, 400,
			`{"error":"\"soon\" is not a duration: write 30d, 36h or 90s (units s m h d w, ms for latencies)"}`},
		{"PUT", "clock", `{"now":"2025-01-01T00:00:00Z"}`, 400,
			`{"error":"the sandbox's clock never goes back: it shows 2026-01-01T00:00:01Z, ` +
				`later than 2025-01-01T00:00:00Z"}`},
		{"POST", "clock", `{}`, 404,
			`{"error":"POST /_sandbox/clock is none of GET journal, GET state, GET or PUT clock, ` +
				`GET or PUT faults below /_sandbox/"}`},
	} {
		status, answer := ask(t, tt.method, address, tt.what, tt.body)
		if status != tt.status || answer != tt.answer {
			t.Errorf("%s %s %s: %d %s", tt.method, tt.what, tt.body, status, answer)
		}
	}
	if status, answer := ask(t, "GET", address, "state", ""); status != 200 || !strings.Contains(answer, `"kms": {
      "N": 1
    }`) {
		t.Errorf("%d %s", status, answer)
	}
}

// The clock moves on the host's next full second, which this host's clock is
// about to reach.
func TestPutClock(t *testing.T) {
	ahead := time.Until(time.Now().Truncate(time.Second).Add(990 * time.Millisecond))
	hostNow := func() time.Time { return time.Now().Add(ahead) }
	s := newFake(t, Options{HostNow: hostNow})
	address := serve(t, s)
	host := hostNow()
	status, answer := ask(t, http.MethodPut, address, "clock", `{"advance":"30d"}`)
	if status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	for _, d := range []time.Duration{0, time.Second, 2 * time.Second} {
		if strings.HasPrefix(answer, fmt.Sprintf(`{"now":"%s`,
			host.Add(30*day+d).UTC().Format("2006-01-02T15:04:05"))) {
			return
		}
	}
	t.Errorf("moved from %s to %s", host, answer)
}

func TestEnv(t *testing.T) {
	env := strings.Join(Env("127.0.0.1:4599", ""), "\n")
	for _, want := range []string{
		"AWS_ENDPOINT_URL=http://127.0.0.1:4599", "AWS_ENDPOINT_URL_KMS=http://127.0.0.1:4599",
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=SANDBOX", "AWS_SESSION_TOKEN=",
	} {
		if !strings.Contains(env+"\n", want+"\n") {
			t.Errorf("no %s in\n%s", want, env)
		}
	}
}
