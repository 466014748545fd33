package screen

import "testing"

// Every command that a text tells somebody to type is about the same keys, and
// nothing else in the text is touched.
func TestHint(t *testing.T) {
	con := NewConsole(Streams{Same: Same{Plan: "a$b.yaml"}})
	for _, c := range []struct{ todo, want string }{
		{"keyturn adopt orders-data", "keyturn --plan 'a$b.yaml' adopt orders-data"},
		{"check table: in the plan; then keyturn adopt x", "check table: in the plan; then keyturn --plan 'a$b.yaml' " +
			"adopt x"},
		{"keyturn run finishes it; keyturn rotate x --abandon gives it up",
			"keyturn --plan 'a$b.yaml' run finishes it; keyturn --plan 'a$b.yaml' rotate x --abandon gives it up"},
		{"keyturn does nothing on this key", "keyturn does nothing on this key"},
		{"keyturn --help lists the commands", "keyturn --help lists the commands"},
	} {
		if got := con.Hint(c.todo); got != c.want {
			t.Errorf("%q became %q, want %q", c.todo, got, c.want)
		}
	}
	con.Same = Same{Sandbox: true, State: "my s.json", File: "my s.json"}
	if got, want := con.Hint("aws kms cancel-key-deletion --key-id x && aws kms enable-key --key-id x"),
		"keyturn sandbox --state 'my s.json' -- aws kms cancel-key-deletion --key-id x && keyturn sandbox --state "+
			"'my s.json' -- aws kms enable-key --key-id x"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	con.Same = Same{Plan: "p.yaml"}
	if got := con.Hint("aws sts get-caller-identity"); got != "aws sts get-caller-identity" {
		t.Error(got)
	}
}
