package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// The probe is named by what it calls, for every usage a key can have.
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
