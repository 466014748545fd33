package awscall_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// recorder passes requests on, and keeps them.
type recorder struct {
	next http.RoundTripper
	sent []*http.Request
}

func (r *recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	r.sent = append(r.sent, q)
	return r.next.RoundTrip(q)
}

// simulation is as much of an answer as these tests need.
type simulation struct {
	Decisions []string `xml:"SimulatePrincipalPolicyResult>EvaluationResults>member>EvalDecision"`
}

func ask(t *testing.T, q *awscall.Query, source string) (simulation, error) {
	t.Helper()
	var out simulation
	err := q.Call(t.Context(), "2010-05-08", "SimulatePrincipalPolicy",
		url.Values{"PolicySourceArn": {source}, "ActionNames.member.1": {"kms:CreateKey"}}, &out)
	return out, err
}

const cron = "arn:aws:iam::111122223333:role/cron"

func iamOf(t *testing.T, box *sandbox.Sandbox, partition string) (*awscall.Query, *recorder) {
	t.Helper()
	seen := &recorder{next: box.RoundTripper()}
	o := options()
	o.Transport = seen
	conn, err := awscall.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Caller(t.Context()); err != nil { // AWS's time
		t.Fatal(err)
	}
	q, err := conn.IAM(t.Context(), partition)
	if err != nil {
		t.Fatal(err)
	}
	return q, seen
}

// A request to IAM is signed for IAM's one Region, says which run sent it, and its answer
// is read.
func TestQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for partition, region := range map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1"} {
			q, seen := iamOf(t, newSandbox(t), partition)
			out, err := ask(t, q, cron)
			if err != nil || len(out.Decisions) != 1 || out.Decisions[0] != plan.Allowed {
				t.Fatalf("%+v, %v", out, err)
			}
			last := seen.sent[len(seen.sent)-1]
			if auth := last.Header.Get("Authorization"); !strings.Contains(auth, "/"+region+"/iam/aws4_request") {
				t.Errorf("%s: %s", partition, auth)
			}
			if last.Header.Get("User-Agent") != "keyturn/1.2.3 run/abcd1234" {
				t.Error(last.Header.Get("User-Agent"))
			}
		}
	})
}

// What AWS throttles or does not answer is asked again, a no is not, and both are errors
// in keyturn's words.
func TestQueryErrors(t *testing.T) {
	throttled := sandbox.Fault{Service: "iam", Kind: sandbox.Refuse, Code: "Throttling"}
	once := throttled
	once.Ordinal = 1
	denied := sandbox.Fault{Service: "iam", Kind: sandbox.Refuse, Status: 403, Code: "AccessDenied",
		Message: "User: arn:aws:iam::111122223333:user/sandbox is not authorized to perform: " +
			"iam:SimulatePrincipalPolicy on resource: role cron because no identity-based policy allows the " +
			"iam:SimulatePrincipalPolicy action"}
	for _, c := range []struct {
		name   string
		fault  sandbox.Fault
		source string
		code   plan.Code
		calls  int
	}{
		{"throttled once", once, cron, "", 2},
		{"throttled", throttled, cron, plan.CodeThrottled, awscall.ThrottledAttempts},
		{"no answer", sandbox.Fault{Service: "iam", Kind: sandbox.Drop}, cron, plan.CodeUnreachable, awscall.Attempts},
		{"denied", denied, cron, plan.CodeAccessDenied, 1},
		{"no such role", sandbox.Fault{Service: "sts", Kind: sandbox.Drop}, strings.Replace(cron, "1111", "4444", 1),
			"NoSuchEntity", 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			box := newSandbox(t)
			q, seen := iamOf(t, box, "aws")
			if err := box.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{c.fault}}); err != nil {
				t.Fatal(err)
			}
			before := len(seen.sent)
			_, err := ask(t, q, c.source)
			failed, ok := errors.AsType[*awscall.CallError](err)
			var code plan.Code
			if ok {
				code = failed.Fault().Code
			}
			if code != c.code || len(seen.sent)-before != c.calls {
				t.Errorf("%s: %v (%s) after %d calls", c.name, err, code, len(seen.sent)-before)
			}
		})
	}
}

// IAM's endpoint is found as the SDK finds those of its own clients, and must be on the same
// side as the others; a command that calls no IAM does not mind.
func TestIAMEndpoint(t *testing.T) {
	const local = "http://localhost:4566"
	three := []string{"AWS_ENDPOINT_URL_KMS=" + local, "AWS_ENDPOINT_URL_DYNAMODB=" + local,
		"AWS_ENDPOINT_URL_STS=" + local}
	for _, c := range []struct {
		env     []string
		refused string
	}{
		{nil, ""},
		{[]string{"AWS_ENDPOINT_URL=" + local}, ""},
		{three, "but IAM at AWS"},
		{append([]string{"AWS_ENDPOINT_URL_IAM=" + local}, three...), ""},
		{[]string{"AWS_ENDPOINT_URL_IAM=" + local}, "IAM is called at http://localhost:4566 (AWS_ENDPOINT_URL_IAM)"},
		{[]string{"AWS_ENDPOINT_URL_IAM=" + local, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"}, ""},
		{[]string{"AWS_ENDPOINT_URL_IAM=nonsense"}, `AWS_ENDPOINT_URL_IAM is "nonsense"`},
	} {
		t.Run(strings.Join(c.env, " "), func(t *testing.T) {
			environment(t, append(keys(), c.env...)...)
			conn, err := awscall.Connect(t.Context(), options())
			if err != nil {
				t.Fatal(err)
			}
			_, err = conn.IAM(t.Context(), "aws")
			if c.refused == "" && err != nil || c.refused != "" && !strings.Contains(errorText(err), c.refused) {
				t.Errorf("%v, want %q", err, c.refused)
			}
		})
	}
}

// An endpoint that is not known is not made up; with FIPS 140 it is another one.
func TestIAMEndpointOfAPartition(t *testing.T) {
	for _, c := range []struct {
		partition string
		env       []string
		known     bool
	}{
		{"aws", nil, true}, {"aws-cn", nil, true}, {"aws-new", nil, false},
		{"aws", []string{"AWS_USE_FIPS_ENDPOINT=true"}, true},
		{"aws-cn", []string{"AWS_USE_FIPS_ENDPOINT=true"}, false},
	} {
		environment(t, append(keys(), c.env...)...)
		conn, err := awscall.Connect(t.Context(), options())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.IAM(t.Context(), c.partition); (err == nil) != c.known {
			t.Errorf("%s %v: %v", c.partition, c.env, err)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
