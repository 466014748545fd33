package kmsapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func TestDefaultPolicy(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	out := must(w.GetKeyPolicy(t.Context(), &awskms.GetKeyPolicyInput{KeyId: &id}))
	var document struct {
		Id, Version string
		Statement   []struct {
			Sid, Effect, Action, Resource string
			Principal                     map[string]string
		}
	}
	if err := json.Unmarshal([]byte(*out.Policy), &document); err != nil {
		t.Fatal(err)
	}
	s := document.Statement[0]
	if document.Id != "key-default-1" || document.Version != "2012-10-17" || s.Sid != "Enable IAM User Permissions" ||
		s.Effect != "Allow" ||
		s.Action != "kms:*" || s.Resource != "*" || s.Principal["AWS"] != "arn:aws:iam::111122223333:root" ||
		*out.PolicyName != "default" {
		t.Errorf("%+v", document)
	}
	names := must(w.ListKeyPolicies(t.Context(), &awskms.ListKeyPoliciesInput{KeyId: &id})).PolicyNames
	if len(names) != 1 || names[0] != "default" {
		t.Errorf("%v", names)
	}
	_, err := w.GetKeyPolicy(t.Context(), &awskms.GetKeyPolicyInput{KeyId: &id, PolicyName: aws.String("other")})
	refused(t, err, "NotFoundException", "No such policy exists")
	// The default policy of one key can be given to the next one as it is.
	w.create(awskms.CreateKeyInput{Policy: out.Policy})
}

func TestPoliciesThatKMSRefuses(t *testing.T) {
	const locked = "The new key policy will not allow you to update the key policy in the future."
	allow := func(principal, action string) string {
		return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": ` + principal +
			`, "Action": ` + action + `, "Resource": "*"}]}`
	}
	for _, c := range []struct{ policy, code, text string }{
		{`nonsense`, "MalformedPolicyDocumentException", ""},
		{`["a"]`, "MalformedPolicyDocumentException", ""},
		{`"text"`, "MalformedPolicyDocumentException", ""},
		{`{}`, "MalformedPolicyDocumentException", ""},
		{`{"Statement": {"Effect": "Perhaps", "Principal": "*", "Action": "kms:*"}}`,
			"MalformedPolicyDocumentException", "Effect"},
		{`{"Statement": {"Effect": "Allow", "Action": "kms:*"}}`, "MalformedPolicyDocumentException", "principals"},
		{allow(`{"AWS": "arn:aws:iam::111122223333:role/other"}`, `"kms:*"`), "MalformedPolicyDocumentException",
			locked},
		{allow(`{"Service": "s3.amazonaws.com"}`, `"kms:*"`), "MalformedPolicyDocumentException", locked},
		{allow(`{"AWS": "arn:aws:iam::111122223333:root"}`, `["kms:Encrypt", "kms:Put"]`),
			"MalformedPolicyDocumentException", locked},
		{allow(`"*"`, `"`+strings.Repeat("x", 40_000)+`"`), "LimitExceededException", ""},
		{allow(`{"AWS": "arn:aws:iam::111122223333:root"}`, `"kms:*"`), "", ""},
		{allow(`{"AWS": ["arn:aws:iam::111122223333:user/tester"]}`, `["kms:Encrypt", "kms:PutKeyPolicy"]`), "", ""},
		{allow(`{"AWS": "111122223333"}`, `"KMS:put*"`), "", ""},
		{allow(`"*"`, `"*"`), "", ""},
	} {
		w := newWorld(t)
		id := w.key()
		_, put := w.PutKeyPolicy(t.Context(), &awskms.PutKeyPolicyInput{KeyId: &id, Policy: &c.policy})
		_, create := w.CreateKey(t.Context(), &awskms.CreateKeyInput{Policy: &c.policy})
		if c.code == "" {
			if put != nil || create != nil {
				t.Errorf("%s: %v, %v", c.policy, put, create)
			}
			if got := *must(w.GetKeyPolicy(t.Context(),
				&awskms.GetKeyPolicyInput{KeyId: &id})).Policy; got != c.policy {
				t.Errorf("it became %s", got)
			}
			continue
		}
		refused(t, put, c.code, c.text)
		refused(t, create, c.code, c.text)
	}
}

