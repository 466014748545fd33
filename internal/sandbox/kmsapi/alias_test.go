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

func (w *world) move(name, key string) error {
	_, err := w.UpdateAlias(w.t.Context(), &awskms.UpdateAliasInput{AliasName: &name, TargetKeyId: &key})
	return err
}

func (w *world) claim(name, key string) error {
	_, err := w.CreateAlias(w.t.Context(), &awskms.CreateAliasInput{AliasName: &name, TargetKeyId: &key})
	return err
}

func (w *world) disable(key string) {
	w.t.Helper()
	must(w.DisableKey(w.t.Context(), &awskms.DisableKeyInput{KeyId: &key}))
}

func (w *world) schedule(key string, days int32) {
	w.t.Helper()
	must(w.ScheduleKeyDeletion(w.t.Context(),
		&awskms.ScheduleKeyDeletionInput{KeyId: &key, PendingWindowInDays: &days}))
}

// named returns the key that a name stands for.
func (w *world) named(name string) string {
	w.t.Helper()
	return *must(w.DescribeKey(w.t.Context(), &awskms.DescribeKeyInput{KeyId: &name})).KeyMetadata.KeyId
}

func TestAliasNamesAKeyInFourWays(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	w.alias("alias/orders", id)
	for _, name := range []string{id, keyARN(id), "alias/orders",
		"arn:aws:kms:eu-west-1:" + account + ":alias/orders"} {
		if got := w.named(name); got != id {
			t.Errorf("%s names %s, want %s", name, got, id)
		}
	}
}

func TestCreateAliasIsClaimedOnce(t *testing.T) {
	w := newWorld(t)
	one, two := w.key(), w.key()
	w.alias("alias/orders/v2", one)
	refused(t, w.claim("alias/orders/v2", two), "AlreadyExistsException",
		"An alias with the name arn:aws:kms:eu-west-1:111122223333:alias/orders/v2 already exists")
	refused(t, w.claim("alias/orders/v2", one), "AlreadyExistsException", "already exists")
	if got := w.named("alias/orders/v2"); got != one {
		t.Errorf("the loser moved the alias to %s", got)
	}
}

func TestAliasNamesThatAWSRefuses(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	for _, c := range []struct{ name, code, text string }{
		{"orders", "ValidationException", `Alias must start with the prefix "alias/"`},
		{"alias/a:b", "ValidationException", "alias/a:b contains invalid characters for an alias"},
		{"alias/a.b", "ValidationException", "regular expression"},
		{"alias/" + strings.Repeat("a", 251), "ValidationException", "less than or equal to 256"},
		{"alias/", "InvalidAliasNameException", ""},
		{"alias/aws/s3", "NotAuthorizedException", ""},
	} {
		refused(t, w.claim(c.name, id), c.code, c.text)
		refused(t, w.move(c.name, id), c.code, c.text)
		_, err := w.DeleteAlias(t.Context(), &awskms.DeleteAliasInput{AliasName: &c.name})
		refused(t, err, c.code, c.text)
	}
	if err := w.claim("alias/"+strings.Repeat("a", 250), id); err != nil {
		t.Errorf("256 characters: %v", err)
	}
	if err := w.claim("alias/Az-9_/x", id); err != nil {
		t.Error(err)
	}
}

func TestUpdateAlias(t *testing.T) {
	w := newWorld(t)
	one, two := w.key(), w.key()
	w.alias("alias/orders", one)
	created := w.now
	w.pass(time.Hour)
	if err := w.move("alias/orders", two); err != nil {
		t.Fatal(err)
	}
	entry := must(w.ListAliases(t.Context(), &awskms.ListAliasesInput{})).Aliases[0]
	if *entry.TargetKeyId != two || *entry.AliasArn != "arn:aws:kms:eu-west-1:111122223333:alias/orders" ||
		!entry.CreationDate.Equal(created.Truncate(time.Millisecond)) ||
		!entry.LastUpdatedDate.Equal(w.now.Truncate(time.Millisecond)) {
		t.Errorf("got %+v", entry)
	}
	for id, want := range map[string]int{one: 0, two: 1} {
		if n := len(must(w.ListAliases(t.Context(), &awskms.ListAliasesInput{KeyId: &id})).Aliases); n != want {
			t.Errorf("%d aliases are listed for a key that has %d", n, want)
		}
	}
	refused(t, w.move("alias/missing", two), "NotFoundException",
		"Alias arn:aws:kms:eu-west-1:111122223333:alias/missing is not found.")
	refused(t, w.move("alias/orders", "alias/orders"), "NotFoundException", "Invalid keyId 'alias/orders'")
	refused(t, w.move("alias/orders", "00000000-0000-4000-8000-000000000000"), "NotFoundException", "does not exist")
}

