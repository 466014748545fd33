package kit

import (
	"encoding/json"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// terraform writes the table, the roles and an alarm as HCL. The policies are files beside
// it, each as init --iam writes it.
func (q *Request) terraform() (Kit, error) {
	k := Kit{Next: plan.Try("terraform", "-chdir="+q.Dir, "init").Then("terraform", "-chdir="+q.Dir, "plan")}
	stack, err := q.stack()
	if err != nil {
		return k, err
	}
	for _, p := range stack.Policies {
		if err := k.addJSON(p.Name, p.Document); err != nil {
			return k, err
		}
	}
	for _, r := range stack.Roles {
		if err := k.addJSON("trust-"+string(r.Role), r.Trust); err != nil {
			return k, err
		}
	}
	return k, k.add("keyturn.tf", "keyturn.tf", stack)
}

// addJSON adds a policy as a file of its own.
func (k *Kit) addJSON(name string, policy any) error {
	text, err := json.MarshalIndent(policy, "", "  ")
	k.Files = append(k.Files, File{Path: "policies/" + name + ".json", Text: string(text) + "\n"})
	return err
}

// hcl returns a text as HCL has it in quotes.
// https://developer.hashicorp.com/terraform/language/expressions/strings
func hcl(text string) string {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")
	return `"` + escaped.Replace(text) + `"`
}
