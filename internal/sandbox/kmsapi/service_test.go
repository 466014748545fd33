package kmsapi_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/sandbox/kmsapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

var _ wire.Service = (*kmsapi.Service)(nil)

func TestOperationsThatAreNotHere(t *testing.T) {
	w := newWorld(t)
	for _, operation := range []string{"Nonsense", "ReplicateKey", "ImportKeyMaterial", "GenerateRandom",
		"CreateCustomKeyStore", ""} {
		refused(t, w.call(operation, `{}`), "UnknownOperationException", "")
		if w.service.Mutates(operation) {
			t.Errorf("%s mutates", operation)
		}
	}
}

func TestMutates(t *testing.T) {
	s := kmsapi.New(account)
	for operation, want := range map[string]bool{
		"CreateKey": true, "UpdateAlias": true, "DisableKey": true, "TagResource": true,
		"Encrypt": false, "Verify": false, // the key's last use is saved, and is no change
		"DescribeKey": false, "ListAliases": false, "GetKeyLastUsage": false, "GetPublicKey": false,
	} {
		if s.Mutates(operation) != want {
			t.Errorf("%s: %t", operation, !want)
		}
	}
}

// What an answer says about itself decides whether the state is saved.
func TestAnswersTellWhatToSave(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	if !w.last.Mutated || w.last.Resource != id {
		t.Errorf("CreateKey: %+v", w.last)
	}
	w.alias("alias/a", id)
	if !w.last.Mutated || w.last.Resource != "alias/a" {
		t.Errorf("CreateAlias: %+v", w.last)
	}
	w.state(id)
	if w.last.Mutated || w.last.Resource != id {
		t.Errorf("DescribeKey: %+v", w.last)
	}
	must(w.encrypt(id))
	if !w.last.Mutated {
		t.Error("Encrypt is a use of the key")
	}
	_, _ = w.encrypt("alias/none")
	if w.last.Mutated || w.last.Resource != "alias/none" {
		t.Errorf("refused: %+v", w.last)
	}
}

// An RSA pair is made when it is first needed, and saved by the first call
// that succeeds with it, whichever that is.
func TestRSAPairsAreMadeLate(t *testing.T) {
	w := newWorld(t)
	id := w.of(types.KeySpecRsa2048, types.KeyUsageTypeSignVerify)
	if saved := must(w.service.MarshalJSON()); len(saved) > 2000 {
		t.Error("it was made at once")
	}
	_, err := w.Verify(t.Context(), &awskms.VerifyInput{KeyId: &id, Message: []byte("a"), Signature: []byte("b"),
		SigningAlgorithm: "RSASSA_PSS_SHA_256"})
	refused(t, err, "KMSInvalidSignatureException", "")
	public := must(w.GetPublicKey(t.Context(), &awskms.GetPublicKeyInput{KeyId: &id})).PublicKey
	if !w.last.Mutated {
		t.Error("the pair would be lost")
	}
	w.reload()
	again := must(w.GetPublicKey(t.Context(), &awskms.GetPublicKeyInput{KeyId: &id})).PublicKey
	if !bytes.Equal(again, public) || w.last.Mutated {
		t.Error("another pair after loading")
	}
}

func TestSaveAndLoad(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.create(awskms.CreateKeyInput{Description: aws.String("orders"), Tags: tags(0, 3)})
	w.alias("alias/a", id)
	far := must(w.in("us-gov-west-1").CreateKey(ctx, &awskms.CreateKeyInput{})).KeyMetadata
	if *far.Arn != "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/"+*far.KeyId {
		t.Error(*far.Arn)
	}
	blob := must(w.encrypt(id))
	w.pass(time.Minute)
	w.disable(id)
	w.schedule(w.key(), 7)
	saved := must(w.service.MarshalJSON())
	w.reload()
	if again := must(w.service.MarshalJSON()); !bytes.Equal(again, saved) {
		t.Errorf("loaded and saved again:\n%s\n%s", saved, again)
	}
	w.lag = time.Minute
	must(w.open(blob, nil, nil)) // the history was loaded too
	w.lag = 0
	_, err := w.open(blob, nil, nil)
	refused(t, err, "DisabledException", "")
	must(w.EnableKey(ctx, &awskms.EnableKeyInput{KeyId: &id}))
	if got := must(w.open(blob, aws.String("alias/a"), nil)).Plaintext; string(got) != "plain" {
		t.Errorf("%s", got)
	}
	if n := len(must(w.ListAliases(ctx, &awskms.ListAliasesInput{KeyId: &id})).Aliases); n != 1 {
		t.Errorf("%d aliases", n)
	}
	w.pass(7 * day)
	if n := len(must(w.ListKeys(ctx, &awskms.ListKeysInput{})).Keys); n != 1 {
		t.Errorf("%d keys", n)
	}
}

func TestLoadRefusesWhatIsNotSound(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	w.alias("alias/a", id)
	saved := string(must(w.service.MarshalJSON()))
	for _, broken := range []string{
		`[]`, `{`,
		strings.Replace(saved, "SYMMETRIC_DEFAULT", "AES", 1),
		strings.Replace(saved, `"id":"`+id, `"id":"x`, 1),
		strings.Replace(saved, `"materials"`, `"materialx"`, 1),
		strings.Replace(saved, `"status"`, `"statux"`, 1),
		strings.Replace(saved, `"history"`, `"historx"`, 1),
	} {
		if err := json.Unmarshal([]byte(broken), w.service); err == nil {
			t.Errorf("loaded %s", broken)
		}
	}
	if w.state("alias/a") != types.KeyStateEnabled {
		t.Error("a failed load changed the state")
	}
}

func TestRandomnessCanBeGiven(t *testing.T) {
	run := func(seed byte) string {
		w := newWorld(t)
		w.service = kmsapi.NewWithRand(account, rand.NewChaCha8([32]byte{seed}))
		id := w.key()
		w.of(types.KeySpecEccNistP521, types.KeyUsageTypeSignVerify)
		must(w.encrypt(id))
		return string(must(w.service.MarshalJSON()))
	}
	if first, second := run(1), run(1); first != second {
		t.Error("the same randomness made another state")
	}
	if run(1) == run(2) {
		t.Error("other randomness made the same state")
	}
}

func TestRegionsAreApart(t *testing.T) {
	w := newWorld(t)
	w.alias("alias/a", w.key())
	other := w.in("eu-west-2")
	if n := len(must(other.ListAliases(t.Context(), &awskms.ListAliasesInput{})).Aliases); n != 0 {
		t.Errorf("%d aliases", n)
	}
	key := must(other.CreateKey(t.Context(), &awskms.CreateKeyInput{})).KeyMetadata
	must(other.CreateAlias(t.Context(), &awskms.CreateAliasInput{AliasName: aws.String("alias/a"),
		TargetKeyId: key.KeyId}))
	refused(t, w.move("alias/a", *key.Arn), "NotFoundException", "Invalid arn eu-west-2")
}
