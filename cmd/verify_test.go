package cmd

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// listener passes requests on, and keeps the operation and the body of each.
type listener struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent []sentRequest
}

type sentRequest struct {
	operation string
	body      []byte
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if operation == "" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		operation = form.Get("Action")
	}
	l.mu.Lock()
	l.sent = append(l.sent, sentRequest{operation, body})
	l.mu.Unlock()
	return l.next.RoundTrip(r)
}

// usagesPlan has a key of each usage, whose old versions end in every way.
const usagesPlan = `region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/data
    retire: {action: delete, unless_used_within: 7d, delete_after: 30d, deletion_window: 14d}
  - {alias: alias/signing, retire: {action: disable, unless_used_within: 36h}}
  - {alias: alias/mac, auto_rotation: off}
  - alias: alias/agreement
  - alias: alias/kem
`

// reads are the calls that a verify may make as they are.
var reads = []string{"BatchGetItem", "DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive", "Query",
	"DescribeKey", "GetKeyLastUsage", "GetKeyPolicy", "GetKeyRotationStatus", "GetPublicKey", "ListAliases",
	"ListGrants", "ListResourceTags", "GetCallerIdentity", "SimulatePrincipalPolicy"}

// A verify sends nothing but reads, dry runs that say so, and questions to the simulator:
// before the first run, after it, for another role, and when half of it is denied.
func TestVerifyOnTheWire(t *testing.T) {
	c := emptyCloud(t)
	if err := os.WriteFile(c.plan, []byte(usagesPlan), 0o600); err != nil {
		t.Fatal(err)
	}
	for alias, kind := range map[string][2]string{"data": {"SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"},
		"signing": {"ECC_NIST_P256", "SIGN_VERIFY"}, "mac": {"HMAC_256", "GENERATE_VERIFY_MAC"},
		"agreement": {"ECC_NIST_P256", "KEY_AGREEMENT"}, "kem": {"ML_KEM_512", "ENCAPSULATE_DECAPSULATE"}} {
		k, err := c.admin().CreateKey(t.Context(), &awskms.CreateKeyInput{KeySpec: types.KeySpec(kind[0]),
			KeyUsage: types.KeyUsageType(kind[1])})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.admin().CreateAlias(t.Context(), &awskms.CreateAliasInput{
			AliasName: aws.String("alias/" + alias), TargetKeyId: k.KeyMetadata.KeyId}); err != nil {
			t.Fatal(err)
		}
	}
	heard := &listener{next: c.box.RoundTripper()}
	c.transport = heard
	verify := func(what string, want int, args ...string) {
		t.Helper()
		heard.sent = nil
		calls := len(c.box.Journal())
		p, exit := c.run(append([]string{"verify"}, args...)...)
		if exit != want {
			t.Errorf("%s: exit %d\n%s%s", what, exit, &p.out, &p.err)
		}
		dry := 0
		for _, r := range heard.sent {
			var in struct{ DryRun bool }
			_ = json.Unmarshal(r.body, &in) // a form has none
			if in.DryRun {
				dry++
			} else if !slices.Contains(reads, r.operation) {
				t.Errorf("%s: it sent %s: %s", what, r.operation, r.body)
			}
		}
		for _, e := range c.box.Journal()[calls:] {
			if e.Mutates {
				t.Errorf("%s: %s changed something", what, e.Operation)
			}
		}
		if dry == 0 && want == 0 {
			t.Errorf("%s: no dry run was sent", what)
		}
	}
	verify("without a table", 13)
	for _, args := range [][]string{{"init", "--table"}} {
		if p, exit := c.run(args...); exit != 0 {
			t.Fatalf("%v: %s", args, &p.err)
		}
	}
	verify("before the first run", 0)
	if p, exit := c.run("run"); exit != 0 {
		t.Fatalf("run: %s", &p.err)
	}
	verify("after it", 0)
	verify("for another role", 0, "--role", "arn:aws:iam::111122223333:role/keyturn-cron")
	c.advance(91 * day)
	if p, exit := c.run("run"); exit != 0 {
		t.Fatalf("run: %s", &p.err)
	}
	verify("after a rotation", 0)
	c.faults(sandbox.Fault{Operation: "GetKeyPolicy", Kind: sandbox.Refuse, Code: "AccessDeniedException"},
		sandbox.Fault{Service: "iam", Kind: sandbox.Refuse, Status: 403, Code: "AccessDenied"})
	verify("half denied", 13)
}

