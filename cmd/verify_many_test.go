package cmd

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// throttler lets so many questions to the simulator through in a second; 0 is all of them.
type throttler struct {
	next  http.RoundTripper
	quota int
	mu    sync.Mutex
	begun time.Time
	now   int
	// asked and refused count all of them.
	asked, refused int
}

func (h *throttler) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if form, err := url.ParseQuery(string(body)); err != nil || form.Get("Action") != "SimulatePrincipalPolicy" {
		return h.next.RoundTrip(r)
	}
	if h.over() {
		const text = `<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>`
		return &http.Response{StatusCode: 400, Header: http.Header{"X-Amzn-Requestid": {"r"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(text))}, nil
	}
	return h.next.RoundTrip(r)
}

// over reports whether one more is too many.
func (h *throttler) over() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.begun) >= time.Second {
		h.begun, h.now = time.Now(), 0
	}
	h.asked++
	if h.now++; h.quota > 0 && h.now > h.quota {
		h.refused++
		return true
	}
	return false
}

// A verify of a hundred keys asks five questions for each, and those of names for 20 at a
// time. That takes seconds, and where AWS throttles it takes longer, but every answer comes.
func TestVerifyManyKeys(t *testing.T) {
	const keys = 100
	for quota, limit := range map[int]time.Duration{0: 30 * time.Second, 10: 2 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			c := emptyCloud(t)
			text := "region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n"
			c.write(text + c.makes(t, keys))
			h := &throttler{next: c.box.RoundTripper(), quota: quota}
			c.transport = h
			c.must("init", "--table")
			slow := sandbox.Switches{Latency: sandbox.Duration(100 * time.Millisecond)}
			if err := c.box.SetSwitches(slow); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			p, exit := c.run("verify")
			took := time.Since(began)
			if exit != 0 || took > limit {
				t.Errorf("exit %d after %v\n%s%s", exit, took, &p.out, &p.err)
			}
			calls, throttled := h.asked-h.refused, h.refused > 0
			if calls != 5*keys+10+5 || throttled != (quota > 0) || h.refused > 3*keys {
				t.Errorf("quota %d: %d answered, %d refused", quota, calls, h.refused)
			}
			t.Logf("quota %d: %v, %d refused", quota, took, h.refused)
		})
	}
}

// Whoever may not ask is refused once, and no more.
func TestVerifyAsksOnceWhoMayNot(t *testing.T) {
	c := manyCloud(t)
	heard := &listener{next: c.box.RoundTripper()}
	c.transport = heard
	c.faults(sandbox.Fault{Service: "iam", Kind: sandbox.Refuse, Status: 403, Code: "AccessDenied"})
	_, exit := c.run("verify")
	asked := 0
	for _, r := range heard.sent {
		if r.operation == "SimulatePrincipalPolicy" {
			asked++
		}
	}
	if exit != 1 || asked != 1 {
		t.Errorf("exit %d, asked %d times", exit, asked)
	}
}

// A call to the simulator that fails leaves its questions open, and no other call decides
// them: the aliases of versions are asked about in a call of their own.
func TestVerifyWithACallOfTheSimulatorUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			form, err := url.ParseQuery(string(body))
			if err != nil || !strings.Contains(form.Get("ResourceArns.member.1"), ":alias/orders-data/v") {
				return c.box.RoundTripper().RoundTrip(r)
			}
			return &http.Response{StatusCode: 500, Header: http.Header{}, Request: r, Body: http.NoBody}, nil
		})
		p, exit := c.run("verify")
		text := strings.Join(strings.Fields(p.out.String()), " ")
		for _, want := range []string{"kms:CreateKey yes simulated",
			"kms:CreateAlias not known simulated orders-data the simulator gave no answer on "} {
			if exit != 1 || !strings.Contains(text, want) {
				t.Errorf("exit %d, or without %q\n%s%s", exit, want, &p.out, &p.err)
			}
		}
	})
}

// makes makes so many keys, alias/k00 and so on, and returns their lines of a plan.
func (c *cloud) makes(t *testing.T, keys int) (lines string) {
	t.Helper()
	for i := range keys {
		name := fmt.Sprintf("alias/k%02d", i)
		lines += "  - alias: " + name + "\n"
		k, err := c.admin().CreateKey(t.Context(), &awskms.CreateKeyInput{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.admin().CreateAlias(t.Context(), &awskms.CreateAliasInput{AliasName: aws.String(name),
			TargetKeyId: k.KeyMetadata.KeyId}); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}
