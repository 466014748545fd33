package kmsapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func (w *world) lastUse(key string) *awskms.GetKeyLastUsageOutput {
	w.t.Helper()
	return must(w.GetKeyLastUsage(w.t.Context(), &awskms.GetKeyLastUsageInput{KeyId: &key}))
}

func TestLastUse(t *testing.T) {
	w := newWorld(t)
	one, two := w.key(), w.key()
	made := w.now.Truncate(time.Millisecond)
	w.alias("alias/a", one)
	w.pass(time.Hour)
	out := w.lastUse(one)
	if u := out.KeyLastUsage; u == nil || u.Timestamp != nil || u.Operation != "" {
		t.Errorf("not used yet: %+v", u)
	}
	if *out.KeyId != one || !out.KeyCreationDate.Equal(made) || !out.TrackingStartDate.Equal(made) {
		t.Errorf("%+v", out)
	}
	blob := must(w.encrypt("alias/a"))
	used := w.now.Truncate(time.Millisecond)
	w.pass(time.Hour)
	u := w.lastUse(one).KeyLastUsage
	if u.Operation != types.KeyLastUsageTrackingOperationEncrypt || !u.Timestamp.Equal(used) ||
		len(*u.CloudTrailEventId) != 36 || len(*u.KmsRequestId) != 36 {
		t.Errorf("%+v", u)
	}
	must(w.open(blob, nil, nil))
	if u := w.lastUse(one).KeyLastUsage; u.Operation != types.KeyLastUsageTrackingOperationDecrypt ||
		!u.Timestamp.Equal(w.now.Truncate(time.Millisecond)) {
		t.Errorf("%+v", u)
	}
	w.pass(time.Hour)
	must(w.ReEncrypt(t.Context(), &awskms.ReEncryptInput{CiphertextBlob: blob, DestinationKeyId: &two}))
	for _, id := range []string{one, two} {
		if u := w.lastUse(id).KeyLastUsage; u.Operation != types.KeyLastUsageTrackingOperationReEncrypt {
			t.Errorf("ReEncrypt uses both keys: %+v", u)
		}
	}
	w.reload()
	if u := w.lastUse(one).KeyLastUsage; u.Operation != types.KeyLastUsageTrackingOperationReEncrypt {
		t.Errorf("after loading: %+v", u)
	}
	_, err := w.GetKeyLastUsage(t.Context(), &awskms.GetKeyLastUsageInput{KeyId: aws.String("alias/a")})
	refused(t, err, "NotFoundException", "Invalid keyId")
}

func TestWhatIsNoUse(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	pair := w.of(types.KeySpecEccNistP256, types.KeyUsageTypeSignVerify)
	blob := must(w.encrypt(w.key()))
	_, err := w.open(blob, &id, nil)
	refused(t, err, "IncorrectKeyException", "")
	must(w.GetPublicKey(t.Context(), &awskms.GetPublicKeyInput{KeyId: &pair}))
	_, err = w.Verify(t.Context(), &awskms.VerifyInput{KeyId: &pair, Message: []byte("a"), Signature: []byte("b"),
		SigningAlgorithm: "ECDSA_SHA_256"})
	refused(t, err, "KMSInvalidSignatureException", "")
	w.disable(id)
	_, err = w.encrypt(id)
	refused(t, err, "DisabledException", "")
	for _, id := range []string{id, pair} {
		if u := w.lastUse(id).KeyLastUsage; u.Timestamp != nil {
			t.Errorf("%+v", u)
		}
	}
}

// Tracking began on a day, and of older keys nothing is known from before it.
func TestTrackingStart(t *testing.T) {
	w := newWorld(t)
	w.now = time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)
	start := time.Date(2026, time.April, 23, 0, 0, 0, 0, time.UTC)
	id := w.key()
	must(w.encrypt(id))
	w.pass(60 * day)
	out := w.lastUse(id)
	if out.KeyLastUsage.Timestamp != nil || !out.TrackingStartDate.Equal(start) || !out.KeyCreationDate.Before(start) {
		t.Errorf("%+v", out)
	}
	must(w.encrypt(id))
	if out := w.lastUse(id); out.KeyLastUsage.Timestamp == nil {
		t.Error("not seen")
	}
}

