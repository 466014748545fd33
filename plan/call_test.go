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
