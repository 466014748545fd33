package sandbox

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Only a client that calls the sandbox by a loopback name and its port is
// answered, on the control paths and on AWS's: a web page's request is not, by
// whatever name it came, nor is one through a forwarded port.
func TestOnlyOwnHost(t *testing.T) {
	s := newFake(t, Options{})
	address := serve(t, s)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		host, header, value string
		why                 string // "": it is answered
	}{
		{address, "", "", ""},
		{"localhost:" + port, "", "", ""},
		{"LOCALHOST:" + port, "", "", ""},
		{"127.1.2.3:" + port, "", "", ""},
		{"[::1]:" + port, "", "", ""},
		{address, "Origin", "http://" + address, ""},
		{address, "Origin", "http://localhost:" + port, ""},
		{address, "Sec-Fetch-Site", "none", ""},
		{address, "Sec-Fetch-Site", "same-origin", ""},

		{"evil.example:" + port, "", "", "forwarded port"},
		{"evil.example", "", "", "forwarded port"},
		{"localhost.evil.example:" + port, "", "", "forwarded port"},
		{"evil.localhost:" + port, "", "", "forwarded port"},
		{"localhost.localstack.cloud:" + port, "", "", "forwarded port"},
		{"127.0.0.1.nip.io:" + port, "", "", "forwarded port"},
		{"localhost.:" + port, "", "", "forwarded port"},
		{"0.0.0.0:" + port, "", "", "forwarded port"},
		{"[::]:" + port, "", "", "forwarded port"},
		{"127.1:" + port, "", "", "forwarded port"},
		{"2130706433:" + port, "", "", "forwarded port"},
		{"192.0.2.1:" + port, "", "", "forwarded port"},
		{"host.docker.internal:" + port, "", "", "forwarded port"},
		{"127.0.0.1", "", "", "with port " + port},
		{"127.0.0.1:", "", "", "with port " + port},
		{"127.0.0.1:1", "", "", "with port " + port},
		{address, "Origin", "null", "another site"},
		{address, "Origin", "", "another site"},
		{address, "Origin", "https://evil.example", "another site"},
		{address, "Origin", "http://evil.example:" + port, "another site"},
		{address, "Origin", "http://localhost:8080", "another site"},
		{address, "Origin", "https://" + address, "another site"},
		{address, "Origin", "http://" + address + "@evil.example", "another site"},
		{address, "Sec-Fetch-Site", "cross-site", "another site"},
		{address, "Sec-Fetch-Site", "same-site", "another site"},
	} {
		for _, r := range []struct{ method, path, target, body string }{
			{"GET", "/_sandbox/state", "", ""},
			{"PUT", "/_sandbox/faults", "", `{"lag":"1h"}`},
			{"PUT", "/_sandbox/clock", "", `{"advance":"30d"}`},
			{"OPTIONS", "/_sandbox/faults", "", ""},
			{"POST", "/", "TrentService.CreateKey", "{}"},
			{"POST", "/", "DynamoDB_20120810.ListTables", "{}"},
			{"GET", "/", "", ""},
		} {
			if c.why == "" && (r.method == "PUT" || r.method == "OPTIONS") {
				continue // TestControl
			}
			req, err := http.NewRequestWithContext(t.Context(), r.method, "http://"+address+r.path,
				strings.NewReader(r.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Host = c.host
			if r.target != "" {
				req.Header.Set("X-Amz-Target", r.target)
			}
			if c.header != "" {
				req.Header.Set(c.header, c.value)
			}
			status, answer := send(t, req)
			if got := status == http.StatusForbidden; got != (c.why != "") || !strings.Contains(answer, c.why) {
				t.Errorf("%s %s%s to %q, %s %q: %d %s",
					r.method, r.path, r.target, c.host, c.header, c.value, status, answer)
			}
		}
	}
	if got := s.Switches(); got.Lag != 0 {
		t.Errorf("a stranger has switched faults on: %+v", got)
	}
}

func send(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// An SDK that came through a forwarded port, or by a name, says why it was turned
// away, whichever service it asked.
func TestForwardedPort(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	address := serve(t, s)
	dialer := &net.Dialer{}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	config := s.AWSConfig("", "")
	config.HTTPClient = &http.Client{Transport: transport}
	for endpoint, why := range map[string]string{
		"http://" + address:             "",
		"http://127.0.0.1:14599":        `Host "127.0.0.1:14599" is not the sandbox's own`,
		"http://build-host.example":     "a forwarded port",
		"http://aws.localhost:14599":    "a forwarded port",
		"http://host.docker.internal:1": "a forwarded port",
	} {
		config.BaseEndpoint = aws.String(endpoint)
		_, ofKMS := kms.NewFromConfig(config).ListAliases(t.Context(), nil)
		_, ofDynamoDB := dynamodb.NewFromConfig(config).ListTables(t.Context(), nil)
		_, ofSTS := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil)
		for service, err := range map[string]error{"kms": ofKMS, "dynamodb": ofDynamoDB, "sts": ofSTS} {
			if (err == nil) != (why == "") || err != nil && !strings.Contains(err.Error(), why) {
				t.Errorf("%s at %s: %v", service, endpoint, err)
			}
		}
	}
}
