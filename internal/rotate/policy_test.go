package rotate_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/plan"
)

// Only the administrators may change who uses the key: not the one who rotates
// it, and KMS is not to refuse the new version for that.
const adminsOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
	`"Principal":{"AWS":"arn:aws:iam::111122223333:role/admins"},"Action":"kms:*","Resource":"*"}]}`

func TestRotateWithoutPutKeyPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		put := &awskms.PutKeyPolicyInput{KeyId: &w.record(key).Live().KeyID, Policy: aws.String(adminsOnly),
			BypassPolicyLockoutSafetyCheck: true}
		if _, err := w.admin.PutKeyPolicy(t.Context(), put); err != nil {
			t.Fatal(err)
		}
		w.pool("a").mustRun()
		r := w.record(key)
		got, err := w.admin.GetKeyPolicy(t.Context(), &awskms.GetKeyPolicyInput{KeyId: &r.Live().KeyID})
		if err != nil || r.Active != 2 || *got.Policy != adminsOnly {
			t.Errorf("%s: %v %v", r, got, err)
		}
	})
}

// A policy of the plan's own may lock everybody out, so KMS is asked, unless it
// leaves the key to the account.
func TestPolicyFileThatLocksOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		w.plan.Keys[0].PolicyPath = "policy.json"
		run := func(policy string) *plan.Record {
			p := w.pool("a")
			p.Policies = map[string]string{"policy.json": policy}
			p.run(t.Context())
			return w.record(w.plan.Keys[0])
		}
		if r := run(adminsOnly); r.Active != 1 || r.LastError == nil || r.LastError.Code != "policy-lockout" {
			t.Errorf("%s: %+v", r, r.LastError)
		}
		if r := run(strings.Replace(adminsOnly, "role/admins", "root", 1)); r.Active != 2 {
			t.Errorf("%s: %+v", r, r.LastError)
		}
	})
}

// A version that was made ahead waits with the policy of then. Whom somebody has
// shut out since, the switch does not let in again.
func TestPolicyChangedSinceTheMaking(t *testing.T) {
	madeAhead := func(t *testing.T) (*world, plan.Policy) {
		w := due(t, onePlan)
		w.plan.Keys[0].Prepublish = 14 * day
		w.pool("a").mustRun()
		if r := w.record(w.plan.Keys[0]); r.Step != plan.Created {
			t.Fatalf("set-up: %s", r)
		}
		return w, w.plan.Keys[0]
	}
	t.Run("it was not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, key := madeAhead(t)
			w.advance(14 * day)
			seq := w.seq()
			w.pool("b").mustRun()
			if r, n := w.record(key), w.calls(seq, "GetKeyPolicy"); r.Active != 2 || n != 2 {
				t.Errorf("%s, and policies were read %d times", r, n)
			}
		})
	})
	t.Run("it was, while the run that made it stood still", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := due(t, onePlan)
			pause := newPause(w.wire(), "Decrypt", 1)
			done := w.poolOn("a", pause).begin()
			<-pause.held
			put := &awskms.PutKeyPolicyInput{KeyId: &w.record(w.plan.Keys[0]).Live().KeyID,
				Policy: aws.String(adminsOnly), BypassPolicyLockoutSafetyCheck: true}
			if _, err := w.admin.PutKeyPolicy(t.Context(), put); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Hour)
			close(pause.release)
			if k := only(t, <-done); k.Outcome != plan.Refused || k.Refusal.Code != "policy-changed" {
				t.Errorf("%s %v", k.Outcome, k.Refusal)
			}
		})
	})
	t.Run("it was", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, key := madeAhead(t)
			put := &awskms.PutKeyPolicyInput{KeyId: &w.record(key).Live().KeyID, Policy: aws.String(adminsOnly),
				BypassPolicyLockoutSafetyCheck: true}
			if _, err := w.admin.PutKeyPolicy(t.Context(), put); err != nil {
				t.Fatal(err)
			}
			w.advance(14 * day)
			for _, q := range []plan.Request{{Verb: plan.VerbSchedule}, {Verb: plan.VerbRotate, Reason: "leaked"}} {
				if k := only(t, w.asks(q).run(t.Context())); k.Outcome != plan.Refused ||
					k.Refusal.Code != "policy-changed" {
					t.Errorf("%s: %s %v", q.Verb, k.Outcome, k.Refusal)
				}
			}
			w.asks(plan.Request{Verb: plan.VerbRotate, Reason: "leaked", Abandon: true}).mustRun()
			r := w.record(key)
			got, err := w.admin.GetKeyPolicy(t.Context(), &awskms.GetKeyPolicyInput{KeyId: &r.Live().KeyID})
			if err != nil || r.Step != plan.Steady || r.Active != 3 || *got.Policy != adminsOnly {
				t.Errorf("%s: %v", r, err)
			}
		})
	})
}

