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
		"the account by its number":   {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/a","111122223333"]},"Action":["kms:Put*"]}]}`, true},
		"another partition":           {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws-cn:iam::111122223333:root"},"Action":"*"}]}`, true},
		"beside a Deny of other acts": {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*"},{"Effect":"Deny","Principal":"*","Action":"kms:ScheduleKeyDeletion"}]}`, true},
		"another account":             {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"kms:*"}]}`, false},
		"a role alone":                {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/admin"},"Action":"kms:*"}]}`, false},
		"a service":                   {`{"Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"kms:*"}]}`, false},
		"anybody":                     {`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*"}]}`, false},
		"other acts":                  {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":["kms:Get*","kms:Encrypt"]}]}`, false},
		"on a condition":              {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`, false},
		"denied":                      {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*"},{"Effect":"Deny","Principal":"*","Action":"kms:Put*"}]}`, false},
		"denied but for some":         {`{"Statement":[{"Effect":"Allow",` + root + `,"Action":"kms:*"},{"Effect":"Deny","Principal":"*","NotAction":"kms:Decrypt"}]}`, false},
		"no policy":                   {``, false},
	} {
		if got := kms.AccountManages(c.policy, "111122223333"); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if kms.AccountManages(`{"Statement":[{"Effect":"Allow",`+root+`,"Action":"kms:*"}]}`, "") {
		t.Error("the account is not known")
	}
}
