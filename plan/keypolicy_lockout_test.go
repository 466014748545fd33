package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

var owner = plan.KeyOwner{Partition: "aws", Account: "111122223333"}

// Only what is proven counts: in doubt KMS is asked whether the caller could
// change the policy.
func TestKeyPolicyLeaves(t *testing.T) {
	const (
		root    = `"Principal":{"AWS":"arn:aws:iam::111122223333:root"}`
		admins  = `"Principal":{"AWS":"arn:aws:iam::111122223333:role/admins"}`
		full    = `,"Action":"kms:*","Resource":"*"`
		account = plan.LeavesToAccount
		named   = plan.LeavesToNamed
		nobody  = plan.LeavesUnknown
	)
	allow := func(members string) string { return `{"Effect":"Allow",` + members + `}` }
	deny := func(members string) string { return `{"Effect":"Deny",` + members + `}` }
	when := func(test string) string { return full + `,"Condition":{` + test + `}` }
	policy := func(statements ...string) string {
		text := `{"Version":"2012-10-17","Statement":[`
		for i, s := range statements {
			if i > 0 {
				text += ","
			}
			text += s
		}
		return text + "]}"
	}
	for name, c := range map[string]struct {
		policy string
		want   plan.LeavesKeyTo
	}{
		"the default policy":         {policy(allow(root + full)), account},
		"one statement, no brackets": {`{"Statement":` + allow(root+full) + `}`, account},
		"no Version":                 {`{"Statement":[` + allow(root+full) + `]}`, account},
		"by its number": {policy(allow(`"Principal":{"AWS":["arn:aws:iam::111122223333:role/a","111122223333"]},` +
			`"Action":["kms:Put*"],"Resource":["*"]`)), account},
		"any action": {policy(allow(root + `,"Action":"*","Resource":"*"`)), account},
		"this action": {policy(allow(root +
			`,"Action":["kms:Get*","kms:PutKeyPolicy"],"Resource":"*"`)), account},
		"in any case":   {policy(allow(root + `,"Action":"KMS:putkeypolicy","Resource":"*"`)), account},
		"a letter open": {policy(allow(root + `,"Action":"kms:PutKeyPolic?","Resource":"*"`)), account},
		"among resources": {policy(allow(root +
			`,"Action":"kms:*","Resource":["arn:aws:kms:eu-west-1:111122223333:key/1","*"]`)), account},
		"beside a service": {policy(allow(root+full),
			allow(`"Principal":{"Service":"s3.amazonaws.com"},"Action":"kms:Decrypt","Resource":"*"`)), account},
		"beside one on a condition": {policy(allow(root+when(`"Bool":{"aws:MultiFactorAuthPresent":"true"}`)),
			allow(root+full)), account},
		"beside a Deny of other acts": {policy(allow(root+full),
			deny(`"Principal":"*","Action":"kms:ScheduleKeyDeletion","Resource":"*"`)), account},
		"beside a Deny of all but it": {policy(allow(root+full),
			deny(`"Principal":"*","NotAction":"kms:Put*","Resource":"*"`)), account},

		"a role": {policy(allow(admins + full)), named},
		"a user": {policy(allow(`"Principal":{"AWS":["arn:aws:iam::111122223333:user/path/eve"]}` +
			full)), named},
		"a role and a service": {policy(allow(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/admins",` +
			`"Service":"s3.amazonaws.com"}` + full)), named},
		"callers of the account": {policy(allow(root +
			when(`"StringEquals":{"kms:CallerAccount":"111122223333"}`))), named},
		"of an organization": {policy(allow(admins +
			when(`"StringEquals":{"aws:PrincipalOrgID":"o-1"}`))), named},
		"by their names": {policy(allow(root +
			when(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-reserved/*"}`))), named},
		"by their tags": {policy(allow(root +
			when(`"StringEquals":{"aws:PrincipalTag/team":"sec"}`))), named},
		"by another of their tags": {policy(allow(root +
			when(`"StringEquals":{"aws:PrincipalTag/team":"${aws:PrincipalTag/owner, 'nobody'}"}`))), named},
		"the account, and on a condition": {policy(allow(root+full),
			allow(admins+when(`"StringEquals":{"aws:PrincipalOrgID":"o-1"}`))), account},

		"another account": {policy(allow(`"Principal":{"AWS":"arn:aws:iam::999999999999:root"}` + full)),
			nobody},
		"its number": {policy(allow(`"Principal":{"AWS":"999999999999"}` + full)), nobody},
		"a role of another account": {policy(allow(`"Principal":{"AWS":"arn:aws:iam::999999999999:role/admins"}` +
			full)), nobody},
		"another partition": {policy(allow(`"Principal":{"AWS":"arn:aws-cn:iam::111122223333:root"}` +
			full)), nobody},
		"a service":               {policy(allow(`"Principal":{"Service":"s3.amazonaws.com"}` + full)), nobody},
		"a service by the number": {policy(allow(`"Principal":{"Service":"111122223333"}` + full)), nobody},
		"an identity provider": {policy(allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:role/x"}` +
			full)), nobody},
		"anybody":        {policy(allow(`"Principal":"*"` + full)), nobody},
		"anybody in AWS": {policy(allow(`"Principal":{"AWS":"*"}` + full)), nobody},
		"a role by a pattern": {policy(allow(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/*"}` + full)),
			nobody},
		"a role that was deleted": {policy(allow(`"Principal":{"AWS":"AROACKCEVSQ6C2EXAMPLE"}` + full)), nobody},
		"a session": {policy(allow(`"Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/a/b"}` +
			full)), nobody},
		"everybody but": {policy(allow(`"NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/app"}` +
			full)), nobody},
		"no principal": {policy(allow(`"Sid":"x"` + full)), nobody},
		"other acts": {policy(allow(root + `,"Action":["kms:Get*","kms:Encrypt"],"Resource":"*"`)),
			nobody},
		"all acts but": {policy(allow(root + `,"NotAction":"kms:Decrypt","Resource":"*"`)), nobody},
		"with MFA": {policy(allow(root + when(`"Bool":{"aws:MultiFactorAuthPresent":"true"}`))),
			nobody},
		"by a service": {policy(allow(root +
			when(`"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}`))), nobody},
		"from an address": {policy(allow(root + when(`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`))), nobody},
		"of a key with a tag": {policy(allow(root + when(`"StringEquals":{"aws:ResourceTag/team":"x"}`))),
			nobody},
		"of a key with an alias": {policy(allow(root +
			when(`"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/x"}`))), nobody},
		"callers, and of such a key": {policy(allow(root +
			when(`"StringEquals":{"kms:CallerAccount":"111122223333","kms:KeySpec":"RSA_2048"}`))), nobody},
		"by a tag that the key has too": {policy(allow(root +
			when(`"StringEquals":{"aws:PrincipalTag/team":"${aws:ResourceTag/team}"}`))), nobody},
		"by their tags and the key's": {policy(allow(root +
			when(`"StringLike":{"aws:PrincipalTag/team":["sec","${aws:PrincipalTag/a}-${aws:ResourceTag/b}"]}`))),
			nobody},
		"until some day": {policy(allow(root +
			when(`"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}`))), nobody},
		"denied": {policy(allow(root+full),
			deny(`"Principal":"*","Action":"kms:Put*","Resource":"*"`)), nobody},
		"denied before": {policy(deny(`"Principal":"*","Action":"*","Resource":"*"`), allow(root+full)),
			nobody},
		"denied in any case": {policy(allow(root+full),
			deny(`"Principal":"*","Action":"KMS:PUTKEYPOLICY","Resource":"*"`)), nobody},
		"denied to some": {policy(allow(root+full), deny(admins+full)), nobody},
		"denied on a condition": {policy(allow(root+full),
			deny(`"Principal":"*"`+when(`"Bool":{"aws:SecureTransport":"false"}`))), nobody},
		"denied all but some": {policy(allow(root+full), deny(`"Principal":"*","NotAction":"kms:Decrypt"`)),
			nobody},
		"denied to all but some": {policy(allow(root+full),
			deny(`"NotPrincipal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"`)), nobody},
		"denied with a star inside": {policy(allow(root+full),
			deny(`"Principal":"*","Action":"kms:*Policy","Resource":"*"`)), nobody},
		"denied with a letter open": {policy(allow(root+full), deny(`"Principal":"*","Action":"kms:PutKeyPolic?"`)),
			nobody},
		"an effect that is none": {policy(allow(root+full), `{"Effect":"allow",`+root+full+`}`), nobody},
		"of another key": {policy(allow(root +
			`,"Action":"kms:*","Resource":"arn:aws:kms:eu-west-1:111122223333:key/1"`)), nobody},
		"of all but another key": {policy(allow(root +
			`,"Action":"kms:*","NotResource":"arn:aws:kms:eu-west-1:111122223333:key/1"`)), nobody},
		"without a resource": {policy(allow(root + `,"Action":"kms:*"`)), nobody},
		"not a policy":       {`what`, nobody},
		"no policy":          {``, nobody},
	} {
		if got := plan.KeyPolicyLeaves(c.policy, owner); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if got := plan.KeyPolicyLeaves(c.policy, plan.KeyOwner{}); got != plan.LeavesUnknown {
			t.Errorf("%s, of nobody knows which account: %q", name, got)
		}
	}
	cn := plan.OwnerOf("arn:aws-cn:kms:cn-north-1:111122223333:key/1")
	if got := plan.KeyPolicyLeaves(policy(allow(`"Principal":{"AWS":"arn:aws-cn:iam::111122223333:root"}`+full)),
		cn); got != plan.LeavesToAccount {
		t.Errorf("in China: %q", got)
	}
}

// What a policy says of the caller is a no only if nothing can make it a yes.
func TestCallerMayPut(t *testing.T) {
	const full = `,"Action":"kms:*","Resource":"*"}`
	role := plan.Caller{ARN: "arn:aws:sts::111122223333:assumed-role/cron/i-1", Account: "111122223333"}
	user := plan.Caller{ARN: "arn:aws:iam::111122223333:user/eve", Account: "111122223333"}
	by := func(principal string) string { return `{"Effect":"Allow","Principal":` + principal + full }
	for name, c := range map[string]struct {
		statements string
		caller     plan.Caller
		want       plan.MayPut
	}{
		"its role": {by(`{"AWS":"arn:aws:iam::111122223333:role/cron"}`), role, plan.MayPutYes},
		"its session": {by(`{"AWS":"arn:aws:sts::111122223333:assumed-role/cron/i-1"}`), role,
			plan.MayPutYes},
		"the user":    {by(`{"AWS":["x","arn:aws:iam::111122223333:user/eve"]}`), user, plan.MayPutYes},
		"anybody":     {by(`"*"`), user, plan.MayPutYes},
		"the account": {by(`{"AWS":"arn:aws:iam::111122223333:root"}`), role, plan.MayPutUnknown},
		"its number":  {by(`{"AWS":"111122223333"}`), user, plan.MayPutUnknown},
		"a role with a path": {by(`{"AWS":"arn:aws:iam::111122223333:role/ops/cron"}`), role,
			plan.MayPutUnknown},
		"everybody but": {`{"Effect":"Allow","NotPrincipal":{"AWS":"x"}` + full, role, plan.MayPutUnknown},
		"on a condition": {`{"Effect":"Allow","Principal":"*","Condition":{"Bool":{"a":"true"}}` + full,
			role, plan.MayPutUnknown},
		"all acts but": {`{"Effect":"Allow","Principal":"*","NotAction":"kms:Decrypt","Resource":"*"}`,
			role, plan.MayPutUnknown},
		"of keys like some": {`{"Effect":"Allow","Principal":"*","Action":"kms:*",` +
			`"Resource":"arn:aws:kms:*:*:key/1*"}`, role, plan.MayPutUnknown},
		"another role":              {by(`{"AWS":"arn:aws:iam::111122223333:role/admins"}`), role, plan.MayPutNo},
		"a role of another account": {by(`{"AWS":"arn:aws:iam::999999999999:role/cron"}`), role, plan.MayPutNo},
		"another account":           {by(`{"AWS":"999999999999"}`), role, plan.MayPutNo},
		"a service":                 {by(`{"Service":"s3.amazonaws.com"}`), role, plan.MayPutNo},
		"other acts": {`{"Effect":"Allow","Principal":"*","Action":"kms:Encrypt","Resource":"*"}`,
			role, plan.MayPutNo},
		"of another key": {`{"Effect":"Allow","Principal":"*","Action":"kms:*",` +
			`"Resource":"arn:aws:kms:a:b:key/1"}`, role, plan.MayPutNo},
		"without a resource": {`{"Effect":"Allow","Principal":"*","Action":"kms:*"}`, role, plan.MayPutNo},
		"denied": {by(`"*"`) +
			`,{"Effect":"Deny","Principal":"*","Action":"kms:Put*","Resource":"*"}`, role, plan.MayPutNo},
		"denied to the account": {by(`"*"`) + `,{"Effect":"Deny","Principal":{"AWS":"111122223333"}` + full, role,
			plan.MayPutNo},
		"denied on a condition": {by(`"*"`) +
			`,{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"a":"true"}}` + full, role, plan.MayPutUnknown},
		"denied to others": {by(`"*"`) +
			`,{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"}` + full, role, plan.MayPutYes},
		"denied to all but": {by(`"*"`) + `,{"Effect":"Deny","NotPrincipal":{"AWS":"x"}` + full, role,
			plan.MayPutUnknown},
	} {
		if got := plan.CallerMayPut(`{"Statement":[`+c.statements+`]}`, c.caller); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := plan.CallerMayPut("what", role); got != plan.MayPutUnknown {
		t.Errorf("no policy: %q", got)
	}
}
