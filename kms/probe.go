package kms

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// Codes of a no that is Probe's own and not KMS's.
const (
	// ProbeFailed means that KMS carried out every operation and a result is wrong.
	ProbeFailed = "ProbeFailed"
	// ProbeUnknown means that keyturn knows no operation for the spec and usage.
	ProbeUnknown = "ProbeUnknown"
)

// Probe tests a key with a real operation and its reverse, by the key's id and with
// the caller's credentials: encrypt and decrypt, sign and verify, and so on by
// usage. Yes means that both worked and the results agree. Probe keeps nothing of
// what it makes.
//
// NotFoundException is a soft no: KMS may not know a new key yet.
func (c *Client) Probe(ctx context.Context, keyID, spec, usage string) plan.Answer {
	p, ok := probeOf(types.KeySpec(spec), types.KeyUsageType(usage))
	if !ok {
		return plan.Answer{Verdict: plan.No, Code: ProbeUnknown,
			Message: fmt.Sprintf("keyturn does not know how to try out a key of spec %s for %s; "+
				"set probe: off to go without", spec, usage)}
	}
	err := p(ctx, c.api, keyID)
	if wrong, ok := errors.AsType[*wrongResult](err); ok {
		return plan.Answer{Verdict: plan.No, Code: ProbeFailed, Message: wrong.Error()}
	}
	answer := awscall.Classify(err)
	if answer.Missing {
		answer.Soft = true
	}
	return answer
}

// wrongResult means that an operation with the key returned something wrong.
type wrongResult struct{ what string }

func (e *wrongResult) Error() string { return e.what }

// probe makes an operation with a key and its reverse.
type probe func(ctx context.Context, api *awskms.Client, keyID string) error

// probeText returns what is encrypted, signed and authenticated. It names the key,
// so that nobody takes it for a real message. RSA_2048 encrypts up to 190 bytes.
func probeText(keyID string) []byte {
	return []byte("keyturn tries out key " + keyID)
}

func probeEncrypt(algorithm types.EncryptionAlgorithmSpec) probe {
	return func(ctx context.Context, api *awskms.Client, keyID string) error {
		text := probeText(keyID)
		e, err := api.Encrypt(ctx, &awskms.EncryptInput{KeyId: &keyID, Plaintext: text, EncryptionAlgorithm: algorithm})
		if err != nil {
			return err
		}
		d, err := api.Decrypt(ctx, &awskms.DecryptInput{KeyId: &keyID, CiphertextBlob: e.CiphertextBlob,
			EncryptionAlgorithm: algorithm})
		if err != nil {
			return err
		}
		if !bytes.Equal(d.Plaintext, text) {
			return &wrongResult{"what was encrypted does not decrypt to itself"}
		}
		return nil
	}
}

func probeSign(algorithm types.SigningAlgorithmSpec) probe {
	return func(ctx context.Context, api *awskms.Client, keyID string) error {
		text := probeText(keyID)
		s, err := api.Sign(ctx, &awskms.SignInput{KeyId: &keyID, Message: text, MessageType: types.MessageTypeRaw,
			SigningAlgorithm: algorithm})
		if err != nil {
			return err
		}
		v, err := api.Verify(ctx, &awskms.VerifyInput{KeyId: &keyID, Message: text, MessageType: types.MessageTypeRaw,
			Signature: s.Signature, SigningAlgorithm: algorithm})
		if err != nil {
			return err
		}
		if !v.SignatureValid {
			return &wrongResult{"the signature does not verify"}
		}
		return nil
	}
}

func probeMAC(algorithm types.MacAlgorithmSpec) probe {
	return func(ctx context.Context, api *awskms.Client, keyID string) error {
		text := probeText(keyID)
		g, err := api.GenerateMac(ctx, &awskms.GenerateMacInput{KeyId: &keyID, Message: text, MacAlgorithm: algorithm})
		if err != nil {
			return err
		}
		v, err := api.VerifyMac(ctx, &awskms.VerifyMacInput{KeyId: &keyID, Message: text,
			Mac: g.Mac, MacAlgorithm: algorithm})
		if err != nil {
			return err
		}
		if !v.MacValid {
			return &wrongResult{"the MAC does not verify"}
		}
		return nil
	}
}

func probeEncapsulate(algorithm types.EncapsulationAlgorithmSpec) probe {
	return func(ctx context.Context, api *awskms.Client, keyID string) error {
		e, err := api.Encapsulate(ctx, &awskms.EncapsulateInput{KeyId: &keyID, EncapsulationAlgorithm: algorithm})
		if err != nil {
			return err
		}
		d, err := api.Decapsulate(ctx, &awskms.DecapsulateInput{KeyId: &keyID, EncapsulationAlgorithm: algorithm,
			SharedSecretCiphertextBlob: e.SharedSecretCiphertextBlob})
		if err != nil {
			return err
		}
		if len(e.SharedSecret) == 0 || !bytes.Equal(d.SharedSecret, e.SharedSecret) {
			return &wrongResult{"the encapsulated secret does not come back"}
		}
		return nil
	}
}
