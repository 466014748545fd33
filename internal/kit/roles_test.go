package kit_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/kit"
)

// policies returns n policies, which say no more than whose they are.
func policies(role iam.Role, n int) (list []iam.Document) {
	for i := range n {
		list = append(list, iam.Document{Version: "2012-10-17", Statement: []iam.Statement{{
			Sid: fmt.Sprint("S", i), Effect: "Allow", Action: []string{"kms:" + string(role)},
			Resource:  []string{"arn:aws:kms:eu-west-1:012345678901:alias/${x}"},
			Condition: map[string]map[string][]string{"Null": {"a:b": {"false", "010", "1e3", "~", "*"}}},
		}}})
	}
	return list
}

func roles(t *testing.T, kind kit.Kind, identity kit.Identity) kit.Request {
	t.Helper()
	q := request(t, kind)
	q.Identity, q.Account = identity, "012345678901"
	q.Policies = map[iam.Role][]iam.Document{iam.Cron: policies(iam.Cron, 2), iam.ReadOnly: policies(iam.ReadOnly, 1),
		iam.BreakGlass: policies(iam.BreakGlass, 1)}
	return q
}

func identities() []kit.Identity {
	return []kit.Identity{kit.PodIdentity, kit.IRSA, kit.EC2, kit.ECS, kit.Actions}
}

func TestTerraform(t *testing.T) {
	for _, i := range identities() {
		k := write(t, roles(t, kit.Terraform, i))
		compare(t, "terraform-"+string(i), k)
		terraformParses(t, k)
	}
	q := roles(t, kit.Terraform, kit.EC2)
	q.Account, q.Partition = "", func(string) string { return "aws-cn" }
	q.Plan = parsed(t, strings.Replace(planText, "region:", "table: 1.lock-table\nregion:", 1))
	k := write(t, q)
	compare(t, "terraform-plain", k)
	terraformParses(t, k)
}

// terraformParses fails unless the file is HCL whose references all lead somewhere: to a
// resource, or to a file of the kit.
func terraformParses(t *testing.T, k kit.Kit) {
	t.Helper()
	source := text(t, k, "keyturn.tf")
	file, diagnostics := hclsyntax.ParseConfig([]byte(source), "keyturn.tf", hcl.InitialPos)
	if diagnostics.HasErrors() {
		t.Fatal(diagnostics)
	}
	has := map[string]bool{}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		name := strings.Join(b.Labels, ".")
		if has[name] && name != "" {
			t.Errorf("%s is there twice", name)
		}
		has[name] = true
	}
	for _, m := range regexp.MustCompile(`(?m)= (aws_\w+\.\w+)\.\w+$`).FindAllStringSubmatch(source, -1) {
		if !has[m[1]] {
			t.Errorf("no %s", m[1])
		}
	}
	read := map[string]bool{}
	for _, m := range regexp.MustCompile(`file\("\$\{path.module\}/(.+)"\)`).FindAllStringSubmatch(source, -1) {
		read[m[1]] = true
		text(t, k, m[1])
	}
	for _, f := range k.Files {
		if strings.HasSuffix(f.Path, ".json") && (!read[f.Path] || !json.Valid([]byte(f.Text))) {
			t.Errorf("%s is not read, or no JSON", f.Path)
		}
	}
}

func TestCloudFormation(t *testing.T) {
	for _, i := range identities() {
		k := write(t, roles(t, kit.CloudFormation, i))
		compare(t, "cloudformation-"+string(i), k)
		sameAsTerraform(t, k, write(t, roles(t, kit.Terraform, i)))
	}
}

