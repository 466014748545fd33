package kmsapi_test

import (
	"bytes"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func (w *world) open(blob []byte, key *string, context map[string]string) (*awskms.DecryptOutput, error) {
	return w.Decrypt(w.t.Context(), &awskms.DecryptInput{CiphertextBlob: blob, KeyId: key, EncryptionContext: context})
}

func TestDecryptFindsTheKeyByItself(t *testing.T) {
	w := newWorld(t)
	one, two := w.key(), w.key()
	mac := w.of(types.KeySpecHmac256, types.KeyUsageTypeGenerateVerifyMac)
	blob := must(w.encrypt(one))
	out := must(w.open(blob, nil, nil))
	if string(out.Plaintext) != "plain" || *out.KeyId != keyARN(one) || len(*out.KeyMaterialId) != 64 {
		t.Errorf("%+v", out)
	}
	if w.last.Resource != one {
		t.Errorf("the journal would say %s", w.last.Resource)
	}
	for _, wrong := range []string{two, mac} {
		_, err := w.open(blob, &wrong, nil)
		refused(t, err, "IncorrectKeyException",
			"The key ID in the request does not identify a CMK that can perform this operation.")
	}
	must(w.open(blob, aws.String(keyARN(one)), nil))
	_, err := w.in("eu-west-2").Decrypt(t.Context(), &awskms.DecryptInput{CiphertextBlob: blob})
	refused(t, err, "AccessDeniedException", "does not exist in this region")
}

func TestCiphertextIsAuthenticated(t *testing.T) {
	w := newWorld(t)
	one, two := w.key(), w.key()
	blob := must(w.encrypt(one))
	for _, garbage := range [][]byte{{1}, []byte("garbage"), bytes.Repeat([]byte{1}, 200), blob[:len(blob)-1],
		blob[:20], append(bytes.Clone(blob), 0)} {
		if _, err := w.open(garbage, nil, nil); err == nil {
			t.Errorf("%x was opened", garbage)
		}
	}
	_, err := w.open([]byte("garbage"), nil, nil)
	refused(t, err, "InvalidCiphertextException", "")
	// Another key's id in the header does not make it that key's.
	_, err = w.open(bytes.Replace(blob, []byte(one), []byte(two), 1), nil, nil)
	refused(t, err, "InvalidCiphertextException", "")
}

func TestEncryptionContext(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	context := map[string]string{"a": "bc", "d": "e"}
	blob := must(w.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &id, Plaintext: []byte("x"),
		EncryptionContext: context})).CiphertextBlob
	must(w.open(blob, nil, context))
	for _, other := range []map[string]string{nil, {"a": "bc"}, {"a": "bc", "d": "f"}, {"ab": "c", "d": "e"},
		{"a": "bc", "d": "e", "": ""}} {
		_, err := w.open(blob, nil, other)
		refused(t, err, "InvalidCiphertextException", "")
	}
	pair := w.of(types.KeySpecRsa2048, types.KeyUsageTypeEncryptDecrypt)
	_, err := w.Encrypt(t.Context(), &awskms.EncryptInput{
		KeyId: &pair, Plaintext: []byte("x"), EncryptionAlgorithm: "RSAES_OAEP_SHA_256", EncryptionContext: context,
	})
	refused(t, err, "ValidationException", "EncryptionContext")
}

