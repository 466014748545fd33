package screen

import (
	"slices"
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// Every command that somebody is told to type is about the same keys, and nobody's words
// are touched.
func TestHint(t *testing.T) {
	con := NewConsole(Streams{Same: Same{Plan: "a$b.yaml"}})
	boxed := NewConsole(Streams{Same: Same{Sandbox: true, State: "my s.json", File: "my s.json"}})
	for _, c := range []struct {
		con  *Console
		hint plan.Hint
		want []string
	}{
		{con, plan.Try("keyturn", "adopt", "orders-data"), []string{"next: keyturn --plan 'a$b.yaml' adopt " +
			"orders-data"}},
		{con, plan.Try("keyturn", "hold", "k", "--reason", "may keyturn run this").Noted("keyturn run stops"),
			[]string{"next: keyturn --plan 'a$b.yaml' hold k --reason 'may keyturn run this'",
				"note: keyturn run stops"}},
		{con, plan.Try("keyturn", "--help"), []string{"next: keyturn --help"}},
		{con, plan.WhoAmI(), []string{"next: aws sts get-caller-identity"}},
		{con, plan.Try("keyturn", "run").Then("keyturn", "status", "a\x1b"), []string{"note: " + plan.Untypable}},
		{con, plan.Hint{}, nil},
		{boxed, plan.Try("aws", "kms", "cancel-key-deletion", "--key-id", "x").Then("aws", "kms", "enable-key",
			"--key-id", "x"),
			[]string{"next: keyturn sandbox --state 'my s.json' -- aws kms cancel-key-deletion --key-id x",
				"next: keyturn sandbox --state 'my s.json' -- aws kms enable-key --key-id x"}},
	} {
		if got := c.con.lines("next", c.hint); !slices.Equal(got, c.want) {
			t.Errorf("%v became %q, want %q", c.hint, got, c.want)
		}
	}
}
