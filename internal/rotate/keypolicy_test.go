package rotate_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// account decides about the key; each case adds to it.
const account = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},` +
	`"Action":["kms:Get*","kms:Describe*","kms:List*","kms:Put*","kms:Create*","kms:Update*",` +
	`"kms:Disable*","kms:Enable*","kms:Tag*"],"Resource":"*"}`

// appOn lets the application use what a Resource names, and keyturn try it.
func appOn(resource string) string {
	return `{"Version":"2012-10-17","Statement":[` + account + `,{"Sid":"App","Effect":"Allow",
		"Principal":{"AWS":["arn:aws:iam::111122223333:user/app","arn:aws:iam::111122223333:user/a"]},
		"Action":["kms:Encrypt","kms:Decrypt"],"Resource":"` + resource + `"}]}`
}

func (w *world) setPolicy(keyID, policy string) {
	w.t.Helper()
	put := &awskms.PutKeyPolicyInput{KeyId: &keyID, Policy: &policy, BypassPolicyLockoutSafetyCheck: true}
	if _, err := w.admin.PutKeyPolicy(w.t.Context(), put); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) switches(s sandbox.Switches) {
	w.t.Helper()
	if err := w.aws.SetSwitches(s); err != nil {
		w.t.Fatal(err)
	}
}

// appWorks is whether the application may encrypt by the alias.
func (w *world) appWorks(alias string) error {
	app := awskms.NewFromConfig(w.aws.AWSConfig(w.plan.Region, "APP"))
	_, err := app.Encrypt(w.t.Context(), &awskms.EncryptInput{KeyId: &alias, Plaintext: []byte("order 1")})
	return err
}

// A policy that names its own key lets the application use the next version too.
func TestApplicationKeepsItsKey(t *testing.T) {
	for _, resource := range []string{"arn:aws:kms:eu-west-1:111122223333:key/ID", "arn:aws:kms:*:*:key/*",
		"arn:aws:kms:*:*:key/BEGIN*", "*"} {
		t.Run(resource, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				v1 := w.record(key).Live().KeyID
				w.setPolicy(v1, appOn(strings.NewReplacer("ID", v1, "BEGIN", v1[:8]).Replace(resource)))
				w.switches(sandbox.Switches{KeyPolicies: true})
				if err := w.appWorks(key.Alias); err != nil {
					t.Fatalf("set-up: %v", err)
				}
				report := w.pool("a").mustRun()
				if r := w.record(key); r.Active != 2 {
					t.Fatalf("%s", r)
				}
				if err := w.appWorks(key.Alias); err != nil {
					t.Errorf("the application is shut out: %v", err)
				}
				if told := len(only(t, report).PolicyNotes) == 1; told != (resource != "*") {
					t.Errorf("told: %q", only(t, report).PolicyNotes)
				}
				// What was translated is no change: a later version is made of it again.
				w.advance(90 * day)
				w.pool("a").mustRun()
				if err := w.appWorks(key.Alias); err != nil || w.record(key).Active != 3 {
					t.Errorf("%s: %v", w.record(key), err)
				}
			})
		})
	}
}

// Nor is it a change for a version that waits.
func TestWaitingVersionFitsInTranslation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		w.plan.Keys[0].Prepublish = 14 * day
		key := w.plan.Keys[0]
		v1 := w.record(key).Live().KeyID
		w.setPolicy(v1, appOn("arn:aws:kms:eu-west-1:111122223333:key/"+v1))
		w.pool("a").mustRun()
		w.advance(14 * day)
		w.pool("b").mustRun()
		if r := w.record(key); r.Active != 2 {
			t.Errorf("%s", r)
		}
	})
}

// What cannot be said of another key is refused before anything is claimed or made.
func TestPolicyOfOneKey(t *testing.T) {
	for name, add := range map[string]string{
		"NotResource": `{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt",` +
			`"NotResource":"arn:aws:kms:*:*:key/ffff"}`,
		"a Condition": `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*",` +
			`"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:kms:eu-west-1:111122223333:key/ID"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				v1 := w.record(key).Live().KeyID
				w.setPolicy(v1, `{"Statement":[`+account+`,`+strings.ReplaceAll(add, "ID", v1)+`]}`)
				seq := w.seq()
				dry := w.pool("dry")
				dry.Dry = true
				for _, p := range []*pool{dry, w.pool("a"), w.asks(plan.Request{Verb: plan.VerbRotate,
					Reason: "leaked"})} {
					k := only(t, p.run(t.Context()))
					if k.Outcome != plan.Refused || k.Refusal.Code != "policy-of-one-key" ||
						!strings.Contains(k.Refusal.Hint.Note, "policy:") {
						t.Errorf("%s: %s %+v", p.Pool, k.Outcome, k.Refusal)
					}
				}
				if r := w.record(key); r.Generation != 1 || r.Step != plan.Steady || w.calls(seq, "CreateKey") != 0 {
					t.Errorf("%s", r)
				}
				w.plan.Keys[0].PolicyPath = "policy.json"
				p := w.pool("b")
				p.Policies = map[string]string{"policy.json": `{"Statement":[` + account + `]}`}
				if p.mustRun(); w.record(key).Active != 2 {
					t.Errorf("%s", w.record(key))
				}
			})
		})
	}
}

// A service control policy may forbid to waive the lockout check. Then KMS makes
// it, and where that fails a person is told which policy it was.
func TestWaiverForbidden(t *testing.T) {
	t.Run("and the account decides", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := due(t, onePlan)
			w.switches(sandbox.Switches{WaiverForbidden: true})
			seq := w.seq()
			w.pool("a").mustRun()
			if r := w.record(w.plan.Keys[0]); r.Active != 2 || w.calls(seq, "CreateKey") != 2 ||
				w.keys()["Enabled"] != 2 {
				t.Errorf("%s, %d CreateKey, keys %v", r, w.calls(seq, "CreateKey"), w.keys())
			}
		})
	})
	t.Run("and only administrators do", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := due(t, onePlan)
			key := w.plan.Keys[0]
			w.setPolicy(w.record(key).Live().KeyID, adminsOnly)
			w.switches(sandbox.Switches{WaiverForbidden: true})
			for range 3 {
				seq := w.seq()
				k := only(t, w.pool("a").run(t.Context()))
				if k.Outcome != plan.Refused || k.Refusal.Code != "waiver-denied" ||
					!strings.Contains(k.Refusal.Hint.Note, "ExemptedPrincipalArns") {
					t.Errorf("%s %+v", k.Outcome, k.Refusal)
				}
				if n := w.calls(seq, "CreateKey"); n != 2 || w.keys()["Enabled"] != 1 {
					t.Errorf("%d CreateKey, keys %v", n, w.keys())
				}
				w.advance(plan.AttemptEvery + time.Minute)
			}
			if r := w.record(key); r.Active != 1 || r.Attempts == nil || r.Attempts.Count != 3 {
				t.Errorf("%s %+v", r, r.Attempts)
			}
			w.switches(sandbox.Switches{}) // the role is excepted from it
			if w.pool("b").mustRun(); w.record(key).Active != 2 {
				t.Errorf("%s", w.record(key))
			}
		})
	})
}

// A lost answer is no no: it may have made a key, and is no reason to try another
// way.
func TestWaiverAndALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		w.switches(sandbox.Switches{Faults: []sandbox.Fault{{Operation: "CreateKey", Ordinal: 1, Kind: sandbox.Lose,
			Status: 500,
			Code:   "AccessDeniedException", Message: "with an explicit deny in a service control policy"}}})
		asked := &waivers{next: w.wire()}
		w.poolOn("a", asked).mustRun()
		if !slices.Equal(asked.seen, []bool{true, true}) {
			t.Errorf("CreateKey waived the check: %v", asked.seen)
		}
	})
}

// waivers notes of each CreateKey whether it waives the lockout check.
type waivers struct {
	next http.RoundTripper
	seen []bool
}

func (w *waivers) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("X-Amz-Target") == "TrentService.CreateKey" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.seen = append(w.seen, bytes.Contains(body, []byte(`"BypassPolicyLockoutSafetyCheck":true`)))
	}
	return w.next.RoundTrip(r)
}

// Where the lockout check is not waived and the policy lets the caller not change
// it, nothing is claimed: KMS would refuse every key.
func TestLockoutIsForeseen(t *testing.T) {
	service := strings.Replace(adminsOnly, `"AWS":"arn:aws:iam::111122223333:role/admins"`,
		`"AWS":"arn:aws:iam::999999999999:root"`, 1)
	mfa := strings.Replace(adminsOnly, `"Resource"`,
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}},"Resource"`, 1)
	for name, policy := range map[string]string{
		"another account's root": service,
		"on a condition":         mfa,
		"denied": strings.Replace(adminsOnly, "}]}",
			`},{"Effect":"Deny","Principal":"*","Action":"kms:PutKeyPolicy","Resource":"*"}]}`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				w.setPolicy(w.record(key).Live().KeyID, policy)
				seq := w.seq()
				dry := w.pool("dry")
				dry.Dry = true
				for _, p := range []*pool{dry, w.pool("a")} {
					if k := only(t, p.run(t.Context())); k.Outcome != plan.Refused ||
						k.Refusal.Code != "policy-lockout" {
						t.Errorf("%s: %s %+v", p.Pool, k.Outcome, k.Refusal)
					}
				}
				if w.record(key).Step != plan.Steady || w.calls(seq, "CreateKey") != 0 {
					t.Errorf("%s", w.record(key))
				}
			})
		})
	}
}