// The same with a policy file in the plan: the version made ahead waits with the
// file of then.
func TestPolicyFileChangedSinceTheMaking(t *testing.T) {
	const first = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}]}`
	laidOut := strings.ReplaceAll(first, ",", ",\n ")
	asKMSMayShowIt := strings.Replace(first, `"111122223333"`, `["arn:aws:iam::111122223333:root"]`, 1)
	otherwise := strings.Replace(first, "}]",
		`},{"Effect":"Deny","Principal":"*","Action":"kms:ReEncrypt*","Resource":"*"}]`, 1)
	for name, c := range map[string]struct {
		file  string    // when the window opens
		put   string    // by somebody, on the version that waits
		wants plan.Code // its refusal
	}{
		"the file is as it was":                    {file: first},
		"it is laid out otherwise":                 {file: laidOut},
		"KMS shows it in other words":              {file: first, put: asKMSMayShowIt},
		"the file says something else":             {file: otherwise, wants: "policy-changed"},
		"and somebody has put that on the version": {file: otherwise, put: otherwise},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				w.plan.Keys[0].Prepublish, w.plan.Keys[0].PolicyPath = 14*day, "policy.json"
				key := w.plan.Keys[0]
				pool := func(name, file string) *pool {
					p := w.pool(name)
					p.Policies = map[string]string{"policy.json": file}
					return p
				}
				pool("a", first).mustRun()
				made := w.record(key)
				if made.Step != plan.Created {
					t.Fatalf("set-up: %s", made)
				}
				if c.put != "" {
					put := &awskms.PutKeyPolicyInput{KeyId: &made.Next().KeyID, Policy: &c.put}
					if _, err := w.admin.PutKeyPolicy(t.Context(), put); err != nil {
						t.Fatal(err)
					}
				}
				w.advance(14 * day)
				k := only(t, pool("b", c.file).run(t.Context()))
				if c.wants == "" {
					if k.Outcome != plan.Settled || w.record(key).Active != 2 {
						t.Errorf("%s %v; %s", k.Outcome, k.Refusal, w.record(key))
					}
					return
				}
				if k.Outcome != plan.Refused || k.Refusal.Code != c.wants ||
					!strings.Contains(k.Refusal.What, "policy.json") {
					t.Fatalf("%s %v", k.Outcome, k.Refusal)
				}
				p := pool("b", c.file)
				p.request = plan.Request{Verb: plan.VerbRotate, Reason: "the policy was changed", Abandon: true}
				p.mustRun()
				r := w.record(key)
				got, err := w.admin.GetKeyPolicy(t.Context(), &awskms.GetKeyPolicyInput{KeyId: &r.Live().KeyID})
				if err != nil || r.Step != plan.Steady || r.Active != 3 || *got.Policy != c.file {
					t.Errorf("%s: %v", r, err)
				}
			})
		})
	}
}

// What KMS will certainly refuse a dry-run says before the window does.
func TestDryRunForeseesARefusedKey(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, *world, string)
		want   string
	}{
		"a role in its policy was deleted": {func(t *testing.T, w *world, id string) {
			put := &awskms.PutKeyPolicyInput{KeyId: &id, BypassPolicyLockoutSafetyCheck: true,
				Policy: aws.String(strings.Replace(adminsOnly, `"arn:aws:iam::111122223333:role/admins"`,
					`["arn:aws:iam::111122223333:root","AROACKCEVSQ6C2EXAMPLE"]`, 1))}
			if _, err := w.admin.PutKeyPolicy(t.Context(), put); err != nil {
				t.Fatal(err)
			}
		}, "MalformedPolicyDocumentException: its key policy names AROACKCEVSQ6C2EXAMPLE, " +
			"a role or user that was deleted"},
		"with keyturn's own it would have too many tags": {func(t *testing.T, w *world, id string) {
			in := &awskms.TagResourceInput{KeyId: &id}
			for n := range 48 {
				in.Tags = append(in.Tags, types.Tag{TagKey: aws.String(fmt.Sprint("team-", n)),
					TagValue: aws.String("x")})
			}
			if _, err := w.admin.TagResource(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}, "TagException: it would have 53 tags, and a key may have 50"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				c.change(t, w, w.record(w.plan.Keys[0]).Live().KeyID)
				p := w.pool("a")
				p.Dry = true
				if k := only(t, p.run(t.Context())); k.Outcome != plan.Failed || k.Err == nil ||
					!strings.Contains(k.Err.Error(), c.want) {
					t.Errorf("%s: %v", k.Outcome, k.Err)
				}
			})
		})
	}
}

// noIDs takes the request ids out of KMS's answers to changes, as something on the
// way may: from where looks have none either, nothing is begun.
type noIDs struct{ next http.RoundTripper }

func (n noIDs) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := n.next.RoundTrip(r)
	operation, ofKMS := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	look := strings.HasPrefix(operation, "Describe") || strings.HasPrefix(operation, "List")
	if err == nil && ofKMS && !look {
		res.Header.Del("X-Amzn-Requestid")
	}
	return res, err
}

// Then nothing is believed to be done, and no run makes keys without end.
func TestAnswersWithoutRequestIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		for range 6 {
			w.poolOn("a", noIDs{w.wire()}).run(t.Context())
			w.advance(15 * time.Minute)
		}
		if r, n := w.record(w.plan.Keys[0]), w.calls(0, "CreateKey"); n != 1 ||
			r.Generation != 2 || r.Step == plan.Steady {
			t.Errorf("%d keys were made; %s", n, r)
		}
		w.pool("b").mustRun()
		if r := w.record(w.plan.Keys[0]); r.Active != 2 || r.Step != plan.Steady {
			t.Errorf("%s", r)
		}
	})
}
