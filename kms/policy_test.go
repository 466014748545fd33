package kms_test

import (
	"testing"

	"github.com/keyturn/keyturn/kms"
)

// Only what is plain counts: in doubt KMS is asked whether the caller could
// change the policy.
func TestAccountManages(t *testing.T) {
	const root = `"Principal":{"AWS":"arn:aws:iam::111122223333:root"}`
	for name, c := range map[string]struct {
		policy string
		want   bool
	}{
		"the default policy":          {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Resource":"*"}]}`, true},
		"one statement, no brackets":  {`{"Statement":{"Effect":"Allow",` + root + `,"Action":"kms:PutKeyPolicy","Resource":"*"}}`, true},
		"the account by its number":   {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/a","111122223333"]},"Action":["kms:Put*"],"Resource":"*"}]}`, true},
		"another partition":           {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws-cn:iam::111122223333:root"},"Action":"*","Resource":["*"]}]}`, true},
		"beside a Deny of other acts": {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"kms:ScheduleKeyDeletion","Resource":"*"}]}`, true},
		"another account":             {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"kms:*","Resource":"*"}]}`, false},
		"a role alone":                {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/admin"},"Action":"kms:*","Resource":"*"}]}`, false},
		"a service":                   {`{"Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"kms:*","Resource":"*"}]}`, false},
		"anybody":                     {`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}`, false},
		"other acts":                  {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":["kms:Get*","kms:Encrypt"],"Resource":"*"}]}`, false},
		"on a condition":              {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`, false},
		"denied":                      {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"kms:Put*","Resource":"*"}]}`, false},
		"denied but for some":         {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Resource":"*"},{"Effect":"Deny","Principal":"*","NotAction":"kms:Decrypt"}]}`, false},
		"of another key":              {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Resource":"arn:aws:kms:eu-west-1:111122223333:key/1"}]}`, false},
		"without a resource":          {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*"}]}`, false},
		"denied with a star inside":   {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"kms:*Policy","Resource":"*"}]}`, false},
		"denied with a letter open":   {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"kms:PutKeyPolic?"}]}`, false},
		"no policy":                   {``, false},
	} {
		if got := kms.AccountManages(c.policy, "111122223333"); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if kms.AccountManages(`{"Statement":[{"Effect":"Allow",`+root+`,"Action":"kms:*","Resource":"*"}]}`, "") {
		t.Error("the account is not known")
	}
}

func TestPortable(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		want   bool
	}{
		"somebody may change it":       {`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}`, true},
		"others may use its own key":   {`{"Statement":[{"Effect":"Allow","Action":"kms:Put*","Resource":"*"},{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:111122223333:key/1"}]}`, true},
		"of its own key alone":         {`{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:eu-west-1:111122223333:key/1"}]}`, false},
		"a statement without resource": {`{"Statement":[{"Effect":"Allow","Action":"kms:*"}]}`, false},
		"nobody may":                   {`{"Statement":[{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"},{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}`, false},
		"not a policy":                 {`what`, false},
	} {
		if got := kms.Portable(c.policy); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
