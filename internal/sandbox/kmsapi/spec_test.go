package kmsapi_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// The rows of AWS's key spec reference, and whether one is for China only.
type row struct {
	spec  types.KeySpec
	usage types.KeyUsageType
	china bool
}

func rows() []row {
	const (
		crypt = types.KeyUsageTypeEncryptDecrypt
		sign  = types.KeyUsageTypeSignVerify
		mac   = types.KeyUsageTypeGenerateVerifyMac
		agree = types.KeyUsageTypeKeyAgreement
		kem   = types.KeyUsageTypeEncapsulateDecapsulate
	)
	return []row{
		{types.KeySpecSymmetricDefault, crypt, false},
		{types.KeySpecRsa2048, crypt, false}, {types.KeySpecRsa2048, sign, false},
		{types.KeySpecRsa3072, sign, false}, {types.KeySpecRsa4096, crypt, false},
		{types.KeySpecEccNistP256, sign, false}, {types.KeySpecEccNistP256, agree, false},
		{types.KeySpecEccNistP384, sign, false}, {types.KeySpecEccNistP384, agree, false},
		{types.KeySpecEccNistP521, sign, false}, {types.KeySpecEccNistP521, agree, false},
		{types.KeySpecEccSecgP256k1, sign, false}, {types.KeySpecEccNistEdwards25519, sign, false},
		{types.KeySpecHmac224, mac, false}, {types.KeySpecHmac256, mac, false},
		{types.KeySpecHmac384, mac, false}, {types.KeySpecHmac512, mac, false},
		{types.KeySpecMlDsa44, sign, false}, {types.KeySpecMlDsa65, sign, false}, {types.KeySpecMlDsa87, sign, false},
		{types.KeySpecMlKem512, kem, false}, {types.KeySpecMlKem768, kem, false}, {types.KeySpecMlKem1024, kem, false},
		{types.KeySpecSm2, crypt, true}, {types.KeySpecSm2, sign, true}, {types.KeySpecSm2, agree, true},
	}
}

func TestEverySpecIsInTheTable(t *testing.T) {
	for _, spec := range types.KeySpec("").Values() {
		if !slices.ContainsFunc(rows(), func(r row) bool { return r.spec == spec }) {
			t.Errorf("%s is not tested", spec)
		}
	}
}

// TestEverySpec makes a key of each kind, uses it by its alias, has it saved
// and loaded, and uses it again on what it made before.
func TestEverySpec(t *testing.T) {
	for _, row := range rows() {
		t.Run(string(row.spec)+" "+string(row.usage), func(t *testing.T) {
			t.Parallel()
			if slow := row.spec == types.KeySpecRsa3072 || row.spec == types.KeySpecRsa4096; slow && testing.Short() {
				t.Skip("making the pair takes seconds")
			}
			w := newWorld(t)
			if row.china {
				w.Client = w.in("cn-north-1")
			}
			meta := must(w.CreateKey(t.Context(),
				&awskms.CreateKeyInput{KeySpec: row.spec, KeyUsage: row.usage})).KeyMetadata
			if meta.KeySpec != row.spec || meta.KeyUsage != row.usage || !meta.Enabled ||
				meta.KeyState != types.KeyStateEnabled {
				t.Errorf("made %+v", meta)
			}
			w.alias("alias/it", *meta.KeyId)
			again := w.probe(t, "alias/it", meta)
			w.reload()
			again()
		})
	}
}

