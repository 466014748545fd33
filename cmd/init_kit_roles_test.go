package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/sandbox"
)

// The policies of the roles are those of init --iam, statement for statement.
func TestInitKitPolicies(t *testing.T) {
	c := newCloud(t)
	many, err := filepath.Abs("../internal/iam/testdata/many.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for plan, flags := range map[string][]string{
		many:   nil,
		c.plan: {"--read", "--also-alias", "alias/old-name", "--pattern", "alias/orders-*"},
	} {
		c.plan = plan
		want := map[string]iam.Document{}
		for _, role := range iam.Roles() {
			p, exit := c.run(append([]string{"init", "--iam", string(role), "--output", "json"}, flags...)...)
			var d document.InitIAM
			if err := json.Unmarshal(p.out.Bytes(), &d); exit != 0 || err != nil || len(d.Parts) != 1 {
				t.Fatalf("exit %d, %v\n%s", exit, err, p.err.String())
			}
			for i, policy := range d.Parts[0].Policies {
				want[iamFile(&d, 0, i)] = policy
			}
		}
		if diff := cmp.Diff(want, terraformPolicies(t, c.kit("terraform", flags...))); diff != "" {
			t.Errorf("%s: init --iam (-), Terraform (+):\n%s", plan, diff)
		}
		if diff := cmp.Diff(want, templateOf(t, c.kit("cloudformation", flags...)).policies()); diff != "" {
			t.Errorf("%s: init --iam (-), CloudFormation (+):\n%s", plan, diff)
		}
	}
}

func terraformPolicies(t *testing.T, dir string) map[string]iam.Document {
	t.Helper()
	all := map[string]iam.Document{}
	files, err := filepath.Glob(filepath.Join(dir, "policies", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "trust-") {
			continue
		}
		text, err := os.ReadFile(file)
		var d iam.Document
		if err == nil {
			err = json.Unmarshal(text, &d)
		}
		if err != nil {
			t.Fatal(err)
		}
		all[name] = d
	}
	return all
}

// template is what is read of a template of CloudFormation. JSON has the names of IAM.
type template struct {
	Resources map[string]struct {
		Type       string
		Properties struct {
			ManagedPolicyName         string
			PolicyDocument            iam.Document
			TableName, BillingMode    string
			DeletionProtectionEnabled bool
			AttributeDefinitions      []struct{ AttributeName, AttributeType string }
			KeySchema                 []struct{ AttributeName, KeyType string }
		}
	}
}

func templateOf(t *testing.T, dir string) (out template) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "keyturn.yaml"))
	if err == nil {
		text, err = yaml.YAMLToJSON(text)
	}
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (d template) policies() map[string]iam.Document {
	all := map[string]iam.Document{}
	for _, r := range d.Resources {
		if r.Type == "AWS::IAM::ManagedPolicy" {
			all[strings.TrimPrefix(r.Properties.ManagedPolicyName, "keyturn-")+".json"] = r.Properties.PolicyDocument
		}
	}
	return all
}

// The table of the template is that of init --table; package kit compares it with
// Terraform's.
func TestInitKitTable(t *testing.T) {
	c := newCloud(t)
	api := c.table()
	out, err := api.DescribeTable(t.Context(), &awsddb.DescribeTableInput{TableName: aws.String("keyturn")})
	if err != nil {
		t.Fatal(err)
	}
	made, got := out.Table, templateOf(t, c.kit("cloudformation")).Resources["TableKeyturn"].Properties
	schema, attributes := map[string]string{}, map[string]string{}
	for _, k := range made.KeySchema {
		schema[*k.AttributeName] = string(k.KeyType)
	}
	for _, a := range made.AttributeDefinitions {
		attributes[*a.AttributeName] = string(a.AttributeType)
	}
	for _, k := range got.KeySchema {
		if schema[k.AttributeName] != k.KeyType {
			t.Errorf("%+v", k)
		}
	}
	for _, a := range got.AttributeDefinitions {
		if attributes[a.AttributeName] != a.AttributeType {
			t.Errorf("%+v", a)
		}
	}
	if len(got.KeySchema) != len(schema) || len(got.AttributeDefinitions) != len(attributes) ||
		got.TableName != *made.TableName || got.BillingMode != string(made.BillingModeSummary.BillingMode) ||
		got.DeletionProtectionEnabled != *made.DeletionProtectionEnabled {
		t.Errorf("%+v", got)
	}
}

// Without --read AWS is not asked, and the account is a place to fill in; with it, it is known.
func TestInitKitAccount(t *testing.T) {
	c := newCloud(t)
	before := len(c.box.Journal())
	policy := func(flags ...string) string {
		text, err := os.ReadFile(filepath.Join(c.kit("terraform", flags...), "policies", "cron.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := policy(); !strings.Contains(text, "arn:aws:kms:eu-west-1:FILL-IN-ACCOUNT:key/*") {
		t.Error(text)
	}
	if n := len(c.box.Journal()) - before; n != 0 {
		t.Errorf("AWS was asked %d times", n)
	}
	if text := policy("--read"); !strings.Contains(text, "arn:aws:kms:eu-west-1:"+sandbox.DefaultAccount+":key/*") {
		t.Error(text)
	}
	for _, e := range c.box.Journal()[before:] {
		if e.Mutates {
			t.Errorf("it sent %s", e.Operation)
		}
	}
}

// A plan that needs several roles is refused, and the kit does not write half of it.
func TestInitKitTooManyKeys(t *testing.T) {
	c := newCloud(t)
	var b strings.Builder
	b.WriteString("region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n")
	for i := range 200 {
		b.WriteString("  - {alias: alias/payments-" + strings.Repeat("x", 40) + string(rune('a'+i%26)) +
			strings.Repeat("y", i/26) + "}\n")
	}
	if err := os.WriteFile(c.plan, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "kit")
	p, exit := c.run("init", "--kit", "terraform", "--out", dir)
	if exit != 64 || !strings.Contains(p.err.String(), "too many keys for one role") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it wrote")
	}
}