// Each answer has its exit code, and says why.
func TestVerifyAnswers(t *testing.T) {
	deny := func(operation string) sandbox.Switches {
		return sandbox.Switches{Faults: []sandbox.Fault{{Operation: operation, Kind: sandbox.Refuse,
			Code: "AccessDeniedException", Status: 400}}}
	}
	for _, c := range []struct {
		name string
		with sandbox.Switches
		exit int
		want []string
	}{
		{"all of it", sandbox.Switches{}, 0, []string{"kms:CreateKey yes simulated", "kms:Encrypt yes DryRun",
			"kms:DescribeKey yes called", "and by the key policies; resource control policies",
			"every answer that the next rotation needs is yes; 1 warning"}}, // this host's clock
		{"Encrypt is denied", deny("Encrypt"), 13, []string{"kms:Encrypt no DryRun", "kms:Decrypt yes DryRun"}},
		{"a read is denied", deny("ListGrants"), 13, []string{"kms:ListGrants no called", "key yes looked at"}},
		{"the read of the key is denied", deny("DescribeKey"), 13, []string{"kms:DescribeKey no called",
			"key not known looked at", "kms:GetKeyPolicy not known"}},
		{"the record cannot be read", deny("BatchGetItem"), 13, []string{"dynamodb:BatchGetItem no called",
			"key not known looked at", "kms:Encrypt yes DryRun"}},
		{"the table cannot be read", deny("DescribeTable"), 13, []string{"dynamodb:DescribeTable no called",
			"dynamodb:DescribeTimeToLive not known", "table not known looked at"}},
		{"the backups cannot be read", deny("DescribeContinuousBackups"), 0,
			[]string{"recovery of the table not known"}},
		{"simulated as denied", sandbox.Switches{Simulated: map[string]string{"kms:CreateKey": "implicitDeny"}}, 13,
			[]string{"kms:CreateKey no simulated", "no policy allows it", "keyturn init --iam cron"}},
		{"simulated as denied by a Deny",
			sandbox.Switches{Simulated: map[string]string{"kms:UpdateAlias": "explicitDeny"}}, 13,
			[]string{"kms:UpdateAlias no simulated", "a Deny outweighs every Allow"}},
		{"nobody may simulate", deny("SimulatePrincipalPolicy"), 1, []string{"kms:CreateKey not known -",
			"cannot be known without doing it", "keyturn verify --role arn:aws:iam::111122223333:user/sandbox",
			"not known: nothing seen stops the next rotation"}},
		{"a list is lost", sandbox.Switches{Faults: []sandbox.Fault{{Operation: "ListAliases", Kind: sandbox.Drop}}}, 1,
			[]string{"kms:ListAliases not known called"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newCloud(t)
			if err := w.box.SetSwitches(c.with); err != nil {
				t.Fatal(err)
			}
			p, exit := w.run("verify")
			text := strings.Join(strings.Fields(p.out.String()), " ")
			if exit != c.exit {
				t.Errorf("exit %d\n%s%s", exit, &p.out, &p.err)
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing:\n%s", want, &p.out)
				}
			}
		})
	}
}

// In another account nothing but the caller is asked for.
func TestVerifyInAnotherAccount(t *testing.T) {
	c := newCloud(t)
	if err := os.WriteFile(c.plan, []byte("account: \"444455556666\"\n"+onePlan), 0o600); err != nil {
		t.Fatal(err)
	}
	heard := &listener{next: c.box.RoundTripper()}
	c.transport = heard
	p, exit := c.run("verify", "--output", "json")
	if exit != 13 || len(heard.sent) != 1 || !strings.Contains(p.out.String(), `"code": "wrong-account"`) {
		t.Errorf("exit %d after %d calls: %s", exit, len(heard.sent), &p.out)
	}
}

func TestVerifyRole(t *testing.T) {
	c := newCloud(t)
	for _, role := range []string{"cron", "arn:aws:iam::111122223333:role/*",
		"arn:aws:sts::111122223333:assumed-role/cron/i-0"} {
		if p, exit := c.run("verify", "--role", role); exit != 64 {
			t.Errorf("%s: exit %d %s", role, exit, &p.err)
		}
	}
	// That the caller may not encrypt says nothing about another role.
	c.faults(sandbox.Fault{Operation: "Encrypt", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
	if p, exit := c.run("verify", "--role", "arn:aws:iam::111122223333:role/team/cron"); exit != 0 ||
		strings.Contains(p.out.String(), "DryRun") {
		t.Errorf("exit %d %s", exit, &p.out)
	}
	// The caller's own role may be named, too.
	if p, exit := c.run("verify", "--role", "arn:aws:iam::111122223333:user/sandbox"); exit != 13 {
		t.Errorf("exit %d %s", exit, &p.out)
	}
}