// probe uses a key in every way it has, and returns what has to work again
// after the state was loaded.
func (w *world) probe(t *testing.T, name string, meta *types.KeyMetadata) (again func()) {
	ctx, text := t.Context(), []byte("the message")
	switch meta.KeyUsage {
	case types.KeyUsageTypeEncryptDecrypt:
		var checks []func()
		for _, alg := range meta.EncryptionAlgorithms {
			sealed := must(w.Encrypt(ctx, &awskms.EncryptInput{KeyId: &name, Plaintext: text,
				EncryptionAlgorithm: alg}))
			if *sealed.KeyId != *meta.Arn || sealed.EncryptionAlgorithm != alg ||
				bytes.Contains(sealed.CiphertextBlob, text) {
				t.Errorf("%s: sealed as %+v", alg, sealed)
			}
			checks = append(checks, func() {
				opened := must(w.Decrypt(ctx,
					&awskms.DecryptInput{KeyId: &name, CiphertextBlob: sealed.CiphertextBlob,
						EncryptionAlgorithm: alg}))
				if !bytes.Equal(opened.Plaintext, text) || *opened.KeyId != *meta.Arn {
					t.Errorf("%s: opened as %+v", alg, opened)
				}
				sealed.CiphertextBlob[len(sealed.CiphertextBlob)-1] ^= 1
				_, err := w.Decrypt(ctx, &awskms.DecryptInput{KeyId: &name, CiphertextBlob: sealed.CiphertextBlob,
					EncryptionAlgorithm: alg})
				refused(t, err, "InvalidCiphertextException", "")
				sealed.CiphertextBlob[len(sealed.CiphertextBlob)-1] ^= 1
			})
		}
		return all(checks)
	case types.KeyUsageTypeSignVerify:
		var checks []func()
		for _, alg := range meta.SigningAlgorithms {
			kind, message := types.MessageTypeRaw, text
			if alg == types.SigningAlgorithmSpecEd25519PhSha512 {
				kind, message = types.MessageTypeDigest, make([]byte, 64)
			}
			signed := must(w.Sign(ctx, &awskms.SignInput{KeyId: &name, Message: message, MessageType: kind,
				SigningAlgorithm: alg}))
			checks = append(checks, func() {
				in := awskms.VerifyInput{KeyId: &name, Message: message, MessageType: kind, SigningAlgorithm: alg,
					Signature: signed.Signature}
				if out := must(w.Verify(ctx, &in)); !out.SignatureValid || *out.KeyId != *meta.Arn {
					t.Errorf("%s: %+v", alg, out)
				}
				in.Message = append(slices.Clone(message[1:]), '!')
				_, err := w.Verify(ctx, &in)
				refused(t, err, "KMSInvalidSignatureException", "")
			})
		}
		return all(checks)
	case types.KeyUsageTypeGenerateVerifyMac:
		alg := meta.MacAlgorithms[0]
		made := must(w.GenerateMac(ctx, &awskms.GenerateMacInput{KeyId: &name, Message: text, MacAlgorithm: alg}))
		return func() {
			out := must(w.VerifyMac(ctx, &awskms.VerifyMacInput{KeyId: &name, Message: text, MacAlgorithm: alg,
				Mac: made.Mac}))
			if !out.MacValid || *out.KeyId != *meta.Arn {
				t.Errorf("%+v", out)
			}
			_, err := w.VerifyMac(ctx, &awskms.VerifyMacInput{KeyId: &name, Message: text[1:], MacAlgorithm: alg,
				Mac: made.Mac})
			refused(t, err, "KMSInvalidMacException", "")
		}
	case types.KeyUsageTypeKeyAgreement:
		other := w.of(meta.KeySpec, meta.KeyUsage)
		derive := func(mine, theirs string) []byte {
			public := must(w.GetPublicKey(ctx, &awskms.GetPublicKeyInput{KeyId: &theirs})).PublicKey
			return must(w.DeriveSharedSecret(ctx, &awskms.DeriveSharedSecretInput{
				KeyId: &mine, PublicKey: public, KeyAgreementAlgorithm: types.KeyAgreementAlgorithmSpecEcdh,
			})).SharedSecret
		}
		secret := derive(name, other)
		return func() {
			if got := derive(other, name); len(secret) == 0 || !bytes.Equal(got, secret) {
				t.Errorf("%x is not %x", got, secret)
			}
		}
	case types.KeyUsageTypeEncapsulateDecapsulate:
		alg := types.EncapsulationAlgorithmSpecMlKem
		made := must(w.Encapsulate(ctx, &awskms.EncapsulateInput{KeyId: &name, EncapsulationAlgorithm: alg}))
		return func() {
			in := awskms.DecapsulateInput{KeyId: &name, EncapsulationAlgorithm: alg,
				SharedSecretCiphertextBlob: made.SharedSecretCiphertextBlob}
			if out := must(w.Decapsulate(ctx, &in)); len(out.SharedSecret) != 32 ||
				!bytes.Equal(out.SharedSecret, made.SharedSecret) {
				t.Errorf("%x is not %x", out.SharedSecret, made.SharedSecret)
			}
			in.SharedSecretCiphertextBlob = in.SharedSecretCiphertextBlob[1:]
			_, err := w.Decapsulate(ctx, &in)
			refused(t, err, "InvalidCiphertextException", "")
		}
	}
	t.Fatalf("no probe for %s", meta.KeyUsage)
	return nil
}

