package rehearsal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// MakeKey makes a key as a person would have, and puts the n-th alias on it.
func (w *World) MakeKey(n int) (id string) {
	w.random.Reader = w.own
	out, err := w.admin.KMS.CreateKey(context.Background(), &awskms.CreateKeyInput{
		KeySpec: kmstypes.KeySpec(w.Keys[n].Spec), KeyUsage: kmstypes.KeyUsageType(w.Keys[n].Usage)})
	if err == nil {
		id = aws.ToString(out.KeyMetadata.KeyId)
		_, err = w.admin.KMS.CreateAlias(context.Background(), &awskms.CreateAliasInput{AliasName: &w.Keys[n].Alias, TargetKeyId: &id})
	}
	w.must(err)
	return id
}

// Use encrypts with a key, as a consumer does.
func (w *World) Use(keyID string) {
	w.random.Reader = w.own
	_, err := w.admin.KMS.Encrypt(context.Background(), &awskms.EncryptInput{KeyId: &keyID, Plaintext: []byte("order 1")})
	if err == nil {
		w.Watch.Used(keyID)
	}
}

// MoveByHand moves the n-th alias as nobody should.
func (w *World) MoveByHand(n int, keyID string) {
	w.random.Reader = w.own
	w.Watch.Excuse(w.Keys[n].Alias)
	w.Watch.Put(w.Keys[n].Alias)
	_, err := w.admin.KMS.UpdateAlias(context.Background(), &awskms.UpdateAliasInput{AliasName: &w.Keys[n].Alias, TargetKeyId: &keyID})
	w.must(err)
	w.changed++
	w.Watch.Look("by hand: UpdateAlias", keyID)
}

// AliasByHand puts one more alias on a key.
func (w *World) AliasByHand(alias, keyID string) {
	w.random.Reader = w.own
	_, err := w.admin.KMS.CreateAlias(context.Background(), &awskms.CreateAliasInput{AliasName: &alias, TargetKeyId: &keyID})
	w.must(err)
	w.Watch.Put(alias)
	w.changed++
}
