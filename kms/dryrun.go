package kms

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// DryRun asks KMS whether the caller may make the operations of Probe with a key, by the
// parameter DryRun: KMS judges them and carries none out. The result is by IAM's name of
// the operation; the code of one that would have succeeded is plan.DryRunPassed.
//
// Those that take back what another has made (Verify, VerifyMac, Decapsulate) are not
// asked: they need a signature, a MAC or a secret of a real use. Decrypt has a modifier
// for that.
// https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
func (c *Client) DryRun(ctx context.Context, keyID, spec, usage string) map[string]plan.Answer {
	text, key, dry := probeText(keyID), &keyID, aws.Bool(true)
	asked := map[string]plan.Answer{}
	note := func(operation string, err error) { asked["kms:"+operation] = awscall.Classify(err) }
	switch types.KeyUsageType(usage) {
	case types.KeyUsageTypeEncryptDecrypt:
		algorithm := encryptionAlgorithm(types.KeySpec(spec))
		_, err := c.api.Encrypt(ctx, &awskms.EncryptInput{KeyId: key, Plaintext: text, EncryptionAlgorithm: algorithm,
			DryRun: dry})
		note("Encrypt", err)
		_, err = c.api.Decrypt(ctx, &awskms.DecryptInput{KeyId: key, EncryptionAlgorithm: algorithm, DryRun: dry,
			DryRunModifiers: []types.DryRunModifierType{types.DryRunModifierTypeIgnoreCiphertext}})
		note("Decrypt", err)
	case types.KeyUsageTypeSignVerify:
		_, err := c.api.Sign(ctx, &awskms.SignInput{KeyId: key, Message: text, MessageType: types.MessageTypeRaw,
			SigningAlgorithm: signingAlgorithm(types.KeySpec(spec)), DryRun: dry})
		note("Sign", err)
	case types.KeyUsageTypeGenerateVerifyMac:
		_, err := c.api.GenerateMac(ctx, &awskms.GenerateMacInput{KeyId: key, Message: text,
			MacAlgorithm: macAlgorithm(types.KeySpec(spec)), DryRun: dry})
		note("GenerateMac", err)
	case types.KeyUsageTypeKeyAgreement:
		c.dryAgreement(ctx, keyID, note)
	case types.KeyUsageTypeEncapsulateDecapsulate:
		_, err := c.api.Encapsulate(ctx, &awskms.EncapsulateInput{KeyId: key,
			EncapsulationAlgorithm: types.EncapsulationAlgorithmSpecMlKem, DryRun: dry})
		note("Encapsulate", err)
	}
	return asked
}

// dryAgreement reads the public key, which is a call of Probe itself, and agrees with it:
// it is a key of the right kind.
func (c *Client) dryAgreement(ctx context.Context, keyID string, note func(string, error)) {
	own, err := c.api.GetPublicKey(ctx, &awskms.GetPublicKeyInput{KeyId: &keyID})
	note("GetPublicKey", err)
	if err != nil {
		return
	}
	_, err = c.api.DeriveSharedSecret(ctx, &awskms.DeriveSharedSecretInput{KeyId: &keyID, PublicKey: own.PublicKey,
		KeyAgreementAlgorithm: types.KeyAgreementAlgorithmSpecEcdh, DryRun: aws.Bool(true)})
	note("DeriveSharedSecret", err)
}
