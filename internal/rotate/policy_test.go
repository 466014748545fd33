package rotate_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/plan"
)

// Only the administrators may change who uses the key: not the one who rotates
// it, and KMS is not to refuse the new version for that.
const adminsOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/admins"},"Action":"kms:*","Resource":"*"}]}`

func TestRotateWithoutPutKeyPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		put := &awskms.PutKeyPolicyInput{KeyId: &w.record(key).Active.KeyID, Policy: aws.String(adminsOnly), BypassPolicyLockoutSafetyCheck: true}
		if _, err := w.admin.PutKeyPolicy(t.Context(), put); err != nil {
			t.Fatal(err)
		}
		w.pool("a").mustRun()
		r := w.record(key)
		got, err := w.admin.GetKeyPolicy(t.Context(), &awskms.GetKeyPolicyInput{KeyId: &r.Active.KeyID})
		if err != nil || r.Active.Version != 2 || *got.Policy != adminsOnly {
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
		if r := run(adminsOnly); r.Active.Version != 1 || r.LastError == nil || !strings.Contains(r.LastError.Code, "MalformedPolicyDocument") {
			t.Errorf("%s: %+v", r, r.LastError)
		}
		if r := run(strings.Replace(adminsOnly, "role/admins", "root", 1)); r.Active.Version != 2 {
			t.Errorf("%s: %+v", r, r.LastError)
		}
	})
}
