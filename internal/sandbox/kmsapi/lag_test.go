package kmsapi_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func TestLaggingReadsDoNotSeeANewKey(t *testing.T) {
	w := newWorld(t)
	w.lag = time.Minute
	id := w.key()
	w.alias("alias/new", id) // mutations see what is there now
	_, err := w.encrypt(id)
	refused(t, err, "NotFoundException", "does not exist")
	_, err = w.encrypt("alias/new")
	refused(t, err, "NotFoundException", "is not found")
	for _, operation := range []string{"DescribeKey", "GetKeyPolicy", "ListResourceTags", "GetKeyLastUsage",
		"ListGrants", "ListAliases"} {
		refused(t, w.call(operation, `{"KeyId": "`+id+`"}`), "NotFoundException", "does not exist")
	}
	if n := len(must(w.ListKeys(t.Context(), &awskms.ListKeysInput{})).Keys) + len(must(w.ListAliases(t.Context(),
		&awskms.ListAliasesInput{})).Aliases); n != 0 {
		t.Errorf("the lists show %d", n)
	}
	refused(t, w.claim("alias/new", id), "AlreadyExistsException", "")
	w.pass(time.Minute)
	must(w.encrypt("alias/new"))
	if n := len(must(w.ListKeys(t.Context(), &awskms.ListKeysInput{})).Keys) + len(must(w.ListAliases(t.Context(),
		&awskms.ListAliasesInput{})).Aliases); n != 2 {
		t.Errorf("the lists show %d", n)
	}
}

func TestLaggingReadsShowTheStateOfBefore(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	one := w.create(awskms.CreateKeyInput{
		Description: aws.String("before"), Tags: []types.Tag{{TagKey: aws.String("when"),
			TagValue: aws.String("before")}},
	})
	two := w.key()
	w.alias("alias/a", one)
	before := *must(w.GetKeyPolicy(ctx, &awskms.GetKeyPolicyInput{KeyId: &one})).Policy
	w.pass(10 * time.Minute)

	w.lag = 3 * time.Minute
	after := `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
	must(w.PutKeyPolicy(ctx, &awskms.PutKeyPolicyInput{KeyId: &one, Policy: &after}))
	must(w.TagResource(ctx, &awskms.TagResourceInput{KeyId: &one,
		Tags: []types.Tag{{TagKey: aws.String("when"), TagValue: aws.String("after")}}}))
	must(w.UpdateKeyDescription(ctx, &awskms.UpdateKeyDescriptionInput{KeyId: &one, Description: aws.String("after")}))
	if err := w.move("alias/a", two); err != nil {
		t.Fatal(err)
	}
	w.disable(one)

	seen := func() [5]string {
		m := must(w.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: &one})).KeyMetadata
		policy := must(w.GetKeyPolicy(ctx, &awskms.GetKeyPolicyInput{KeyId: &one})).Policy
		tags := must(w.ListResourceTags(ctx, &awskms.ListResourceTagsInput{KeyId: &one})).Tags
		aliases := must(w.ListAliases(ctx, &awskms.ListAliasesInput{})).Aliases
		return [5]string{*m.Description, string(m.KeyState), *policy, *tags[0].TagValue, *aliases[0].TargetKeyId}
	}
	if got, want := seen(), [5]string{"before", "Enabled", before, "before", one}; got != want {
		t.Errorf("at once: %q", got)
	}
	if n := len(must(w.ListAliases(ctx, &awskms.ListAliasesInput{KeyId: &one})).Aliases); n != 1 {
		t.Errorf("the old key shows %d aliases", n)
	}
	if got := *must(w.Encrypt(ctx, &awskms.EncryptInput{KeyId: aws.String("alias/a"),
		Plaintext: []byte("x")})).KeyId; got != keyARN(one) {
		t.Errorf("the alias still resolves to the key before, not to %s, and that one still encrypts", got)
	}

	w.pass(3 * time.Minute)
	if got, want := seen(), [5]string{"after", "Disabled", after, "after", two}; got != want {
		t.Errorf("later: %q", got)
	}
	if n := len(must(w.ListAliases(ctx, &awskms.ListAliasesInput{KeyId: &one})).Aliases); n != 0 {
		t.Errorf("the old key shows %d aliases", n)
	}
}

// A deleted alias is still seen for as long as the lag, and so is a deleted key.
func TestLaggingReadsSeeWhatIsGone(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	w.alias("alias/a", id)
	w.schedule(id, 7)
	w.pass(7 * day)
	w.lag = time.Minute
	if got := w.state("alias/a"); got != types.KeyStatePendingDeletion {
		t.Errorf("it is %s", got)
	}
	refused(t, w.call("CancelKeyDeletion", `{"KeyId": "`+id+`"}`), "NotFoundException", "")
	w.pass(time.Minute)
	_, err := w.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &id})
	refused(t, err, "NotFoundException", "")
}

// What a lag can show is kept for an hour and not for longer.
func TestHistoryIsBounded(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	other := w.key()
	w.alias("alias/a", id)
	after := func(moves int) int {
		for range moves {
			w.pass(time.Minute)
			if err := w.move("alias/a", other); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				w.pass(time.Second)
				must(w.encrypt(id))
			}
			id, other = other, id
		}
		return len(must(w.service.MarshalJSON()))
	}
	if early, late := after(100), after(1000); late > early*11/10 {
		t.Errorf("the state grew from %d to %d bytes", early, late)
	}
	early := len(must(w.service.MarshalJSON()))
	for range 1000 { // while the clock stands still
		if err := w.move("alias/a", id); err != nil {
			t.Fatal(err)
		}
	}
	for range 5000 {
		w.pass(10 * time.Millisecond)
		must(w.encrypt(id))
	}
	if late := len(must(w.service.MarshalJSON())); late > early*11/10 {
		t.Errorf("a busy minute made %d bytes of %d", late, early)
	}
	w.lag = 59 * time.Minute
	w.pass(30 * time.Second)
	if _, err := w.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: aws.String("alias/a")}); err != nil {
		t.Error(err)
	}
}