func all(checks []func()) func() {
	return func() {
		for _, check := range checks {
			check()
		}
	}
}

func TestPublicKeysVerifyOutsideOfKMS(t *testing.T) {
	w := newWorld(t)
	text := []byte("the message")
	sum := sha256.Sum256(text)
	for _, c := range []struct {
		spec types.KeySpec
		alg  types.SigningAlgorithmSpec
		good func(public any, signature []byte) bool
	}{
		{types.KeySpecEccNistP256, types.SigningAlgorithmSpecEcdsaSha256, func(public any, s []byte) bool {
			return ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), sum[:], s)
		}},
		{types.KeySpecEccNistEdwards25519, types.SigningAlgorithmSpecEd25519Sha512, func(public any, s []byte) bool {
			return ed25519.Verify(public.(ed25519.PublicKey), text, s)
		}},
		{types.KeySpecRsa2048, types.SigningAlgorithmSpecRsassaPssSha256, func(public any, s []byte) bool {
			return rsa.VerifyPSS(public.(*rsa.PublicKey), 5, sum[:], s, &rsa.PSSOptions{SaltLength: 32}) == nil
		}},
	} {
		id := w.of(c.spec, types.KeyUsageTypeSignVerify)
		public, err := x509.ParsePKIXPublicKey(must(w.GetPublicKey(t.Context(),
			&awskms.GetPublicKeyInput{KeyId: &id})).PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		signature := must(w.Sign(t.Context(),
			&awskms.SignInput{KeyId: &id, Message: text, SigningAlgorithm: c.alg})).Signature
		if !c.good(public, signature) {
			t.Errorf("%s: the signature is not good", c.spec)
		}
		if c.spec == types.KeySpecEccNistEdwards25519 {
			// The digest is hashed once more.
			digest := sha512.Sum512(text)
			twice := sha512.Sum512(digest[:])
			prehashed := must(w.Sign(t.Context(), &awskms.SignInput{
				KeyId: &id, Message: digest[:], MessageType: types.MessageTypeDigest,
				SigningAlgorithm: types.SigningAlgorithmSpecEd25519PhSha512,
			})).Signature
			if err := ed25519.VerifyWithOptions(public.(ed25519.PublicKey), twice[:], prehashed,
				&ed25519.Options{Hash: crypto.SHA512}); err != nil {
				t.Error(err)
			}
			_, err := w.Sign(t.Context(), &awskms.SignInput{KeyId: &id, Message: text,
				SigningAlgorithm: types.SigningAlgorithmSpecEd25519PhSha512})
			refused(t, err, "ValidationException", "MessageType RAW")
			continue
		}
		digested := must(w.Sign(t.Context(), &awskms.SignInput{
			KeyId: &id, Message: sum[:], MessageType: types.MessageTypeDigest, SigningAlgorithm: c.alg,
		})).Signature
		if !c.good(public, digested) {
			t.Errorf("%s: the digest's signature is not good", c.spec)
		}
	}
}

