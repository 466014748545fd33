package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// The probe is described by its calls, for every usage.
func TestProbeCalls(t *testing.T) {
	for usage, want := range map[string]string{
		"ENCRYPT_DECRYPT":         "Encrypt, Decrypt",
		"SIGN_VERIFY":             "Sign, Verify",
		"GENERATE_VERIFY_MAC":     "GenerateMac, VerifyMac",
		"KEY_AGREEMENT":           "GetPublicKey, DeriveSharedSecret",
		"ENCAPSULATE_DECAPSULATE": "Encapsulate, Decapsulate",
	} {
		if got := plan.ProbeCalls(usage); got != want {
			t.Errorf("%s: %s", usage, got)
		}
	}
}

// A move that puts the alias back leaves the key that the claim expects behind it, and not
// the version that it moves to.
func TestPutBackIsFromWhatTheAliasNames(t *testing.T) {
	r := &plan.Record{Step: plan.Claimed, Generation: 3, Active: 2,
		Versions: []plan.Version{{Version: 2, KeyID: "aaaa-live"}},
		Claim:    &plan.Claim{Verb: plan.VerbRollback, Expects: "bbbb-moved"}}
	act := plan.Act{Kind: plan.SendMove, Name: "alias/orders-data", KeyID: "aaaa-live", Version: 2}
	call, _ := plan.CallOf(plan.Policy{}, r, plan.Observed{}, act)
	if want := "alias/orders-data: bbbb… to v2"; call.Text != want {
		t.Errorf("%q, want %q", call.Text, want)
	}
}
