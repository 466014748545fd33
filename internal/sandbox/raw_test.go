package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw is a request put together by hand, for what no SDK would send.
type raw struct {
	target, body, agent, key string
	date                     time.Time
	// header overrides the request's headers; "" deletes one.
	header map[string]string
}

// answered is what came back.
type answered struct {
	*http.Response
	body string
	doc  map[string]any
}

func (a answered) code() string {
	code, _ := a.doc["__type"].(string)
	return code
}

func (a answered) message() string {
	message, _ := a.doc["message"].(string)
	return message
}

func (r raw) request(ctx context.Context) *http.Request {
	if r.body == "" {
		r.body = "{}"
	}
	if r.key == "" {
		r.key = DefaultAccessKeyID
	}
	service := serviceKMS
	switch {
	case strings.HasPrefix(r.target, "DynamoDB"):
		service = serviceDynamoDB
	case r.target == "" && strings.Contains(r.body, "Version=2010-05-08"):
		service = serviceIAM
	case r.target == "":
		service = serviceSTS
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sandbox.invalid/", strings.NewReader(r.body))
	if err != nil {
		panic(err)
	}
	date := r.date.UTC().Format(basicISO)
	req.Header.Set("X-Amz-Date", date)
	req.Header.Set("User-Agent", r.agent)
	req.Header.Set("Authorization",
		fmt.Sprintf(
			"AWS4-HMAC-SHA256 Credential=%s/%s/eu-west-1/%s/aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
			r.key, date[:8], service))
	if r.target == "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	} else {
		req.Header.Set("X-Amz-Target", r.target)
	}
	for name, value := range r.header {
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
	return req
}

// send puts the request through the sandbox in the process.
func (r raw) send(t *testing.T, s *Sandbox) answered {
	t.Helper()
	resp, err := s.RoundTripper().RoundTrip(r.request(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answered{Response: resp, body: string(body)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/x-amz-json") && len(body) > 0 {
		if err := json.Unmarshal(body, &a.doc); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
	}
	return a
}

const (
	update   = "TrentService.UpdateAlias"
	describe = "TrentService.DescribeKey"
)

// updates returns how often UpdateAlias was applied.
func updates(s *Sandbox) int { return s.services[serviceKMS].(*counter).N }