func TestCreateKeyRefuses(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name, code, text string
		in               awskms.CreateKeyInput
	}{
		{"usage missing", "ValidationException", "You must specify a KeyUsage value",
			awskms.CreateKeyInput{KeySpec: types.KeySpecHmac256}},
		{"usage of another spec", "ValidationException",
			"KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
			awskms.CreateKeyInput{KeyUsage: types.KeyUsageTypeSignVerify}},
		{"unknown spec", "ValidationException", "at 'keySpec' failed to satisfy constraint",
			awskms.CreateKeyInput{KeySpec: "AES_512"}},
		{"unknown usage", "ValidationException", "at 'keyUsage' failed to satisfy constraint",
			awskms.CreateKeyInput{KeyUsage: "PLAY"}},
		{"both names of the spec", "ValidationException", "CustomerMasterKeySpec",
			awskms.CreateKeyInput{KeySpec: "RSA_2048", CustomerMasterKeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY"}},
		{"SM2 outside of China", "UnsupportedOperationException", "",
			awskms.CreateKeyInput{KeySpec: "SM2", KeyUsage: "SIGN_VERIFY"}},
		{"no such key store", "CustomKeyStoreNotFoundException", "",
			awskms.CreateKeyInput{CustomKeyStoreId: aws.String("cks-1"), Origin: "AWS_CLOUDHSM"}},
		{"pair in a key store", "UnsupportedOperationException", "",
			awskms.CreateKeyInput{CustomKeyStoreId: aws.String("cks-1"), KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY"}},
		{"origin without key store", "ValidationException", "", awskms.CreateKeyInput{Origin: "AWS_CLOUDHSM"}},
	} {
		_, err := w.CreateKey(t.Context(), &c.in)
		if err == nil {
			t.Errorf("%s: made", c.name)
			continue
		}
		refused(t, err, c.code, c.text)
	}
	_, err := w.in("cn-north-1").CreateKey(t.Context(),
		&awskms.CreateKeyInput{KeySpec: "ML_KEM_768", KeyUsage: "ENCAPSULATE_DECAPSULATE"})
	refused(t, err, "UnsupportedOperationException", "")
	if n := len(must(w.ListKeys(t.Context(), &awskms.ListKeysInput{})).Keys); n != 0 {
		t.Errorf("%d keys were made", n)
	}
}

func TestDescribeKey(t *testing.T) {
	w := newWorld(t)
	id := w.create(awskms.CreateKeyInput{Description: aws.String("orders")})
	m := must(w.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &id})).KeyMetadata
	if *m.Arn != keyARN(id) || *m.AWSAccountId != account || *m.Description != "orders" ||
		m.KeyManager != types.KeyManagerTypeCustomer ||
		m.Origin != types.OriginTypeAwsKms || *m.MultiRegion || len(*m.CurrentKeyMaterialId) != 64 ||
		m.DeletionDate != nil ||
		m.CreationDate.UnixMilli() != w.now.UnixMilli() {
		t.Errorf("%+v", m)
	}
	//lint:ignore SA1019 AWS still answers it, and old clients read it
	if got := m.CustomerMasterKeySpec; got != "SYMMETRIC_DEFAULT" {
		t.Errorf("CustomerMasterKeySpec %s", got)
	}
	multi := must(w.CreateKey(t.Context(), &awskms.CreateKeyInput{MultiRegion: aws.Bool(true)})).KeyMetadata
	if (*multi.KeyId)[:4] != "mrk-" ||
		multi.MultiRegionConfiguration.MultiRegionKeyType != types.MultiRegionKeyTypePrimary {
		t.Errorf("%+v", multi)
	}
	waiting := must(w.CreateKey(t.Context(), &awskms.CreateKeyInput{Origin: types.OriginTypeExternal})).KeyMetadata
	if waiting.Enabled || waiting.KeyState != types.KeyStatePendingImport {
		t.Errorf("%+v", waiting)
	}
	_, err := w.encrypt(*waiting.KeyId)
	refused(t, err, "KMSInvalidStateException", *waiting.Arn+" is pending import.")
}

func TestKeysThatAreNotThere(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	w.alias("alias/a", id)
	const none = "00000000-0000-4000-8000-000000000000"
	for _, c := range []struct{ id, code, text string }{
		{none, "NotFoundException", "Key '" + keyARN(none) + "' does not exist"},
		{keyARN(none), "NotFoundException", "Key '" + keyARN(none) + "' does not exist"},
		{"fake-key-id", "NotFoundException", "Invalid keyId 'fake-key-id'"},
		{"alias/b", "NotFoundException", "Alias arn:aws:kms:eu-west-1:111122223333:alias/b is not found."},
		{"arn:aws:kms:eu-west-2:111122223333:key/" + id, "NotFoundException", "Invalid arn eu-west-2"},
		{"arn:aws:kms:eu-west-1:999999999999:key/" + id, "AccessDeniedException",
			"no resource-based policy allows the kms:DescribeKey action"},
		{"arn:aws:s3:::bucket", "InvalidArnException", ""},
	} {
		_, err := w.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &c.id})
		refused(t, err, c.code, c.text)
	}
	if _, err := w.in("eu-west-2").DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &id}); err == nil {
		t.Error("a key is in its Region only")
	}
	_, err := w.DisableKey(t.Context(), &awskms.DisableKeyInput{KeyId: aws.String("alias/a")})
	refused(t, err, "NotFoundException", "Invalid keyId 'alias/a'")
}
