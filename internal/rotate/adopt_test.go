package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/plan"
)

// What a person's adopt has found is tried as what it is, also while a
// generation of another kind is open.
func TestAdoptTriesWhatItFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"    prepublish: 2d\n")
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		if r := w.record(key); r.Step != plan.Created {
			t.Fatalf("set-up: %s", r)
		}
		found, err := w.admin.CreateKey(t.Context(), &awskms.CreateKeyInput{
			KeySpec: kmstypes.KeySpecEccNistP256, KeyUsage: kmstypes.KeyUsageTypeSignVerify})
		if err != nil {
			t.Fatal(err)
		}
		// UpdateAlias itself refuses another usage.
		if _, err := w.admin.DeleteAlias(t.Context(), &awskms.DeleteAliasInput{AliasName: &key.Alias}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.admin.CreateAlias(t.Context(), &awskms.CreateAliasInput{AliasName: &key.Alias, TargetKeyId: found.KeyMetadata.KeyId}); err != nil {
			t.Fatal(err)
		}
		w.advance(time.Hour)
		w.asks(plan.Request{Verb: plan.VerbAdopt}).mustRun()
		if r := w.record(key); r.Step != plan.Steady || r.Active.KeyID != *found.KeyMetadata.KeyId {
			t.Errorf("%s, active %+v", r, r.Active)
		}
	})
}
