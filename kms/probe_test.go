package kms_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// regionOf returns a Region that has a spec: SM2 is China's.
func regionOf(spec types.KeySpec) string {
	if spec == types.KeySpecSm2 {
		return "cn-north-1"
	}
	return "eu-west-1"
}

// slow returns which specs take seconds to make a key of. They use RSA_2048's
// algorithms.
func slow(spec types.KeySpec) bool {
	return spec == types.KeySpecRsa3072 || spec == types.KeySpecRsa4096
}

// bubble is synctest.Test, but for SM2: the library for it keeps a channel in a
// global, which the first bubble would have to itself.
func bubble(t *testing.T, spec types.KeySpec, test func(*testing.T)) {
	t.Helper()
	if spec == types.KeySpecSm2 {
		test(t)
		return
	}
	synctest.Test(t, test)
}

// Probe knows what the embedded AWS, which goes by AWS's own table, can make a
// key of; and nothing else.
func TestProbeEveryKindOfKey(t *testing.T) {
	for _, spec := range types.KeySpec("").Values() {
		for _, usage := range types.KeyUsageType("").Values() {
			t.Run(string(spec)+" "+string(usage), func(t *testing.T) {
				t.Parallel()
				bubble(t, spec, func(t *testing.T) {
					w := newWorldIn(t, regionOf(spec), 0)
					if slow(spec) {
						known := usage == types.KeyUsageTypeEncryptDecrypt || usage == types.KeyUsageTypeSignVerify
						if got := w.kms.Probe(t.Context(), nobody, string(spec), string(usage)); got.Missing != known {
							t.Errorf("Probe = %+v", got)
						}
						return
					}
					out, err := w.conn.KMS.CreateKey(t.Context(),
						&awskms.CreateKeyInput{KeySpec: spec, KeyUsage: usage})
					if err != nil {
						calls := len(w.aws.Journal())
						got := w.kms.Probe(t.Context(), nobody, string(spec), string(usage))
						if got.Verdict != plan.No || got.Code != kms.ProbeUnknown || got.Soft ||
							!strings.Contains(got.Message, string(spec)) {
							t.Errorf("there is no such key, and Probe = %+v", got)
						}
						if len(w.aws.Journal()) != calls {
							t.Error("something was called for nothing")
						}
						return
					}
					id := *out.KeyMetadata.KeyId
					if got := w.kms.Probe(t.Context(), id, string(spec),
						string(usage)); got != (plan.Answer{Verdict: plan.Yes}) {
						t.Fatalf("Probe = %+v", got)
					}
					for _, r := range w.aws.Journal()[1:] {
						if r.Resource != "" && !strings.Contains(r.Resource, id) {
							t.Errorf("%s was about %s, not the key's id", r.Operation, r.Resource)
						}
					}
					if got := w.kms.Disable(t.Context(), id); got.Verdict != plan.Yes {
						t.Fatalf("Disable = %+v", got)
					}
					got := w.kms.Probe(t.Context(), id, string(spec), string(usage))
					if got.Verdict != plan.No || got.Code != "DisabledException" || got.Soft || got.Missing {
						t.Errorf("Probe of a disabled key = %+v, want a definite no", got)
					}
				})
			})
		}
	}
}

func TestProbeKnowsEverySpec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		for _, spec := range types.KeySpec("").Values() {
			known := 0
			for _, usage := range types.KeyUsageType("").Values() {
				if w.kms.Probe(t.Context(), nobody, string(spec), string(usage)).Code != kms.ProbeUnknown {
					known++
				}
			}
			if known == 0 {
				t.Errorf("no usage of %s can be tried out", spec)
			}
		}
	})
}

func TestProbeOfAKeyThatKMSDoesNotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		got := w.kms.Probe(t.Context(), nobody, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
		if got.Verdict != plan.No || !got.Missing || !got.Soft || got.Code != "NotFoundException" {
			t.Errorf("Probe = %+v, want a soft no", got)
		}
	})
}

func TestProbeUnderFaults(t *testing.T) {
	for _, operation := range []string{"Encrypt", "Decrypt"} {
		for _, c := range []struct {
			fault sandbox.Fault
			want  plan.Verdict
		}{
			{sandbox.Fault{Kind: sandbox.Drop, Ordinal: 1}, plan.Yes}, // the SDK asks again
			{sandbox.Fault{Kind: sandbox.Drop}, plan.Unknown},
			{sandbox.Fault{Kind: sandbox.Refuse, Code: "AccessDeniedException"}, plan.No},
			{sandbox.Fault{Kind: sandbox.Refuse, Status: 500, Code: "KeyUnavailableException"}, plan.Unknown},
		} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, 0)
				id := w.key(&awskms.CreateKeyInput{})
				c.fault.Operation = operation
				w.faults(c.fault)
				got := w.kms.Probe(t.Context(), id, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
				if got.Verdict != c.want || got.Soft {
					t.Errorf("%s, %+v: Probe = %+v, want %s", operation, c.fault, got, c.want)
				}
			})
		}
	}
}

func TestProbeComparesWhatComesBack(t *testing.T) {
	for _, c := range []struct {
		spec, usage string
		operation   string
		answer      string
	}{
		{"SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "Decrypt", `{"Plaintext":"AAAA"}`},
		{"SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "Decrypt", `{}`},
		{"ECC_NIST_P256", "SIGN_VERIFY", "Verify", `{"SignatureValid":false}`},
		{"HMAC_256", "GENERATE_VERIFY_MAC", "VerifyMac", `{"MacValid":false}`},
		{"ECC_NIST_P256", "KEY_AGREEMENT", "DeriveSharedSecret", `{"SharedSecret":"AAAA"}`},
		{"ECC_NIST_P256", "KEY_AGREEMENT", "GetPublicKey", `{"PublicKey":"AAAA"}`},
		{"ML_KEM_768", "ENCAPSULATE_DECAPSULATE", "Decapsulate", `{"SharedSecret":"AAAA"}`},
		{"ML_KEM_768", "ENCAPSULATE_DECAPSULATE", "Encapsulate", `{"SharedSecretCiphertextBlob":"AAAA"}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 0)
			id := w.key(&awskms.CreateKeyInput{KeySpec: types.KeySpec(c.spec), KeyUsage: types.KeyUsageType(c.usage)})
			w.instead = func(operation string, _ []byte) *http.Response {
				switch {
				case operation == c.operation:
					return reply(200, c.answer)
				case c.operation == "Encapsulate" && operation == "Decapsulate":
					return reply(200, `{}`) // two secrets that are equally empty
				}
				return nil
			}
			got := w.kms.Probe(t.Context(), id, c.spec, c.usage)
			if got.Verdict != plan.No || got.Code != kms.ProbeFailed || got.Soft || got.Message == "" {
				t.Errorf("%s answers %s: Probe = %+v", c.operation, c.answer, got)
			}
		})
	}
}