func TestUpdateAliasByStateOfTheKeys(t *testing.T) {
	w := newWorld(t)
	one, off, going := w.key(), w.key(), w.key()
	w.alias("alias/orders", one)
	w.disable(off)
	w.schedule(going, 7)
	refused(t, w.move("alias/orders", going), "KMSInvalidStateException", keyARN(going)+" is pending deletion.")
	refused(t, w.claim("alias/other", going), "KMSInvalidStateException", keyARN(going)+" is pending deletion.")
	if err := w.move("alias/orders", off); err != nil {
		t.Errorf("KMS does not refuse a disabled target: %v", err)
	}
	if err := w.claim("alias/off", off); err != nil {
		t.Errorf("nor for a new alias: %v", err)
	}
	w.schedule(off, 7)
	if err := w.move("alias/orders", one); err != nil {
		t.Errorf("the alias of a key pending deletion can be moved away: %v", err)
	}
}

func TestUpdateAliasWantsTheSameKind(t *testing.T) {
	const (
		sign  = types.KeyUsageTypeSignVerify
		crypt = types.KeyUsageTypeEncryptDecrypt
		mac   = types.KeyUsageTypeGenerateVerifyMac
		agree = types.KeyUsageTypeKeyAgreement
	)
	for _, c := range []struct {
		from, to           types.KeySpec
		fromUsage, toUsage types.KeyUsageType
		ok                 bool
	}{
		{types.KeySpecEccNistP256, types.KeySpecEccNistP384, sign, sign, true},
		{types.KeySpecEccNistP256, types.KeySpecRsa2048, sign, sign, true},
		{types.KeySpecHmac256, types.KeySpecHmac512, mac, mac, true},
		{types.KeySpecEccNistP256, types.KeySpecEccNistP256, sign, agree, false},
		{types.KeySpecRsa2048, types.KeySpecRsa2048, sign, crypt, false},
		{types.KeySpecSymmetricDefault, types.KeySpecRsa2048, crypt, crypt, false},
		{types.KeySpecSymmetricDefault, types.KeySpecHmac256, crypt, mac, false},
	} {
		w := newWorld(t)
		w.alias("alias/a", w.of(c.from, c.fromUsage))
		err := w.move("alias/a", w.of(c.to, c.toUsage))
		if c.ok && err != nil {
			t.Errorf("%s %s to %s %s: %v", c.from, c.fromUsage, c.to, c.toUsage, err)
		}
		if !c.ok {
			refused(t, err, "ValidationException", "same type")
		}
	}
}

func TestFiftyAliasesPerKey(t *testing.T) {
	w := newWorld(t)
	full, other := w.key(), w.key()
	for i := range 50 {
		w.alias(fmt.Sprintf("alias/a%d", i), full)
	}
	w.alias("alias/b", other)
	refused(t, w.claim("alias/c", full), "LimitExceededException", "")
	refused(t, w.move("alias/b", full), "LimitExceededException", "")
	if err := w.move("alias/a7", full); err != nil {
		t.Errorf("an alias that is there already is not one more: %v", err)
	}
	if err := w.move("alias/a7", other); err != nil {
		t.Fatal(err)
	}
	if err := w.claim("alias/c", full); err != nil {
		t.Errorf("one that moved away does not count: %v", err)
	}
}

func TestDeleteAlias(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	w.alias("alias/a", id)
	must(w.DeleteAlias(t.Context(), &awskms.DeleteAliasInput{AliasName: aws.String("alias/a")}))
	_, err := w.DeleteAlias(t.Context(), &awskms.DeleteAliasInput{AliasName: aws.String("alias/a")})
	refused(t, err, "NotFoundException", "is not found")
	if w.state(id) != types.KeyStateEnabled {
		t.Error("the key went with the alias")
	}
	w.pass(time.Minute)
	w.alias("alias/a", id)
	entry := must(w.ListAliases(t.Context(), &awskms.ListAliasesInput{KeyId: &id})).Aliases[0]
	if !entry.CreationDate.Equal(w.now.Truncate(time.Millisecond)) {
		t.Errorf("the new alias was made at %s", entry.CreationDate)
	}
}