func TestPolicySafetyCheck(t *testing.T) {
	w := newWorld(t)
	id := w.key()
	policy := `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ops"}, ` +
		`"Action": "kms:*", "Resource": "*"}}`
	in := awskms.PutKeyPolicyInput{KeyId: &id, Policy: &policy}
	_, err := w.PutKeyPolicy(t.Context(), &in)
	refused(t, err, "MalformedPolicyDocumentException", "")
	in.BypassPolicyLockoutSafetyCheck = true
	must(w.PutKeyPolicy(t.Context(), &in))
	w.caller, in.BypassPolicyLockoutSafetyCheck = "arn:aws:sts::111122223333:assumed-role/ops/session", false
	must(w.PutKeyPolicy(t.Context(), &in))
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.create(awskms.CreateKeyInput{Tags: []types.Tag{
		{TagKey: aws.String("b"), TagValue: aws.String("1")}, {TagKey: aws.String("a"), TagValue: aws.String("2")},
	}})
	put := func(tags ...types.Tag) error {
		_, err := w.TagResource(ctx, &awskms.TagResourceInput{KeyId: &id, Tags: tags})
		return err
	}
	list := func() string {
		var b strings.Builder
		for _, tag := range must(w.ListResourceTags(ctx, &awskms.ListResourceTagsInput{KeyId: &id})).Tags {
			b.WriteString(*tag.TagKey + "=" + *tag.TagValue + " ")
		}
		return b.String()
	}
	tag := func(key, value string) types.Tag { return types.Tag{TagKey: &key, TagValue: &value} }
	if err := put(tag("b", "3"), tag("c", "")); err != nil {
		t.Fatal(err)
	}
	if got := list(); got != "a=2 b=3 c= " {
		t.Errorf("tagged: %s", got)
	}
	must(w.UntagResource(ctx, &awskms.UntagResourceInput{KeyId: &id, TagKeys: []string{"b", "none"}}))
	if got := list(); got != "a=2 c= " {
		t.Errorf("untagged: %s", got)
	}
	refused(t, put(tag("aws:x", "1")), "TagException", "")
	refused(t, put(tag("x", "1"), tag("x", "2")), "TagException", "Duplicate tag keys")
	refused(t, put(tag(strings.Repeat("x", 129), "1")), "ValidationException", "tags.1.member.tagKey")
	refused(t, put(tag("x", strings.Repeat("x", 257))), "ValidationException", "tags.1.member.tagValue")
	refused(t, put(tags(0, 49)...), "TagException", "Too many tags")
	if got := list(); got != "a=2 c= " {
		t.Errorf("a refused request left %s", got)
	}
	if err := put(tags(0, 48)...); err != nil {
		t.Errorf("fifty tags: %v", err)
	}
	if err := put(tag("a", "5")); err != nil {
		t.Errorf("replacing one of fifty: %v", err)
	}
	for _, bad := range [][]types.Tag{tags(0, 51), {tag("aws:x", "1")}} {
		_, err := w.CreateKey(ctx, &awskms.CreateKeyInput{Tags: bad})
		refused(t, err, "TagException", "")
	}
}

func TestGrants(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id := w.key()
	in := awskms.CreateGrantInput{
		KeyId: &id, Name: aws.String("reader"), GranteePrincipal: aws.String("arn:aws:iam::111122223333:role/reader"),
		Operations:  []types.GrantOperation{types.GrantOperationDecrypt, types.GrantOperationDescribeKey},
		Constraints: &types.GrantConstraints{EncryptionContextSubset: map[string]string{"a": "b"}},
	}
	one := must(w.CreateGrant(ctx, &in))
	if again := must(w.CreateGrant(ctx, &in)); *again.GrantId != *one.GrantId {
		t.Error("a repeated request with a name made another grant")
	}
	in.Name = nil
	two := must(w.CreateGrant(ctx, &in))
	three := must(w.CreateGrant(ctx, &in))
	if *two.GrantId == *three.GrantId {
		t.Error("requests without a name are different grants")
	}
	w.reload()
	list := func(id string) []types.GrantListEntry {
		t.Helper()
		return must(w.ListGrants(ctx, &awskms.ListGrantsInput{KeyId: in.KeyId, GrantId: &id})).Grants
	}
	for _, g := range []*string{one.GrantId, two.GrantId, three.GrantId} {
		if got := list(*g); len(got) != 1 || *got[0].GrantId != *g {
			t.Errorf("grant %s is listed as %v", *g, got)
		}
	}
	g := list(*one.GrantId)[0]
	if *g.KeyId != keyARN(id) || *g.Name != "reader" || len(g.Operations) != 2 ||
		*g.IssuingAccount != "arn:aws:iam::111122223333:root" ||
		g.Constraints.EncryptionContextSubset["a"] != "b" {
		t.Errorf("%+v", g)
	}
	must(w.RevokeGrant(ctx, &awskms.RevokeGrantInput{KeyId: &id, GrantId: two.GrantId}))
	must(w.RetireGrant(ctx, &awskms.RetireGrantInput{GrantToken: three.GrantToken}))
	if n := len(must(w.ListGrants(ctx, &awskms.ListGrantsInput{KeyId: &id})).Grants); n != 1 {
		t.Errorf("%d are left", n)
	}
	_, err := w.RevokeGrant(ctx, &awskms.RevokeGrantInput{KeyId: &id, GrantId: two.GrantId})
	refused(t, err, "NotFoundException", "")
	_, err = w.RetireGrant(ctx, &awskms.RetireGrantInput{GrantToken: aws.String("nonsense")})
	refused(t, err, "InvalidGrantTokenException", "")
	in.Operations = []types.GrantOperation{types.GrantOperationSign}
	_, err = w.CreateGrant(ctx, &in)
	refused(t, err, "ValidationException", "Operation Sign is not supported")
}
