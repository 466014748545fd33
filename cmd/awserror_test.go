package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/golden"
)

// with has an answer come first, for each call that it has one for.
func (c *cloud) with(answer func(*http.Request) (*http.Response, error)) {
	c.gate.next = roundTrip(func(r *http.Request) (*http.Response, error) {
		if came, err := answer(r); came != nil || err != nil {
			return came, err
		}
		return c.box.RoundTripper().RoundTrip(r)
	})
}

var (
	// sdkWords are what the SDK's own errors say.
	sdkWords = regexp.MustCompile(`operation error|https response error|StatusCode|api error|exceeded maximum number|` +
		`deserialization failed|RequestID: |dial tcp|IQoJb3Jp|(?i)x-amz-`)
	someID   = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	someHash = regexp.MustCompile(`\b[0-9a-f]{16}…`)
	someTime = regexp.MustCompile(`\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b`)
)

// TestAWSErrors has every kind of error come from AWS, from what answers in its place,
// or from the network. The golden file is what a person reads.
func TestAWSErrors(t *testing.T) {
	var all strings.Builder
	for _, c := range troubles() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				text := c.show(t)
				fmt.Fprintf(&all, "# %s: keyturn %s\n%s\n", c.name, c.verb, text)
			})
		})
	}
	golden.Compare(t, "../testdata/screens/aws-errors.txt", all.String())
}

// show brings the trouble about and returns what is printed.
func (c trouble) show(t *testing.T) string {
	w := newCloud(t)
	w.begin(c)
	p, exit := w.run(strings.Fields(c.verb)...)
	text := p.out.String() + p.err.String()
	if exit != c.exit || !strings.Contains(text, c.hint) {
		t.Errorf("exit %d, want %d and the hint %q:\n%s", exit, c.exit, c.hint, text)
	}
	if leak := sdkWords.FindString(text); leak != "" {
		t.Errorf("the SDK's own words (%q):\n%s", leak, text)
	}
	if got := w.codeOf(t, c); got != c.code {
		t.Errorf("code %q, want %q:\n%s", got, c.code, text)
	}
	text = someHash.ReplaceAllString(text, "HASH…")
	text = someID.ReplaceAllStringFunc(text, func(id string) string {
		if strings.Contains(someKey, id) {
			return id
		}
		return "…"
	})
	return someTime.ReplaceAllString(text, "HH:MM:SS")
}

func (w *cloud) begin(c trouble) {
	if c.answer != nil {
		w.with(c.answer)
		return
	}
	w.faults(c.fault)
}

// codeOf returns the code in the JSON document of the same in another world.
func (*cloud) codeOf(t *testing.T, c trouble) string {
	w := newCloud(t)
	w.begin(c)
	p, exit := w.run(append(strings.Fields(c.verb), "--output", "json")...)
	if leak := sdkWords.FindString(p.out.String()); leak != "" || exit != c.exit {
		t.Errorf("exit %d, the SDK's own words (%q) in:\n%s", exit, leak, p.out.String())
	}
	var d struct {
		Format, Code string
		Keys         json.RawMessage
	}
	if err := json.Unmarshal(p.out.Bytes(), &d); err != nil {
		t.Fatalf("%v\n%s", err, p.out.String())
	}
	var keys []struct {
		ErrorCode string `json:"error_code"`
	}
	if json.Unmarshal(d.Keys, &keys) == nil && len(keys) > 0 {
		return keys[0].ErrorCode
	}
	return d.Code
}

// With -v, and in the log, what the SDK said is there too: with the status, without a
// secret.
func TestSDKWordsOnRequest(t *testing.T) {
	c := newCloud(t)
	c.faults(refused("BatchGetItem", "AccessDeniedException", "not you"))
	const sdk = "operation error DynamoDB: BatchGetItem, https response error StatusCode: 400, RequestID: "
	if p, _ := c.run("status", "-v"); !strings.Contains(p.err.String(), "  the AWS SDK says: "+sdk) {
		t.Errorf("-v:\n%s", p.err.String())
	}
	if p, _ := c.run("status", "--log", "json"); !strings.Contains(p.err.String(), `"sdk":"`+sdk) {
		t.Errorf("--log json:\n%s", p.err.String())
	}
	c.faults(refused("CreateKey", "AccessDeniedException", "not you"))
	if p, _ := c.run("run", "-v"); !strings.Contains(p.err.String(), "  the AWS SDK says: AccessDeniedException: "+
		"not you\n") {
		t.Errorf("of a key:\n%s", p.err.String())
	}
	c.faults(refused("BatchGetItem", "InvalidSignatureException", "look: "+canon))
	for _, line := range []string{"status -v", "status --log json"} {
		if p, _ := c.run(strings.Fields(line)...); strings.Contains(p.out.String()+p.err.String(), "IQoJb3Jp") {
			t.Errorf("%s:\n%s", line, p.err.String())
		}
	}
}

// Whatever operation is denied to whatever verb, nothing says it in the SDK's words.
func TestNoSDKWords(t *testing.T) {
	for _, operation := range []string{"BatchGetItem", "DescribeTable", "DescribeTimeToLive",
		"DescribeContinuousBackups",
		"Query", "Scan", "UpdateItem", "PutItem", "GetCallerIdentity", "DescribeKey", "ListAliases", "ListResourceTags",
		"ListKeys", "GetKeyPolicy", "GetKeyRotationStatus", "GetKeyLastUsage", "ListGrants", "CreateKey", "CreateAlias",
		"UpdateAlias", "Encrypt", "Decrypt"} {
		t.Run(operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				c.faults(refused(operation, "AccessDeniedException", "not you"))
				for _, args := range append(everyVerb(), []string{"init", "--table"},
					[]string{"history", "orders-data"},
					[]string{"init", "--match", "alias/*", "--region", "eu-west-1"}) {
					p, _ := c.run(args...)
					if text := p.out.String() + p.err.String(); sdkWords.MatchString(text) {
						t.Errorf("%v:\n%s", args, text)
					}
				}
			})
		})
	}
}

// The same over the network: a server without TLS, one with a certificate that nobody
// vouches for, and a page.
func TestForeignServers(t *testing.T) {
	welcome := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", html)
		_, _ = io.WriteString(w, page)
	})
	plain, secure := httptest.NewServer(welcome), httptest.NewUnstartedServer(welcome)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for _, c := range []struct{ endpoint, says, hint string }{
		{plain.URL, "this is not DynamoDB: " + plain.URL + " answered BatchGetItem with HTML (HTTP " +
			"200)", "AWS_ENDPOINT_URL"},
		{secure.URL, "DynamoDB cannot be reached at " + secure.URL + ": TLS failed: tls: failed to verify " +
			"certificate: x509: " +
			"certificate signed by unknown authority", "AWS_CA_BUNDLE"},
		{strings.Replace(plain.URL, "http:", "https:", 1), "TLS failed: http: server gave HTTP response to HTTPS " +
			"client",
			"AWS_CA_BUNDLE"},
	} {
		w := newServedCloud(t)
		for _, name := range []string{"", "_KMS", "_DYNAMODB", "_STS"} {
			t.Setenv("AWS_ENDPOINT_URL"+name, c.endpoint)
		}
		t.Setenv("AWS_MAX_ATTEMPTS", "1")
		p, exit := w.run("run")
		if text := p.err.String(); exit != 1 || !strings.Contains(text, c.says) || !strings.Contains(text, c.hint) ||
			sdkWords.MatchString(text) {
			t.Errorf("exit %d\n%swant %s", exit, text, c.says)
		}
	}
}