// sameAsTerraform fails unless the policies of a template are those of the JSON files.
func sameAsTerraform(t *testing.T, cloudFormation, terraform kit.Kit) {
	t.Helper()
	var template struct {
		Resources map[string]struct {
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(text(t, cloudFormation, "keyturn.yaml")), &template); err != nil {
		t.Fatal(err)
	}
	var got, want []any
	for _, r := range template.Resources {
		for _, name := range []string{"PolicyDocument", "AssumeRolePolicyDocument"} {
			if d := r.Properties[name]; d != nil {
				got = append(got, d)
			}
		}
	}
	for _, f := range terraform.Files {
		if strings.HasSuffix(f.Path, ".json") {
			var d any
			if err := json.Unmarshal([]byte(f.Text), &d); err != nil {
				t.Fatal(err)
			}
			want = append(want, d)
		}
	}
	if diff := cmp.Diff(map[string]any{
		"name": "keyturn", "billing_mode": "PAY_PER_REQUEST", "deletion_protection_enabled": true,
		"HASH": "key key S", "RANGE": "item item S",
	}, terraformTable(t, terraform)); diff != "" {
		t.Errorf("the table (-), Terraform's (+):\n%s", diff)
	}
	table := template.Resources["TableKeyturn"].Properties
	if diff := cmp.Diff([]any{map[string]any{"AttributeName": "key", "KeyType": "HASH"},
		map[string]any{"AttributeName": "item", "KeyType": "RANGE"}}, table["KeySchema"]); diff != "" {
		t.Errorf("the keys (-), the template's (+):\n%s", diff)
	}
	if diff := cmp.Diff(bag(t, want), bag(t, got)); diff != "" {
		t.Errorf("the files (-), the template (+):\n%s", diff)
	}
}

// terraformTable returns what a file says of its table: HASH and RANGE are the name of the
// key, then its attribute and that one's type.
func terraformTable(t *testing.T, k kit.Kit) map[string]any {
	t.Helper()
	file, diagnostics := hclsyntax.ParseConfig([]byte(text(t, k, "keyturn.tf")), "keyturn.tf", hcl.InitialPos)
	if diagnostics.HasErrors() {
		t.Fatal(diagnostics)
	}
	value := func(b *hclsyntax.Body, name string) any {
		v, diagnostics := b.Attributes[name].Expr.Value(nil)
		if diagnostics.HasErrors() {
			t.Fatal(diagnostics)
		}
		if v.Type() == cty.Bool {
			return v.True()
		}
		return v.AsString()
	}
	got := map[string]any{}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if len(b.Labels) == 0 || b.Labels[0] != "aws_dynamodb_table" {
			continue
		}
		for _, name := range []string{"name", "billing_mode", "deletion_protection_enabled"} {
			got[name] = value(b.Body, name)
		}
		for _, a := range b.Body.Blocks {
			for _, of := range []string{"hash", "range"} {
				if a.Type == "attribute" && value(a.Body, "name") == value(b.Body, of+"_key") {
					got[strings.ToUpper(of)] = fmt.Sprint(value(b.Body, of+"_key"), " ", value(a.Body, "name"), " ",
						value(a.Body, "type"))
				}
			}
		}
	}
	return got
}

// bag counts values by their JSON.
func bag(t *testing.T, values []any) map[string]int {
	t.Helper()
	all := map[string]int{}
	for _, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all[string(text)]++
	}
	return all
}

// A role has at most as many policies as AWS allows.
func TestTooManyPolicies(t *testing.T) {
	q := roles(t, kit.Terraform, kit.EC2)
	q.Policies[iam.Cron] = policies(iam.Cron, 10)
	if _, err := kit.Write(q); err == nil || !strings.Contains(err.Error(), "keyturn-cron needs 11 policies") {
		t.Error(err)
	}
	q.Identity = kit.ECS
	if _, err := kit.Write(q); err != nil {
		t.Error(err)
	}
}

// A long template says that it must go by S3.
func TestLongTemplate(t *testing.T) {
	q := roles(t, kit.CloudFormation, kit.ECS)
	if k := write(t, q); len(k.Notes) > 0 {
		t.Error(k.Notes)
	}
	q.Policies[iam.Cron][0].Statement[0].Resource = strings.Split(strings.Repeat("arn:aws:kms,", 4500), ",")
	if k := write(t, q); len(k.Notes) != 1 {
		t.Error(k.Notes)
	}
}