func TestLateUsage(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	w.pass(2 * time.Hour)
	w.lag = 10 * time.Minute
	for range 100 { // a busy key's uses are thinned out, not lost
		must(w.encrypt(id))
		w.pass(time.Second)
	}
	if u := w.lastUse(id).KeyLastUsage; u.Timestamp != nil {
		t.Errorf("too early: %+v", u)
	}
	w.pass(9 * time.Minute)
	u := w.lastUse(id).KeyLastUsage
	if behind := w.now.Add(-w.lag).Sub(*u.Timestamp); behind < 0 || behind > time.Minute+time.Second {
		t.Errorf("it shows what was %s before what it should", behind)
	}
}

// A dry run checks, does nothing, and is no use.
func TestDryRun(t *testing.T) {
	w := newWorld(t)
	crypt := w.key()
	blob := base64Of(must(w.encrypt(w.key())))
	sign := w.of(types.KeySpecRsa2048, types.KeyUsageTypeSignVerify)
	mac := w.of(types.KeySpecHmac256, types.KeyUsageTypeGenerateVerifyMac)
	agree := w.of(types.KeySpecEccNistP256, types.KeyUsageTypeKeyAgreement)
	public := base64Of(must(w.GetPublicKey(t.Context(),
		&awskms.GetPublicKeyInput{KeyId: aws.String(w.of(types.KeySpecEccNistP256,
			types.KeyUsageTypeKeyAgreement))})).PublicKey)
	kem := w.of(types.KeySpecMlKem512, types.KeyUsageTypeEncapsulateDecapsulate)
	before := string(must(w.service.MarshalJSON()))
	for _, c := range []struct{ operation, key, members string }{
		{"Encrypt", crypt, `"Plaintext": "AAAA"`},
		{"Decrypt", "", `"CiphertextBlob": "` + blob + `"`},
		{"Decrypt", crypt, `"DryRunModifiers": ["IGNORE_CIPHERTEXT"]`},
		{"ReEncrypt", "", `"CiphertextBlob": "` + blob + `", "DestinationKeyId": "` + crypt + `"`},
		{"GenerateDataKey", crypt, `"KeySpec": "AES_256"`},
		{"GenerateDataKeyWithoutPlaintext", crypt, `"KeySpec": "AES_256"`},
		{"Sign", sign, `"Message": "AAAA", "SigningAlgorithm": "RSASSA_PSS_SHA_256"`},
		{"Verify", sign, `"Message": "AAAA", "Signature": "AAAA", "SigningAlgorithm": "RSASSA_PSS_SHA_256"`},
		{"GenerateMac", mac, `"Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"`},
		{"VerifyMac", mac, `"Message": "AAAA", "Mac": "AAAA", "MacAlgorithm": "HMAC_SHA_256"`},
		{"DeriveSharedSecret", agree, `"KeyAgreementAlgorithm": "ECDH", "PublicKey": "` + public + `"`},
		{"Encapsulate", kem, `"EncapsulationAlgorithm": "ML_KEM"`},
		{"Decapsulate", kem,
			`"EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": "` + base64Of(make([]byte, 768)) + `"`},
		{"CreateGrant", crypt, `"GranteePrincipal": "arn:aws:iam::111122223333:role/r", "Operations": ["Encrypt"]`},
	} {
		body := fmt.Sprintf(`{"KeyId": %q, "DryRun": true, %s}`, c.key, c.members)
		refused(t, w.call(c.operation, strings.ReplaceAll(body, `"KeyId": "", `, "")), "DryRunOperationException",
			"The request would have succeeded, but the DryRun option is set.")
	}
	if after := string(must(w.service.MarshalJSON())); after != before {
		t.Error("a dry run changed the state")
	}
	w.disable(crypt)
	_, err := w.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &crypt, Plaintext: []byte("x"),
		DryRun: aws.Bool(true)})
	refused(t, err, "DisabledException", "")
}
