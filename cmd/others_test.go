package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/document"
)

// Two plans that share a table are one line in the audit of each, and no finding. A key that
// this plan's runs wrote, and that is not in it any more, is one.
func TestOtherPlansInTheTable(t *testing.T) {
	c := newCloud(t)
	c.must("run")
	ours := c.plan
	c.plan = filepath.Join(t.TempDir(), "billing.yaml")
	c.write(`name: billing
region: eu-west-1
schedule: {every: 90d}
drain: 30d
keys:
  - alias: alias/invoices
  - alias: alias/receipts
`)
	for _, alias := range []string{"alias/invoices", "alias/receipts"} {
		_, err := c.admin().CreateAlias(t.Context(), &awskms.CreateAliasInput{AliasName: aws.String(alias),
			TargetKeyId: aws.String(c.key())})
		c.check(err)
	}
	c.must("run")
	c.plan = ours
	p, exit := c.run("audit")
	const line = "\n2 records of other plans, not checked here: billing (2)\n"
	if exit != 0 || !strings.Contains(p.out.String(), line) || strings.Contains(p.out.String(), "not in plan") ||
		strings.Count(p.out.String(), "billing") != 1 || strings.Contains(p.out.String(), "invoices") {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
	d := c.audit(0)
	want := document.OtherPlan{Plan: "billing", Table: "keyturn",
		Records: []string{"eu-west-1/alias/invoices", "eu-west-1/alias/receipts"}}
	if len(d.OtherPlans) != 1 || d.OtherPlans[0].Plan != want.Plan || d.OtherPlans[0].Table != want.Table ||
		!slices.Equal(d.OtherPlans[0].Records, want.Records) || len(d.Findings) > 0 {
		text, _ := json.Marshal(d)
		t.Errorf("%s", text)
	}
	p, exit = c.run("audit", "--output", "sarif")
	if exit != 0 || !strings.Contains(p.out.String(), "2 records of plan billing in table keyturn: not checked here") {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}

	text, err := os.ReadFile(ours)
	c.check(err)
	c.write(strings.Replace(string(text), "alias/orders-data", "alias/invoices", 1))
	if d := c.audit(0); !strings.Contains(codes(d), "not-in-plan") || len(d.OtherPlans) != 1 ||
		!slices.Equal(d.OtherPlans[0].Records, []string{"eu-west-1/alias/receipts"}) {
		t.Errorf("%s, %+v", codes(d), d.OtherPlans)
	}
}
