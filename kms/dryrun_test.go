package kms_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// KMS judges the operations of a probe without carrying them out: each request says DryRun,
// and nothing changes.
func TestDryRun(t *testing.T) {
	for _, c := range []struct {
		spec, usage string
		want        []string
	}{
		{"SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", []string{"Decrypt", "Encrypt"}},
		{"RSA_2048", "ENCRYPT_DECRYPT", []string{"Decrypt", "Encrypt"}},
		{"ECC_NIST_P256", "SIGN_VERIFY", []string{"Sign"}},
		{"HMAC_256", "GENERATE_VERIFY_MAC", []string{"GenerateMac"}},
		{"ECC_NIST_P256", "KEY_AGREEMENT", []string{"DeriveSharedSecret", "GetPublicKey"}},
		{"ML_KEM_768", "ENCAPSULATE_DECAPSULATE", []string{"Encapsulate"}},
	} {
		t.Run(c.spec+" "+c.usage, func(t *testing.T) {
			bubble(t, types.KeySpec(c.spec), func(t *testing.T) {
				w := newWorld(t, 0)
				id := w.key(&awskms.CreateKeyInput{KeySpec: types.KeySpec(c.spec),
					KeyUsage: types.KeyUsageType(c.usage)})
				sent, calls := len(w.sent), len(w.aws.Journal())
				got := w.kms.DryRun(t.Context(), id, c.spec, c.usage)
				var operations []string
				for operation, answer := range got {
					operations = append(operations, strings.TrimPrefix(operation, "kms:"))
					if passed := answer.Code == plan.DryRunPassed; passed == (operation == "kms:GetPublicKey") {
						t.Errorf("%s: %+v", operation, answer)
					}
				}
				if slices.Sort(operations); !slices.Equal(operations, c.want) {
					t.Errorf("asked about %v, want %v", operations, c.want)
				}
				for _, r := range w.sent[sent:] {
					var in struct{ DryRun bool }
					if err := json.Unmarshal(r.body, &in); err != nil || !in.DryRun && r.operation != "GetPublicKey" {
						t.Errorf("%s was sent without DryRun", r.operation)
					}
				}
				for _, e := range w.aws.Journal()[calls:] {
					if e.Mutates {
						t.Errorf("%s changed something", e.Operation)
					}
				}
			})
		})
	}
}

func TestDryRunDenied(t *testing.T) {
	bubble(t, types.KeySpecSymmetricDefault, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		w.faults(sandbox.Fault{Operation: "Decrypt", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		got := w.kms.DryRun(t.Context(), id, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
		if !got["kms:Decrypt"].Denied() || got["kms:Encrypt"].Code != plan.DryRunPassed {
			t.Errorf("%+v", got)
		}
	})
}
