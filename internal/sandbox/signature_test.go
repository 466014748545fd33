package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The age of a signature is judged to the second, by the sandbox's clock.
func TestSignatureAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		time.Sleep(900 * time.Millisecond) // dates have no fractions
		now := s.Now().Truncate(time.Second)
		for _, tt := range []struct {
			age     time.Duration
			message string
		}{
			{0, ""},
			{5 * time.Minute, ""},
			{5*time.Minute + time.Second,
				"Signature expired: 19991231T235459Z is now earlier than 19991231T235500Z (20000101T000000Z - 5 min.)"},
			{-5 * time.Minute, ""},
			{-5*time.Minute - time.Second,
				"Signature not yet current: 20000101T000501Z is still later than 20000101T000500Z (20000101T000000Z " +
					"+ 5 min.)"},
		} {
			before := updates(s)
			got := raw{target: update, date: now.Add(-tt.age)}.send(t, s)
			refused := tt.message != ""
			if refused && (got.StatusCode != 400 || got.code() != "InvalidSignatureException" ||
				got.message() != tt.message) {
				t.Errorf("age %s: %d %s", tt.age, got.StatusCode, got.body)
			}
			if !refused && got.StatusCode != 200 {
				t.Errorf("age %s: %d %s", tt.age, got.StatusCode, got.body)
			}
			if applied := updates(s) > before; applied == refused {
				t.Errorf("age %s: applied %v", tt.age, applied)
			}
		}
	})
}

// STS refuses in the query protocol's words, and with 403.
func TestSignatureAgeAtSTS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		got := raw{body: "Action=GetCallerIdentity&Version=2011-06-15", date: s.Now().Add(-6 * time.Minute)}.send(t, s)
		if got.StatusCode != 403 || !strings.Contains(got.body,
			"<Code>SignatureDoesNotMatch</Code><Message>Signature expired: ") {
			t.Errorf("%d %s", got.StatusCode, got.body)
		}
	})
}

func TestMalformedSignatures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		const scope = "Credential=A/20000101/eu-west-1/kms/aws4_request"
		for name, tt := range map[string]struct {
			header  map[string]string
			code    string
			message string
		}{
			"none": {map[string]string{"Authorization": ""}, "MissingAuthenticationTokenException",
				"missing Authentication Token"},
			"no date": {map[string]string{"X-Amz-Date": ""}, "IncompleteSignatureException",
				"existence of either"},
			"date": {map[string]string{"X-Amz-Date": "2000-01-01"}, "IncompleteSignatureException",
				"Got '2000-01-01'"},
			"no signature": {map[string]string{"Authorization": "AWS4-HMAC-SHA256 " + scope + ", SignedHeaders=host"},
				"IncompleteSignatureException", "requires 'Signature'"},
			"no equal sign": {map[string]string{"Authorization": "AWS4-HMAC-SHA256 " + scope + ", SignedHeaders"},
				"IncompleteSignatureException", "missing equal-sign"},
			"algorithm": {map[string]string{"Authorization": "AWS4-X " + scope + ", SignedHeaders=host, Signature=0"},
				"IncompleteSignatureException", "'AWS4-X'"},
			"short scope": {map[string]string{"Authorization": "AWS4-HMAC-SHA256 Credential=A/eu-west-1/kms, " +
				"SignedHeaders=host, Signature=0"}, "IncompleteSignatureException", "exactly 5"},
			"host unsigned": {map[string]string{"Authorization": "AWS4-HMAC-SHA256 " + scope +
				", SignedHeaders=x-amz-date, Signature=0"},
				"InvalidSignatureException", "'Host'"},
			"service": {map[string]string{"Authorization": "AWS4-HMAC-SHA256 " +
				"Credential=A/20000101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0"},
				"InvalidSignatureException", "correct service: 'kms'"},
			"day": {map[string]string{"Authorization": "AWS4-HMAC-SHA256 " +
				"Credential=A/20000102/eu-west-1/kms/aws4_request, SignedHeaders=host, Signature=0"},
				"InvalidSignatureException", "'20000102' != '20000101'"},
		} {
			got := raw{target: update, date: s.Now(), header: tt.header}.send(t, s)
			if got.StatusCode != 400 || got.code() != tt.code || !strings.Contains(got.message(), tt.message) {
				t.Errorf("%s: %d %s", name, got.StatusCode, got.body)
			}
		}
		if n := updates(s); n != 0 {
			t.Errorf("%d were applied", n)
		}
	})
}
