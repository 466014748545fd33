package conformance

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

const (
	kmsAPI    = "https://docs.aws.amazon.com/kms/latest/APIReference/API_"
	keyStates = "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"
	aliases   = "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
	missing   = "11111111-2222-3333-4444-555555555555" // a key's id that no key has
)

// key makes an enabled key and returns its id.
func (w *world) key(spec types.KeySpec, usage types.KeyUsageType) string {
	out := must(w.kms.CreateKey(w.ctx, &awskms.CreateKeyInput{KeySpec: spec, KeyUsage: usage}))
	return aws.ToString(out.KeyMetadata.KeyId)
}

func (w *world) symmetric() string {
	return w.key(types.KeySpecSymmetricDefault, types.KeyUsageTypeEncryptDecrypt)
}
func (w *world) hmac() string {
	return w.key(types.KeySpecHmac256, types.KeyUsageTypeGenerateVerifyMac)
}
func (w *world) p256() string { return w.key(types.KeySpecEccNistP256, types.KeyUsageTypeSignVerify) }

// disabled and pending take a key out of use.
func (w *world) disabled(id string) string {
	must(w.kms.DisableKey(w.ctx, &awskms.DisableKeyInput{KeyId: &id}))
	return id
}

func (w *world) pending(id string) string {
	must(w.kms.ScheduleKeyDeletion(w.ctx, &awskms.ScheduleKeyDeletionInput{KeyId: &id,
		PendingWindowInDays: aws.Int32(7)}))
	return id
}

// alias gives a key one and returns its name.
func (w *world) alias(id string) string {
	a := "alias/" + name()
	must(w.kms.CreateAlias(w.ctx, &awskms.CreateAliasInput{AliasName: &a, TargetKeyId: &id}))
	return a
}

func (w *world) describe(id string) (types.KeyMetadata, error) {
	out, err := w.kms.DescribeKey(w.ctx, &awskms.DescribeKeyInput{KeyId: &id})
	if err != nil {
		return types.KeyMetadata{}, err
	}
	if out.KeyMetadata == nil {
		return types.KeyMetadata{}, errors.New("no metadata")
	}
	return *out.KeyMetadata, nil
}

func (w *world) state(id string) types.KeyState { return must(w.describe(id)).KeyState }

// move is UpdateAlias, and then what the alias names.
func (w *world) move(a, to string) (string, error) {
	if _, err := w.kms.UpdateAlias(w.ctx, &awskms.UpdateAliasInput{AliasName: &a, TargetKeyId: &to}); err != nil {
		return "", err
	}
	if aws.ToString(must(w.describe(a)).KeyId) == to {
		return "moved", nil
	}
	return "not moved", nil
}
