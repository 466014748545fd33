package conformance

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

var (
	message = []byte("attack at dawn")
	other   = []byte("attack at dusk")
	purpose = map[string]string{"purpose": "conformance"}
)

func (w *world) encrypt(id string) ([]byte, error) {
	out, err := w.kms.Encrypt(w.ctx, &awskms.EncryptInput{KeyId: &id, Plaintext: message, EncryptionContext: purpose})
	if err != nil {
		return nil, err
	}
	return out.CiphertextBlob, nil
}

// decrypt reports whether the message came back; an empty id names no key.
func (w *world) decrypt(id string, blob []byte, given map[string]string) string {
	in := &awskms.DecryptInput{CiphertextBlob: blob, EncryptionContext: given}
	if id != "" {
		in.KeyId = &id
	}
	out, err := w.kms.Decrypt(w.ctx, in)
	if err != nil {
		return code(err)
	}
	return said(nil, bytes.Equal(out.Plaintext, message))
}

func (w *world) mac(id string) ([]byte, error) {
	out, err := w.kms.GenerateMac(w.ctx, &awskms.GenerateMacInput{KeyId: &id, Message: message,
		MacAlgorithm: types.MacAlgorithmSpecHmacSha256})
	if err != nil {
		return nil, err
	}
	return out.Mac, nil
}

func (w *world) verifyMac(id string, mac, message []byte) string {
	out, err := w.kms.VerifyMac(w.ctx, &awskms.VerifyMacInput{KeyId: &id, Message: message, Mac: mac,
		MacAlgorithm: types.MacAlgorithmSpecHmacSha256})
	if err != nil {
		return code(err)
	}
	return said(nil, out.MacValid)
}

func (w *world) sign(id string) ([]byte, error) {
	out, err := w.kms.Sign(w.ctx, &awskms.SignInput{KeyId: &id, Message: message, MessageType: types.MessageTypeRaw,
		SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256})
	if err != nil {
		return nil, err
	}
	return out.Signature, nil
}

func (w *world) verify(id string, signature, message []byte) string {
	out, err := w.kms.Verify(w.ctx, &awskms.VerifyInput{KeyId: &id, Message: message, MessageType: types.MessageTypeRaw,
		Signature:        signature,
		SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256})
	if err != nil {
		return code(err)
	}
	return said(nil, out.SignatureValid)
}

func (w *world) rotate(id string) error {
	_, err := w.kms.RotateKeyOnDemand(w.ctx, &awskms.RotateKeyOnDemandInput{KeyId: &id})
	return err
}

func (w *world) enableRotation(id string, days *int32) error {
	_, err := w.kms.EnableKeyRotation(w.ctx, &awskms.EnableKeyRotationInput{KeyId: &id, RotationPeriodInDays: days})
	return err
}

// rotation returns how a key is rotated automatically.
func (w *world) rotation(id string) string {
	out, err := w.kms.GetKeyRotationStatus(w.ctx, &awskms.GetKeyRotationStatusInput{KeyId: &id})
	switch {
	case err != nil:
		return code(err)
	case !out.KeyRotationEnabled:
		return "ok off"
	}
	return fmt.Sprintf("ok every %d days", aws.ToInt32(out.RotationPeriodInDays))
}

