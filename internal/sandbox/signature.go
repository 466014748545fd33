package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	basicISO   = "20060102T150405Z"
)

// signature is what a request says about who signed it, when, and for what.
// The signature's value is not verified: the sandbox has no secrets, and any
// credentials are good.
type signature struct {
	accessKeyID string
	// scopeDate is the date of the credential scope, such as "20260101".
	scopeDate  string
	region     string
	service    string
	terminator string
	// signed are the names of the signed headers.
	signed []string
	// date is as the client wrote it.
	date string
	at   time.Time
}

// parseSignature reads the Authorization header and the date. Its errors carry
// the codes of the JSON protocols; the query protocol has its own names for
// them. The order of the checks, here and in judge, is AWS's.
func parseSignature(header http.Header) (signature, *wire.Error) {
	auth := strings.TrimSpace(header.Get("Authorization"))
	if auth == "" {
		return signature{}, wire.Errorf("MissingAuthenticationTokenException",
			"Request is missing Authentication Token")
	}
	name, rest, _ := strings.Cut(auth, " ")
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		part = strings.TrimSpace(part)
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			return signature{},
				incomplete("'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", part,
					auth)
		}
		fields[key] = value
	}
	date := header.Get("X-Amz-Date")
	if date == "" {
		date = header.Get("Date")
	}
	var missing strings.Builder
	for _, key := range []string{"Credential", "Signature", "SignedHeaders"} {
		if fields[key] == "" {
			fmt.Fprintf(&missing, "Authorization header requires '%s' parameter. ", key)
		}
	}
	if date == "" {
		missing.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if missing.Len() > 0 {
		return signature{}, incomplete("%sAuthorization=%s", missing.String(), auth)
	}
	at, err := time.Parse(basicISO, date)
	if err != nil {
		return signature{},
			incomplete("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601",
				date)
	}
	if name != algorithm {
		return signature{}, incomplete("Unsupported AWS 'algorithm': '%s'. ", name)
	}
	scope := strings.Split(strings.TrimRight(fields["Credential"], "/"), "/")
	if len(scope) != 5 {
		return signature{},
			incomplete("Credential must have exactly 5 slash-delimited elements, e.g. "+
				"keyid/date/region/service/term, got '%s'", fields["Credential"])
	}
	return signature{
		accessKeyID: scope[0], scopeDate: scope[1], region: scope[2], service: scope[3], terminator: scope[4],
		signed: strings.Split(strings.ToLower(fields["SignedHeaders"]), ";"),
		date:   date, at: at,
	}, nil
}

// judge reports whether a signature is good for a service now. signedAt is its
// date on the sandbox's clock.
func (s signature) judge(service string, now, signedAt time.Time) *wire.Error {
	now = now.Truncate(time.Second) // the date has no fractions either
	earliest, latest := now.Add(-maxAge), now.Add(maxAge)
	switch {
	case signedAt.Before(earliest):
		return invalid("Signature expired: %s is now earlier than %s (%s - 5 min.)",
			signedAt.Format(basicISO), earliest.Format(basicISO), now.Format(basicISO))
	case signedAt.After(latest):
		return invalid("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			signedAt.Format(basicISO), latest.Format(basicISO), now.Format(basicISO))
	case !slices.Contains(s.signed, "host"):
		return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	var wrong strings.Builder
	if s.region == "" {
		wrong.WriteString("Credential should be scoped to a valid region, not ''. ")
	}
	if s.service != service {
		fmt.Fprintf(&wrong, "Credential should be scoped to correct service: '%s'. ", service)
	}
	if s.terminator != terminator {
		fmt.Fprintf(&wrong, "Credential should be scoped with a valid terminator: '%s', not '%s'. ", terminator,
			s.terminator)
	}
	if s.scopeDate != s.date[:8] {
		fmt.Fprintf(&wrong, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "+
			"HTTP: '%s' != '%s', from '%s'.", s.scopeDate, s.date[:8], s.date)
	}
	if wrong.Len() > 0 {
		return invalid("%s", wrong.String())
	}
	return nil
}

// caller returns the ARN of the IAM user that the access key belongs to. The user
// has the access key's id for a name, in lower case, so that a test makes
// another caller by choosing another id: POOL7 is user/pool7.
func (s signature) caller(account string) string {
	return "arn:aws:iam::" + account + ":user/" + strings.ToLower(s.accessKeyID)
}

// userName returns the name in a user's ARN.
func userName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

func incomplete(format string, args ...any) *wire.Error {
	return wire.Errorf("IncompleteSignatureException", format, args...)
}

func invalid(format string, args ...any) *wire.Error {
	return wire.Errorf("InvalidSignatureException", format, args...)
}
