package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
)

// setPolicy sets the policy of the key behind an alias; KEY_ID in it is its id.
func (c *cloud) setPolicy(alias, policy string) {
	c.t.Helper()
	key, err := c.admin().DescribeKey(c.t.Context(), &awskms.DescribeKeyInput{KeyId: &alias})
	if err != nil {
		c.t.Fatal(err)
	}
	put := &awskms.PutKeyPolicyInput{KeyId: key.KeyMetadata.KeyId, BypassPolicyLockoutSafetyCheck: true,
		Policy: aws.String(strings.ReplaceAll(policy, "KEY_ID", *key.KeyMetadata.KeyId))}
	if _, err := c.admin().PutKeyPolicy(c.t.Context(), put); err != nil {
		c.t.Fatal(err)
	}
}

// rootMay lets the account do everything, on what is yet to be said.
const rootMay = `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*"`

// A policy that names its own key is translated, and that is said: before, in the
// dry-run, and by the run that does it.
func TestTranslationIsSaid(t *testing.T) {
	c := newCloud(t)
	c.setPolicy("alias/orders-data", rootMay+`,"Sid":"Admins",`+
		`"Resource":"arn:aws:kms:eu-west-1:111122223333:key/KEY_ID"}]}`)
	const note = "the key policy of v1 names its own ARN in Resource (statement 1 (Admins))"
	p, exit := c.run("run", "--dry-run")
	if text := p.out.String(); exit != 0 || !strings.Contains(text, "! "+note) ||
		!strings.Contains(text, "from v1, * in place of the ARN of v1") {
		t.Errorf("dry-run: exit %d\n%s%s", exit, text, p.err.String())
	}
	p, exit = c.run("run")
	if exit != 0 || !strings.Contains(p.err.String(), note) {
		t.Errorf("run: exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	c.advance(91 * 24 * time.Hour)
	if p, exit = c.run("run", "--dry-run"); exit != 0 || strings.Contains(p.out.String(), "its own ARN") {
		t.Errorf("again: exit %d\n%s", exit, p.out.String())
	}
}

// Where IAM or a condition decides whether KMS makes the key, a dry-run says that
// this is not known.
func TestLockoutCheckIsSaid(t *testing.T) {
	c := newCloud(t)
	c.setPolicy("alias/orders-data", rootMay+`,"Resource":"*",`+
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`)
	p, exit := c.run("run", "--dry-run")
	if text := p.out.String(); exit != 0 ||
		!strings.Contains(text, "KMS checks that the caller may kms:PutKeyPolicy") ||
		!strings.Contains(text, "is not known") {
		t.Errorf("exit %d\n%s%s", exit, text, p.err.String())
	}
}

// What a first plan's keys cannot pass on is said before the first window is due.
func TestInitMatchSaysWhatCannotBeCopied(t *testing.T) {
	const mfa = `"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	for policy, want := range map[string]string{
		rootMay + `,"Resource":"*"}]}`:                        "",
		rootMay + `,"NotResource":"arn:aws:kms:*:*:key/1"}]}`: "orders-data: its key policy cannot be copied",
		rootMay + `,"Resource":"*",` + mfa + `}]}`:            "needs kms:PutKeyPolicy",
	} {
		t.Run(want, func(t *testing.T) {
			c := newCloud(t)
			c.setPolicy("alias/orders-data", policy)
			p, exit := c.run("init", "--region", "eu-west-1", "--match", "alias/orders-*")
			if text := p.err.String(); exit != 0 || !strings.Contains(text, want) ||
				want == "" && strings.Contains(text, "key policy") {
				t.Errorf("exit %d, want %q:\n%s", exit, want, text)
			}
		})
	}
}
