package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// A policy is open if callers of any account pass, whatever they are asked for that each
// account can say about itself.
func TestOpenStatements(t *testing.T) {
	const (
		all      = `"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"`
		toThem   = `"Effect":"Allow","Action":"kms:*","Resource":"*",`
		others   = `"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}`
		notByAWS = `"Bool":{"aws:PrincipalIsAWSService":"false"}`
	)
	when := func(condition string) string { return `{` + all + `,"Condition":{` + condition + `}}` }
	deny := func(condition string) string {
		return `{` + all + `},{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{` +
			condition + `}}`
	}
	for name, c := range map[string]struct {
		statements string
		open       bool
	}{
		"everyone":            {`{` + all + `}`, true},
		"everyone, in short":  {`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"}`, true},
		"everyone in a list":  {`{` + toThem + `"Principal":{"AWS":["1","*"]}}`, true},
		"everyone but":        {`{` + toThem + `"NotPrincipal":{"AWS":"1"}}`, true},
		"a service":           {`{` + toThem + `"Principal":{"Service":"*"}}`, false},
		"an account":          {`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*"}`, false},
		"denied to everyone":  {`{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}`, false},
		"of an account":       {when(`"StringEquals":{"kms:CallerAccount":"111122223333"}`), false},
		"of an organization":  {when(`"StringEquals":{"aws:PrincipalOrgID":"o-1"}`), false},
		"of paths of it":      {when(`"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}`), false},
		"of any organization": {when(`"StringLike":{"aws:PrincipalOrgID":"*"}`), true},
		"of none, or of it":   {when(`"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}`), true},
		"of all values":       {when(`"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}`), true},
		"of all but one":      {when(`"StringNotEquals":{"kms:CallerAccount":"111122223333"}`), true},
		"a role":              {when(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}`), false},
		"a role of anybody":   {when(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}`), true},
		"of themselves":       {when(`"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}`), true},
		"through a service":   {when(`"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}`), true},
		"with a context":      {when(`"StringEquals":{"kms:EncryptionContext:a":"b"}`), true},
		"from an address":     {when(`"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}`), false},
		"from every address":  {when(`"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}`), true},
		"other accounts not":  {deny(others), false},
		"nor those without":   {deny(`"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}`), false},
		"services pass":       {deny(others + "," + notByAWS), false},
		"others at night not": {deny(others + `,"Bool":{"aws:SecureTransport":"false"}`), true},
		"one account not":     {deny(`"StringEquals":{"aws:PrincipalOrgID":"o-1"}`), true},
		"others may not delete": {`{` + all + `},{"Effect":"Deny","Principal":"*","Action":"kms:Delete*",` +
			`"Condition":{` + others + `}}`, true},
		"not JSON": {`{`, false},
	} {
		got := plan.OpenStatements(`{"Version":"2012-10-17","Statement":[` + c.statements + `]}`)
		if (len(got) > 0) != c.open || c.open && got[0] != "statement 1" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Policies are compared by what they mean for their own key, statement by statement.
func TestComparePolicies(t *testing.T) {
	const (
		v7  = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
		v8  = "arn:aws:kms:eu-west-1:111122223333:key/ffffabcd-12ab-34cd-56ef-1234567890ab"
		app = `{"Sid":"App","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},` +
			`"Action":["kms:Decrypt","kms:Encrypt"],"Resource":"*"}`
		root = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`
	)
	of := func(arn string, statements ...string) plan.PolicyOf {
		return plan.PolicyOf{ARN: arn, Name: "alias/x/v7",
			Text: `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`}
	}
	for name, c := range map[string]struct {
		wanted, has    plan.PolicyOf
		missing, added []string
		unclear        bool
	}{
		"the same":         {wanted: of(v7, root, app), has: of(v8, root, app)},
		"in another order": {wanted: of(v7, root, app), has: of(v8, app, root)},
		"without a name": {wanted: of(v7, root, app), has: of(v8, root, strings.Replace(strings.Replace(app,
			`"Sid":"App",`, "", 1), `["kms:Decrypt","kms:Encrypt"]`, `["kms:Encrypt","kms:Decrypt"]`, 1))},
		"an account by its number": {wanted: of(v7, strings.Replace(root, "arn:aws:iam::111122223333:root",
			"111122223333", 1)), has: of(v8, root)},
		"everyone, written otherwise": {wanted: of(v7, `{"Effect":"Deny","Principal":"*","Action":"kms:*"}`),
			has: of(v8, `{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"kms:*"}`)},
		"written otherwise": {
			wanted: of(v7, `{"Effect":"Deny","Principal":"*","Action":"kms:Put*",`+
				`"Condition":{"Bool":{"aws:SecureTransport":false}}}`),
			has: of(v8, `{"Effect":"Deny","Principal":"*","Action":["KMS:put*"],`+
				`"Condition":{"Bool":{"AWS:SecureTransport":["false"]}}}`)},
		"on another condition": {
			wanted:  of(v7, `{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}`),
			has:     of(v8, `{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}`),
			missing: []string{"statement 1"}, added: []string{"statement 1"}},
		"each names itself": {wanted: of(v7, strings.Replace(app, `"*"`, `"`+v7+`"`, 1)),
			has: of(v8, strings.Replace(app, `"*"`, `"`+v8+`"`, 1))},
		"one names the other": {wanted: of(v7, app), has: of(v8, strings.Replace(app, `"*"`, `"`+v7+`"`, 1)),
			missing: []string{"statement 1 (App)"}, added: []string{"statement 1 (App)"}},
		"one is gone":    {wanted: of(v7, root, app), has: of(v8, root), missing: []string{"statement 2 (App)"}},
		"one came":       {wanted: of(v7, root), has: of(v8, app, root), added: []string{"statement 1 (App)"}},
		"not understood": {wanted: of(v7, root), has: plan.PolicyOf{Text: "{"}, unclear: true},
	} {
		d := plan.ComparePolicies(c.wanted, c.has)
		if !slices.Equal(d.Missing, c.missing) || !slices.Equal(d.Added, c.added) || d.Unclear != c.unclear ||
			d.Same() != (c.missing == nil && c.added == nil && !c.unclear) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
