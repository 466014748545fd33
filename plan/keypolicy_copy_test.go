package plan_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

const (
	oldID   = "1234abcd-12ab-34cd-56ef-1234567890ab"
	oldARN  = "arn:aws:kms:eu-west-1:123456789012:key/" + oldID
	oldName = "alias/orders-data/v7"
)

// statementWith is a policy of one statement with further members.
func statementWith(members string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"kms:Decrypt",` + members + `}]}`
}

// What names the old key names the new one in the copy, and nothing else changes.
func TestCopyPolicyResource(t *testing.T) {
	const star, stays = `"*"`, ""
	other := strings.Replace(oldARN, "1234abcd", "ffffabcd", 1)
	for name, c := range map[string]struct {
		resource string // JSON
		want     string // JSON; "": as it was
	}{
		"everything":                      {`"*"`, stays},
		"a list of everything":            {`["*"]`, stays},
		"its own ARN":                     {`"` + oldARN + `"`, star},
		"its own ARN in a list":           {`["` + oldARN + `"]`, star},
		"its own and another's":           {`["` + oldARN + `","` + other + `"]`, `["*","` + other + `"]`},
		"its own twice":                   {`["` + oldARN + `","arn:aws:kms:*:*:key/*"]`, star},
		"its own and everything":          {`["` + oldARN + `","*"]`, star},
		"every key":                       {`"arn:aws:kms:*:*:key/*"`, star},
		"every key of the account":        {`"arn:aws:kms:eu-west-1:123456789012:key/*"`, star},
		"every key of another account":    {`"arn:aws:kms:eu-west-1:999999999999:key/*"`, stays},
		"every key of another Region":     {`"arn:aws:kms:us-east-1:123456789012:key/*"`, stays},
		"the beginning of its id":         {`"arn:aws:kms:eu-west-1:123456789012:key/1234*"`, star},
		"the beginning of another's id":   {`"arn:aws:kms:eu-west-1:123456789012:key/1235*"`, stays},
		"its id with a character open":    {`"` + strings.Replace(oldARN, "1234abcd", "1234?bcd", 1) + `"`, star},
		"another's with a character open": {`"` + strings.Replace(oldARN, "1234abcd", "?ffffbcd", 1) + `"`, stays},
		"stars within the id":             {`"arn:aws:kms:eu-west-1:123456789012:key/*-12ab-*-1234567890ab"`, star},
		"every resource of KMS":           {`"arn:aws:kms:*:*:*"`, star},
		"fewer segments than an ARN has":  {`"arn:aws:kms"`, star},
		"any ARN":                         {`"arn:*"`, star},
		"two stars":                       {`"**"`, star},
		"another key's ARN":               {`"` + other + `"`, stays},
		"other keys' ARNs": {`["` + other + `","` + strings.Replace(other, "ffff", "eeee", 1) + `"]`,
			stays},
		"an alias":                          {`"arn:aws:kms:eu-west-1:123456789012:alias/orders-data"`, stays},
		"every alias":                       {`"arn:aws:kms:*:*:alias/*"`, stays},
		"another partition":                 {`"arn:aws-cn:kms:*:*:key/*"`, stays},
		"another service":                   {`"arn:aws:s3:::bucket/*"`, stays},
		"a variable and every key":          {`"arn:aws:kms:*:${aws:PrincipalAccount}:key/*"`, stays},
		"a variable and another key":        {`"arn:aws:kms:*:${aws:PrincipalAccount}:key/ffff*"`, stays},
		"what no segment of an ARN matches": {`"key/*"`, stays},
	} {
		policy := statementWith(`"Resource":` + c.resource + `,"Sid":"App"`)
		got := plan.CopyPolicy(policy, oldARN, oldName)
		if got.Trouble != "" {
			t.Errorf("%s: %s", name, got.Trouble)
			continue
		}
		if c.want == stays {
			if got.Text != policy || got.Translated != nil {
				t.Errorf("%s: became %s, %v", name, got.Text, got.Translated)
			}
			continue
		}
		want := statementWith(`"Resource":` + c.want + `,"Sid":"App"`)
		if !sameJSON(t, got.Text, want) || !reflect.DeepEqual(got.Translated, []string{"statement 1 (App)"}) {
			t.Errorf("%s: became %s, %v", name, got.Text, got.Translated)
		}
		if again := plan.CopyPolicy(got.Text, oldARN, oldName); again.Text != got.Text || again.Translated != nil {
			t.Errorf("%s: a copy of the copy differs: %+v", name, again)
		}
	}
}

// What cannot be said of another key, or may not mean what it says, is not copied.
func TestCopyPolicyTrouble(t *testing.T) {
	condition := func(test string) string { return statementWith(`"Resource":"*","Condition":{` + test + `}`) }
	for name, c := range map[string]struct{ policy, trouble string }{
		"NotResource":                  {statementWith(`"NotResource":"arn:aws:kms:*:*:key/ffff"`), "has NotResource"},
		"NotResource with its own ARN": {statementWith(`"NotResource":["` + oldARN + `"]`), "has NotResource"},
		"a variable in its own ARN": {statementWith(`"Resource":"arn:aws:kms:*:${aws:PrincipalAccount}:key/` +
			oldID + `"`), "may mean this key alone"},
		"a variable as an id": {statementWith(`"Resource":"arn:aws:kms:*:*:key/1234${aws:username}"`),
			"may mean this key alone"},
		"a star across segments": {statementWith(`"Resource":"*:key/` + oldID + `"`), "may mean this key alone"},
		"its bare id":            {statementWith(`"Resource":"` + oldID + `"`), "may mean this key alone"},
		"its ARN in capitals": {statementWith(`"Resource":"` + strings.ToUpper(oldARN) + `"`),
			"may mean this key alone"},
		"among others": {statementWith(`"Resource":["*","` + oldID + `"]`), "may mean this key alone"},

		"StringEquals": {condition(`"StringEquals":{"kms:EncryptionContext:key":"` + oldARN + `"}`),
			"StringEquals kms:EncryptionContext:key"},
		"ArnEquals": {condition(`"ArnEquals":{"aws:SourceArn":["arn:aws:s3:::b","` + oldARN + `"]}`),
			"ArnEquals aws:SourceArn"},
		"ArnNotLike": {condition(`"ArnNotLike":{"aws:SourceArn":"arn:aws:kms:*:*:key/1234*"}`),
			"ArnNotLike aws:SourceArn"},
		"ForAnyValue": {condition(`"ForAnyValue:StringLike":{"kms:EncryptionContextKeys":"*` + oldID + `*"}`),
			"ForAnyValue:StringLike"},
		"any case": {condition(`"StringEqualsIgnoreCase":{"x":"` + strings.ToUpper(oldID) + `"}`),
			"StringEqualsIgnoreCase x"},
		"with a variable": {condition(`"StringLike":{"x":"arn:aws:kms:*:${aws:PrincipalAccount}:key/1234*"}`),
			"StringLike x"},
		"its own alias": {condition(`"StringEquals":{"kms:RequestAlias":"` + oldName + `"}`),
			"StringEquals kms:RequestAlias"},
		"its alias's ARN": {condition(`"ArnLike":{"x":"arn:aws:kms:eu-west-1:123456789012:` + oldName + `"}`),
			"ArnLike x"},
		"some aliases and its own": {
			condition(`"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/orders-data/v7*"}`),
			"kms:ResourceAliases"},
		"one digit": {condition(`"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/*/v?"}`),
			"kms:ResourceAliases"},
		"its alias's ARN by a pattern": {condition(`"ArnNotLike":{"x":"arn:aws:kms:*:*:alias/orders-data/v7*"}`),
			"ArnNotLike x"},
		"its tag as a variable": {
			condition(`"StringEquals":{"aws:PrincipalTag/v":"${aws:ResourceTag/keyturn:version}"}`),
			"aws:PrincipalTag/v"},
		"and with a default": {
			condition(`"StringEquals":{"aws:PrincipalTag/v":"a${aws:resourcetag/Keyturn:claim, 'x'}"}`),
			"aws:PrincipalTag/v"},
		"a version's tag": {condition(`"StringEquals":{"aws:ResourceTag/keyturn:version":"7"}`),
			"aws:ResourceTag/keyturn:version"},
		"behind others": {condition(`"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"x":"` + oldARN +
			`"}`), "StringEquals x"},
		"in a Deny": {strings.Replace(condition(`"StringEquals":{"x":"`+oldARN+`"}`), "Allow", "Deny", 1),
			"StringEquals x"},
		"no JSON":           {`what`, "not a JSON object"},
		"a list":            {`[]`, "not a JSON object"},
		"two documents":     {`{}{}`, "more than one"},
		"an element":        {statementWith(`"resource":"*"`), `element "resource"`},
		"another Statement": {`{"statement":[]}`, `element "statement"`},
		"a number":          {statementWith(`"Resource":7`), "Resource of statement 1"},
		"a statement":       {`{"Statement":["x"]}`, "statement 1"},
		"Statement":         {`{"Statement":7}`, "Statement"},
	} {
		if got := plan.CopyPolicy(c.policy, oldARN, oldName); !strings.Contains(got.Trouble, c.trouble) ||
			got.Trouble == "" {
			t.Errorf("%s: %q, want %q", name, got.Trouble, c.trouble)
		}
	}
	for name, policy := range map[string]string{
		"the account":     condition(`"StringEquals":{"kms:CallerAccount":"123456789012"}`),
		"a service":       condition(`"StringEquals":{"kms:ViaService":["s3.eu-west-1.amazonaws.com"]}`),
		"an organization": condition(`"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}`),
		"the alias":       condition(`"StringEquals":{"kms:RequestAlias":"alias/orders-data"}`),
		"every version":   condition(`"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/orders-data*"}`),
		"every v<n>":      condition(`"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/orders-data/v*"}`),
		"a tag of both":   condition(`"StringEquals":{"aws:PrincipalTag/team":"${aws:ResourceTag/team}"}`),
		"every key":       condition(`"ArnLike":{"aws:SourceArn":"arn:aws:kms:*:*:key/*"}`),
		"anything":        condition(`"StringLike":{"kms:EncryptionContext:a":"*"}`),
		"a boolean":       condition(`"Bool":{"kms:GrantIsForAWSResource":true}`),
		"a number":        condition(`"NumericLessThan":{"kms:ScheduleKeyDeletionPendingWindowInDays":7}`),
		"the alias's tag": condition(`"StringEquals":{"aws:ResourceTag/keyturn:alias":"alias/orders-data"}`),
		"no Resource":     statementWith(`"Sid":"x"`),
		"NotPrincipal": `{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"1"},` +
			`"NotAction":["kms:Get*"],"Resource":"*"}}`,
		"no statement": `{}`,
		"an old Version": `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*",` +
			`"Resource":"arn:aws:kms:*:${aws:PrincipalAccount}:key/1"}}`,
		"other principals": `{"Statement":[{"Effect":"Allow","Principal":{"Service":"s3","Federated":["x"]},` +
			`"Action":"*","Resource":"*"}]}`,
		"a statement's list": `{"Id":"a","Statement":[]}`,
	} {
		if got := plan.CopyPolicy(policy, oldARN, oldName); got.Trouble != "" || got.Text != policy {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Statement as one object, in China, with numbers and characters that JSON writes
// in several ways.
func TestCopyPolicyKeepsTheRest(t *testing.T) {
	arn := strings.Replace(oldARN, "arn:aws:", "arn:aws-cn:", 1)
	policy := `{"Id":"a<b>&é","Statement":{"Effect":"Allow","Principal":"*","Action":["kms:*"],
		"Resource":"` + arn + `",
		"Condition":{"NumericEquals":{"x":12345678901234567890}}}}`
	got := plan.CopyPolicy(policy, arn, oldName)
	want := strings.Replace(policy, arn, "*", 1)
	if got.Trouble != "" || !sameJSON(t, got.Text, want) || !strings.Contains(got.Text, "12345678901234567890") ||
		!strings.Contains(got.Text, "a<b>&é") {
		t.Errorf("%+v", got)
	}
	if got := plan.CopyPolicy(policy, oldARN, oldName); got.Text != policy {
		t.Errorf("another partition's key: %s", got.Text)
	}
}

// Without an ARN nobody knows what is the key's own.
func TestCopyPolicyWithoutARN(t *testing.T) {
	if got := plan.CopyPolicy(statementWith(`"Resource":"*"`), "", oldName); got.Trouble != "" {
		t.Error(got.Trouble)
	}
	if got := plan.CopyPolicy(statementWith(`"Resource":"`+oldARN+`"`), "", oldName); got.Trouble == "" ||
		len(got.Translated) > 0 {
		t.Errorf("%+v", got)
	}
}

// A file that a person wrote may not name the live key either: the new one is
// another.
func TestFileNamesKey(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		is     bool
	}{
		"everything":          {statementWith(`"Resource":"*"`), false},
		"every key":           {statementWith(`"Resource":"arn:aws:kms:*:*:key/*"`), false},
		"another key":         {statementWith(`"Resource":"arn:aws:kms:eu-west-1:123456789012:key/ffff"`), false},
		"its own ARN":         {statementWith(`"Resource":["*","` + oldARN + `"]`), true},
		"part of its id":      {statementWith(`"Resource":"arn:aws:kms:*:*:key/1234*"`), true},
		"in a Condition":      {statementWith(`"Resource":"*","Condition":{"ArnLike":{"x":"` + oldARN + `"}}`), true},
		"another NotResource": {statementWith(`"NotResource":"arn:aws:kms:*:*:key/ffff"`), false},
		"no policy":           {`what`, false},
	} {
		if got := plan.FileNamesKey(c.policy, oldARN, oldName); (got != "") != c.is {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatalf("%v: %s", err, a)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return reflect.DeepEqual(x, y)
}
