package kmsapi

import (
	"encoding/json"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// What a key policy says of a call, as KMS judges it.
func TestPolicyJudge(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/1234"
	by := func(principal, rest string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"kms:Decrypt"` + rest + `}`
	}
	anybody := func(rest string) string { return by(`"*"`, rest) }
	const all = `,"Resource":"*"`
	for name, c := range map[string]struct {
		statements string
		want       verdict
	}{
		"nothing":              {``, silent},
		"the caller":           {by(`{"AWS":"arn:aws:iam::111122223333:user/app"}`, all), allowed},
		"another":              {by(`{"AWS":"arn:aws:iam::111122223333:user/other"}`, all), silent},
		"the account":          {by(`{"AWS":["x","111122223333"]}`, all), allowed},
		"another account":      {by(`{"AWS":"arn:aws:iam::999999999999:root"}`, all), silent},
		"a service":            {by(`{"Service":"s3.amazonaws.com"}`, all), silent},
		"its own ARN":          {anybody(`,"Resource":"` + key + `"`), allowed},
		"another key's":        {anybody(`,"Resource":["arn:aws:kms:eu-west-1:111122223333:key/5678"]`), silent},
		"a pattern":            {anybody(`,"Resource":"arn:aws:kms:*:*:key/12?4"`), allowed},
		"another pattern":      {anybody(`,"Resource":"arn:aws:kms:*:*:key/13*"`), silent},
		"no Resource":          {anybody(``), silent},
		"NotResource, another": {anybody(`,"NotResource":"arn:aws:kms:*:*:key/5678"`), allowed},
		"NotResource, its own": {anybody(`,"NotResource":"` + key + `"`), silent},
		"another act":          {`{"Effect":"Allow","Principal":"*","Action":"kms:Enc*","Resource":"*"}`, silent},
		"any case":             {`{"Effect":"Allow","Principal":"*","Action":"KMS:dec*","Resource":"*"}`, allowed},
		"NotAction": {`{"Effect":"Allow","Principal":"*","NotAction":"kms:Decrypt","Resource":"*"}`,
			silent},
		"NotPrincipal": {`{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/app"},` +
			`"Action":"*","Resource":"*"}`, silent},
		"denied": {anybody(all) +
			`,{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}`, denied},
		"denied of another key": {anybody(all) +
			`,{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"arn:aws:kms:a:b:key/5"}`, allowed},
		"of this account": {anybody(all +
			`,"Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"}}`), allowed},
		"of another account only": {anybody(all +
			`,"Condition":{"StringEquals":{"aws:PrincipalAccount":["999999999999"]}}`), silent},
		"by name": {anybody(all +
			`,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/a*"}}`), allowed},
		"by another name": {anybody(all +
			`,"Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/a*"}}`), silent},
		"what it knows nothing of": {anybody(all + `,"Condition":{"StringEquals":{"kms:ViaService":"s3"}}`), silent},
		"if it is there": {anybody(all + `,"Condition":{"StringEqualsIfExists":{"kms:ViaService":"s3"}}`),
			allowed},
		"not there, so not equal": {anybody(all + `,"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`),
			allowed},
		"that it is not there": {anybody(all + `,"Condition":{"Null":{"aws:PrincipalOrgID":"true"}}`), allowed},
		"that it is there":     {anybody(all + `,"Condition":{"Null":{"aws:PrincipalOrgID":"false"}}`), silent},
	} {
		var d policyDocument
		if err := json.Unmarshal([]byte(`{"Statement":[`+c.statements+`]}`), &d); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := &request{region: newRegion("eu-west-1", "111122223333"),
			Call: wire.Call{Region: "eu-west-1", Account: "111122223333", Caller: "arn:aws:iam::111122223333:user/app"}}
		if got := d.judge(r, "kms:Decrypt", key); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
