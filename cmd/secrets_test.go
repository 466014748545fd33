package cmd

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
)

const (
	sessionToken = "IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQDa7"
	urlPassword  = "hunter2-of-the-proxy"
)

// quoting are messages in which AWS, or what stands in for it, quotes the request:
// refusals that no run repeats.
func quoting() []sandbox.Fault {
	canonical := "\n\nThe Canonical String for this request should have been\n" +
		"'POST\n/\n\nhost:kms.eu-west-1.amazonaws.com\n" +
		"x-amz-date:20261129T010203Z\nx-amz-security-token:" + sessionToken +
		"\n\nhost;x-amz-date;x-amz-security-token\n" +
		"e3b0c44298fc1c149afbf4c8996fb924'\n\n" +
		"The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20261129T010203Z'\n"
	mismatch := "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method."
	return []sandbox.Fault{
		{Code: "InvalidSignatureException", Message: mismatch + canonical},
		{Code: "SignatureDoesNotMatch", Message: mismatch + canonical, Status: 403},
		{Code: "IncompleteSignature", Message: "'" + sessionToken +
			"' not a valid key=value pair (missing equal-sign) in Authorization header"},
		{Code: "AccessDeniedException", Message: "denied; the token was " + sessionToken + " "},
		{Code: "ValidationException", Message: "not valid:" + canonical},
	}
}

// No output and no record has what AWS quotes of a request, whichever call it
// refuses.
func TestNoSecretIsCopied(t *testing.T) {
	for _, call := range calls(t) {
		service, operation, _ := strings.Cut(call, " ")
		t.Run(service+"/"+operation, func(t *testing.T) {
			c := newSecretive(t)
			for i, args := range everything() {
				f := quoting()[i%len(quoting())]
				f.Kind, f.Service, f.Operation = sandbox.Refuse, service, operation
				if err := c.box.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{f}}); err != nil {
					t.Fatal(err)
				}
				p, exit := c.run(args...)
				hidden(t, fmt.Sprintf("%s, %v, exit %d: stdout", f.Code, args, exit), p.out.String())
				hidden(t, fmt.Sprintf("%s, %v, exit %d: stderr", f.Code, args, exit), p.err.String())
			}
			document, err := c.box.State()
			if err != nil {
				t.Fatal(err)
			}
			hidden(t, "the record", string(document))
		})
	}
}

// calls returns the operations that keyturn makes, each with its service.
func calls(t *testing.T) []string {
	t.Helper()
	c := newServedCloud(t)
	for _, args := range everything() {
		c.run(args...)
		c.advance(91 * 24 * time.Hour)
	}
	var all []string
	for _, e := range c.box.Journal() {
		if strings.Contains(e.UserAgent, "keyturn") {
			all = append(all, e.Service+" "+e.Operation)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func everything() [][]string {
	return [][]string{
		{"run", "-v", "--wait", "0s"}, {"run", "--log", "json", "--wait", "0s"},
		{"run", "--output", "json", "--dry-run"},
		{"status"}, {"status", "--output", "json"}, {"audit", "--orphans"}, {"audit", "--orphans", "--output", "json"},
		{"history", "orders-data"}, {"init", "--table", "--log", "json"}, {"init", "--match", "alias/*"},
	}
}

// newSecretive returns a cloud that is called with a session token, by a URL with a
// password.
func newSecretive(t *testing.T) *cloud {
	t.Helper()
	c := newCloudAt(t, "user:"+urlPassword+"@")
	t.Setenv("AWS_SESSION_TOKEN", sessionToken)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	return c
}

func hidden(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{sessionToken, sessionToken[:20], urlPassword, "x-amz-security-token",
		url.QueryEscape(sessionToken)} {
		if i := strings.Index(strings.ToLower(text), strings.ToLower(secret)); i >= 0 {
			t.Fatalf("%s has %q:\n%s", where, secret, text[max(0, i-300):min(len(text), i+100)])
		}
	}
}