func TestUseThatDoesNotFitTheKey(t *testing.T) {
	w := newWorld(t)
	crypt, sign := w.key(), w.of(types.KeySpecEccNistP256, types.KeyUsageTypeSignVerify)
	mac := w.of(types.KeySpecHmac224, types.KeyUsageTypeGenerateVerifyMac)
	pair := w.of(types.KeySpecRsa2048, types.KeyUsageTypeEncryptDecrypt)
	for _, c := range []struct{ operation, body, code, text string }{
		{"Encrypt", `{"KeyId": "` + sign + `", "Plaintext": "AAAA"}`, "InvalidKeyUsageException",
			keyARN(sign) + " key usage is SIGN_VERIFY which is not valid for Encrypt."},
		{"Sign", `{"KeyId": "` + mac + `", "Message": "AAAA", "SigningAlgorithm": "ECDSA_SHA_256"}`,
			"InvalidKeyUsageException", "key usage is GENERATE_VERIFY_MAC which is not valid for Sign."},
		{"GenerateMac", `{"KeyId": "` + crypt + `", "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"}`,
			"InvalidKeyUsageException", "key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."},
		{"GenerateMac", `{"KeyId": "` + mac + `", "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"}`,
			"InvalidKeyUsageException", "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."},
		{"GenerateMac", `{"KeyId": "` + mac + `", "Message": "AAAA", "MacAlgorithm": "INVALID"}`, "ValidationException",
			"Value 'INVALID' at 'macAlgorithm'"},
		{"Sign", `{"KeyId": "` + sign + `", "Message": "AAAA", "SigningAlgorithm": "ECDSA_SHA_384"}`,
			"InvalidKeyUsageException", "Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256."},
		{"Sign", `{"KeyId": "` + sign + `", "Message": "AAAA", "SigningAlgorithm": "ECDSA_SHA_256", ` +
			`"MessageType": "DIGEST"}`,
			"ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256."},
		{"Sign", `{"KeyId": "` + sign + `", "SigningAlgorithm": "ECDSA_SHA_256"}`, "ValidationException",
			"Value null at 'message'"},
		{"Encrypt", `{"KeyId": "` + pair + `", "Plaintext": "AAAA"}`, "InvalidKeyUsageException",
			"Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."},
		{"Encrypt", `{"Plaintext": "AAAA"}`, "ValidationException",
			"Value null at 'keyId' failed to satisfy constraint: Member must not be null"},
		{"Encrypt", `{"KeyId": "` + crypt + `", "Plaintext": 7}`, "SerializationException", ""},
		{"GenerateDataKey", `{"KeyId": "` + pair + `", "KeySpec": "AES_256"}`, "InvalidKeyUsageException", ""},
		{"GenerateDataKey", `{"KeyId": "` + crypt + `"}`, "ValidationException", ""},
		{"GetPublicKey", `{"KeyId": "` + crypt + `"}`, "UnsupportedOperationException", ""},
	} {
		refused(t, w.call(c.operation, c.body), c.code, c.text)
	}
}

func TestPlaintextLimits(t *testing.T) {
	w := newWorld(t)
	id, pair := w.key(), w.of(types.KeySpecRsa2048, types.KeyUsageTypeEncryptDecrypt)
	try := func(key string, size int, alg types.EncryptionAlgorithmSpec) error {
		_, err := w.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &key, Plaintext: make([]byte, size),
			EncryptionAlgorithm: alg})
		return err
	}
	for _, c := range []struct {
		key  string
		most int
		alg  types.EncryptionAlgorithmSpec
		text string
	}{
		{id, 4096, "", "less than or equal to 4096"},
		{pair, 214, "RSAES_OAEP_SHA_1",
			"Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt data larger than 214 bytes."},
		{pair, 190, "RSAES_OAEP_SHA_256",
			"Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes."},
	} {
		if err := try(c.key, c.most, c.alg); err != nil {
			t.Error(err)
		}
		refused(t, try(c.key, c.most+1, c.alg), "ValidationException", c.text)
	}
}

func TestDataKeys(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	context := map[string]string{"a": "b"}
	for size, in := range map[int]awskms.GenerateDataKeyInput{
		32: {KeySpec: types.DataKeySpecAes256}, 16: {KeySpec: types.DataKeySpecAes128},
		7: {NumberOfBytes: aws.Int32(7)},
	} {
		in.KeyId, in.EncryptionContext = &id, context
		out := must(w.GenerateDataKey(t.Context(), &in))
		if got := must(w.open(out.CiphertextBlob, nil, context)).Plaintext; len(got) != size ||
			!bytes.Equal(got, out.Plaintext) {
			t.Errorf("%d bytes: %x and %x", size, out.Plaintext, got)
		}
	}
	out := must(w.GenerateDataKeyWithoutPlaintext(t.Context(),
		&awskms.GenerateDataKeyWithoutPlaintextInput{KeyId: &id, KeySpec: "AES_256"}))
	if got := must(w.open(out.CiphertextBlob, nil, nil)).Plaintext; len(got) != 32 {
		t.Errorf("%x", got)
	}
}

func TestReEncrypt(t *testing.T) {
	w := newWorld(t)
	one, two := w.key(), w.key()
	blob := must(w.encrypt(one))
	out := must(w.ReEncrypt(t.Context(), &awskms.ReEncryptInput{CiphertextBlob: blob, DestinationKeyId: &two}))
	opened := must(w.open(out.CiphertextBlob, nil, nil))
	if string(opened.Plaintext) != "plain" || *opened.KeyId != keyARN(two) || *out.SourceKeyId != keyARN(one) ||
		*out.KeyId != keyARN(two) {
		t.Errorf("%+v, %+v", out, opened)
	}
	_, err := w.ReEncrypt(t.Context(), &awskms.ReEncryptInput{CiphertextBlob: blob, SourceKeyId: &two,
		DestinationKeyId: &two})
	refused(t, err, "IncorrectKeyException", "")
}