// cryptoRows: what a probe and a consumer of an old version rely on.
var cryptoRows = []row{
	{name: "Encrypt by alias, Decrypt without a key", doc: kmsAPI + "Decrypt.html", want: "ok true",
		do: func(w *world) string {
			return w.decrypt("", must(w.encrypt(w.alias(w.symmetric()))), purpose)
		}},
	{name: "Decrypt: made before the alias moved, by the new key", doc: kmsAPI + "Decrypt.html",
		want: "IncorrectKeyException", do: func(w *world) string {
			a := w.alias(w.symmetric())
			blob := must(w.encrypt(a))
			must(w.move(a, w.symmetric()))
			return w.decrypt(a, blob, purpose)
		}},
	{name: "Decrypt: another encryption context", doc: kmsAPI + "Decrypt.html", want: "InvalidCiphertextException",
		do: func(w *world) string {
			id := w.symmetric()
			return w.decrypt(id, must(w.encrypt(id)), nil)
		}},
	{name: "Decrypt: a changed ciphertext", doc: kmsAPI + "Decrypt.html", want: "InvalidCiphertextException",
		do: func(w *world) string {
			id := w.symmetric()
			blob := must(w.encrypt(id))
			blob[len(blob)-1] ^= 1
			return w.decrypt(id, blob, purpose)
		}},
	{name: "Encrypt: the key is disabled", doc: keyStates, want: "DisabledException", do: func(w *world) string {
		_, err := w.encrypt(w.disabled(w.symmetric()))
		return said(err)
	}},
	{name: "Decrypt: the key is disabled", doc: keyStates, want: "DisabledException", do: func(w *world) string {
		id := w.symmetric()
		blob := must(w.encrypt(id))
		return w.decrypt(w.disabled(id), blob, purpose)
	}},
	{name: "Decrypt: the key is enabled again", doc: keyStates, want: "ok true", do: func(w *world) string {
		id := w.symmetric()
		blob := must(w.encrypt(id))
		w.disabled(id)
		must(w.kms.EnableKey(w.ctx, &awskms.EnableKeyInput{KeyId: &id}))
		return w.decrypt(id, blob, purpose)
	}},
	{name: "Encrypt: the key is pending deletion", doc: keyStates,
		want: "DisabledException or KMSInvalidStateException", do: func(w *world) string {
			_, err := w.encrypt(w.pending(w.symmetric()))
			return said(err)
		}},
	{name: "Encrypt: the key is for signing", doc: kmsAPI + "Encrypt.html", want: "InvalidKeyUsageException",
		do: func(w *world) string {
			_, err := w.encrypt(w.p256())
			return said(err)
		}},
	{name: "Encrypt: no such key", doc: kmsAPI + "Encrypt.html", want: "NotFoundException", do: func(w *world) string {
		_, err := w.encrypt(missing)
		return said(err)
	}},
	{name: "GenerateMac, VerifyMac", doc: kmsAPI + "VerifyMac.html", want: "ok true", do: func(w *world) string {
		id := w.hmac()
		return w.verifyMac(id, must(w.mac(id)), message)
	}},
	{name: "VerifyMac: another message", doc: kmsAPI + "VerifyMac.html", want: "KMSInvalidMacException",
		do: func(w *world) string {
			id := w.hmac()
			return w.verifyMac(id, must(w.mac(id)), other)
		}},
	{name: "GenerateMac: the key is disabled", doc: keyStates, want: "DisabledException", do: func(w *world) string {
		_, err := w.mac(w.disabled(w.hmac()))
		return said(err)
	}},
	{name: "Sign, Verify", doc: kmsAPI + "Verify.html", want: "ok true", do: func(w *world) string {
		id := w.p256()
		return w.verify(id, must(w.sign(id)), message)
	}},
	{name: "Verify: another message", doc: kmsAPI + "Verify.html", want: "KMSInvalidSignatureException",
		do: func(w *world) string {
			id := w.p256()
			return w.verify(id, must(w.sign(id)), other)
		}},
	{name: "Sign: the key is disabled", doc: keyStates, want: "DisabledException", do: func(w *world) string {
		_, err := w.sign(w.disabled(w.p256()))
		return said(err)
	}},
	{name: "RotateKeyOnDemand: what was encrypted before is decrypted", doc: kmsAPI + "RotateKeyOnDemand.html",
		want: "ok true", do: func(w *world) string {
			id := w.symmetric()
			blob := must(w.encrypt(id))
			if err := w.rotate(id); err != nil {
				return code(err)
			}
			return w.decrypt(id, blob, purpose)
		}},
	{name: "RotateKeyOnDemand: an HMAC key", doc: kmsAPI + "RotateKeyOnDemand.html",
		want: "UnsupportedOperationException", do: func(w *world) string {
			return said(w.rotate(w.hmac()))
		}},
	{name: "RotateKeyOnDemand: the key is disabled", doc: kmsAPI + "RotateKeyOnDemand.html", want: "DisabledException",
		do: func(w *world) string {
			return said(w.rotate(w.disabled(w.symmetric())))
		}},
	{name: "GetKeyRotationStatus: of a new key",
		doc: kmsAPI + "GetKeyRotationStatus.html", want: "ok off", do: func(w *world) string {
			return w.rotation(w.symmetric())
		}},
	{name: "GetKeyRotationStatus: an HMAC key",
		doc: kmsAPI + "GetKeyRotationStatus.html", want: "ok off", do: func(w *world) string {
			return w.rotation(w.hmac())
		}},
	{name: "EnableKeyRotation: no period is a year",
		doc: kmsAPI + "EnableKeyRotation.html", want: "ok every 365 days", do: func(w *world) string {
			id := w.symmetric()
			if err := w.enableRotation(id, nil); err != nil {
				return code(err)
			}
			return w.rotation(id)
		}},
	{name: "EnableKeyRotation: 200 days",
		doc: kmsAPI + "EnableKeyRotation.html", want: "ok every 200 days", do: func(w *world) string {
			id := w.symmetric()
			if err := w.enableRotation(id, aws.Int32(200)); err != nil {
				return code(err)
			}
			return w.rotation(id)
		}},
	{name: "EnableKeyRotation: it is on",
		doc: kmsAPI + "EnableKeyRotation.html", want: "ok every 200 days", do: func(w *world) string {
			id := w.symmetric()
			if err := errors.Join(w.enableRotation(id, nil), w.enableRotation(id, aws.Int32(200))); err != nil {
				return code(err)
			}
			return w.rotation(id)
		}},
	{name: "EnableKeyRotation: 89 days",
		doc: kmsAPI + "EnableKeyRotation.html", want: "refused", do: func(w *world) string {
			return refused(w.enableRotation(w.symmetric(), aws.Int32(89)))
		}},
	{name: "EnableKeyRotation: a multi-Region key",
		doc: kmsAPI + "EnableKeyRotation.html", want: "ok every 365 days", do: func(w *world) string {
			out, err := w.kms.CreateKey(w.ctx, &awskms.CreateKeyInput{MultiRegion: aws.Bool(true)})
			if err != nil {
				return code(err)
			}
			id := aws.ToString(out.KeyMetadata.KeyId)
			if err := w.enableRotation(id, nil); err != nil {
				return code(err)
			}
			return w.rotation(id)
		}},
	{name: "EnableKeyRotation: an HMAC key",
		doc: kmsAPI + "EnableKeyRotation.html", want: "UnsupportedOperationException", do: func(w *world) string {
			return said(w.enableRotation(w.hmac(), nil))
		}},
	{name: "EnableKeyRotation: the key is disabled",
		doc: kmsAPI + "EnableKeyRotation.html", want: "DisabledException", do: func(w *world) string {
			return said(w.enableRotation(w.disabled(w.symmetric()), nil))
		}},
	{name: "DisableKeyRotation", doc: kmsAPI + "DisableKeyRotation.html", want: "ok off", do: func(w *world) string {
		id := w.symmetric()
		err := w.enableRotation(id, nil)
		if err == nil {
			_, err = w.kms.DisableKeyRotation(w.ctx, &awskms.DisableKeyRotationInput{KeyId: &id})
		}
		if err != nil {
			return code(err)
		}
		return w.rotation(id)
	}},
	{name: "GetKeyLastUsage: never used", doc: kmsAPI + "GetKeyLastUsage.html", want: "ok unused since its creation",
		do: func(w *world) string {
			id := w.symmetric()
			out, err := w.kms.GetKeyLastUsage(w.ctx, &awskms.GetKeyLastUsageInput{KeyId: &id})
			switch {
			case err != nil:
				return code(err)
			case out.KeyLastUsage != nil && out.KeyLastUsage.Timestamp != nil:
				return "ok used"
			case aws.ToTime(out.TrackingStartDate).IsZero() ||
				aws.ToTime(out.KeyCreationDate).Before(aws.ToTime(out.TrackingStartDate)):
				return "ok unused since some time"
			}
			return "ok unused since its creation"
		}},
	{name: "GetKeyLastUsage: no such key", doc: kmsAPI + "GetKeyLastUsage.html", want: "NotFoundException",
		do: func(w *world) string {
			_, err := w.kms.GetKeyLastUsage(w.ctx, &awskms.GetKeyLastUsageInput{KeyId: aws.String(missing)})
			return said(err)
		}},
}
