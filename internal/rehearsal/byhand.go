package rehearsal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// Admin returns the connection of a person who has every right, for what is done by
// hand. It is good until something else happens.
func (w *World) Admin() *awscall.Conn {
	w.random.Reader = w.own
	return w.admin
}

// ByHand takes in what a person has done, about a key or about none ("").
func (w *World) ByHand(what, keyID string) {
	w.changed++
	w.Watch.Look("by hand: "+what, keyID)
}

// MakeKeys makes all keys of the plan, and lets a run see them for the first time.
func (w *World) MakeKeys() {
	w.Advance(200 * day) // KMS has recorded uses for long: since April 2026 at the latest
	for i := range w.Keys {
		w.MakeKey(i)
	}
	w.Calm("before", plan.Request{})
}

// MakeKey makes a key as a person would have, and puts the n-th alias on it.
func (w *World) MakeKey(n int) (id string) {
	w.random.Reader = w.own
	out, err := w.admin.KMS.CreateKey(context.Background(), &awskms.CreateKeyInput{
		KeySpec: kmstypes.KeySpec(w.Keys[n].Spec), KeyUsage: kmstypes.KeyUsageType(w.Keys[n].Usage)})
	if err == nil {
		id = aws.ToString(out.KeyMetadata.KeyId)
		_, err = w.admin.KMS.CreateAlias(context.Background(),
			&awskms.CreateAliasInput{AliasName: &w.Keys[n].Alias, TargetKeyId: &id})
	}
	w.must(err)
	return id
}

// Use encrypts with a key, as a consumer does.
func (w *World) Use(keyID string) {
	w.random.Reader = w.own
	_, err := w.admin.KMS.Encrypt(context.Background(),
		&awskms.EncryptInput{KeyId: &keyID, Plaintext: []byte("order 1")})
	if err == nil {
		w.Watch.Used(keyID)
	}
}

// MoveByHand moves the n-th alias as nobody should.
func (w *World) MoveByHand(n int, keyID string) {
	w.random.Reader = w.own
	w.Watch.Excuse(w.Keys[n].Alias)
	w.Watch.Put(w.Keys[n].Alias)
	_, err := w.admin.KMS.UpdateAlias(context.Background(),
		&awskms.UpdateAliasInput{AliasName: &w.Keys[n].Alias, TargetKeyId: &keyID})
	w.must(err)
	w.ByHand("UpdateAlias", keyID)
}

// AliasByHand puts one more alias on a key.
func (w *World) AliasByHand(alias, keyID string) {
	w.random.Reader = w.own
	_, err := w.admin.KMS.CreateAlias(context.Background(),
		&awskms.CreateAliasInput{AliasName: &alias, TargetKeyId: &keyID})
	w.must(err)
	w.Watch.Put(alias)
	w.changed++
}
