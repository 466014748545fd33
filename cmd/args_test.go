package cmd

import (
	"strings"
	"testing"
)

// What is typed, and what urfave/cli is given: the command, flags, --, the
// rest. A line that would be read as something else than was meant is refused.
func TestArrange(t *testing.T) {
	for _, c := range []struct{ typed, given, wrong string }{
		{"run", "run", ""},
		{"run --dry-run -v", "run --dry-run -v", ""},
		{"adopt orders-data --reason x --dry-run", "adopt --reason x --dry-run -- orders-data", ""},
		{"adopt --reason x orders-data", "adopt --reason x -- orders-data", ""},
		{"--plan p.yaml adopt orders-data", "adopt --plan p.yaml -- orders-data", ""},
		{"--plan=p.yaml --sandbox run", "run --plan=p.yaml --sandbox", ""},
		{"-plan p.yaml run", "run -plan p.yaml", ""},
		{"adopt orders-data --reason=--dry-run", "adopt --reason=--dry-run -- orders-data", ""},
		{"adopt -- orders-data --dry-run", "adopt -- orders-data --dry-run", ""},
		{"sandbox --listen :1 -- sh -c true", "sandbox --listen :1 -- sh -c true", ""},
		{"run --unknown thing", "run --unknown -- thing", ""},
		{"run --dry-run false", "run --dry-run -- false", ""},
		{"adopt -", "adopt -- -", ""},
		{"rollback orders-data --help", "rollback --help", ""},
		{"rollback orders-data --reason -h", "", "--reason needs a value"},
		{"rollback orders-data --reason=-h", "rollback --reason=-h -- orders-data", ""},
		{"--version", "--version", ""},
		{"", "", ""},
		{"adopt orders-data --reason --dry-run", "", "--reason needs a value"},
		{"adopt orders-data --reason", "", "--reason needs a value"},
		{"run --wait", "", "--wait needs a value"},
		{"run --wait -1m", "run --wait -1m", ""},
		{"run --plan a.yaml --plan=b.yaml", "", "--plan is given twice"},
		{"--plan a.yaml run --plan a.yaml", "", "--plan is given twice"},
		{"run --key a --key b -v -v", "run --key a --key b -v -v", ""},
		{"rum --dry-run", "", `no command "rum"`},
		{"--plan run", "--plan run", ""}, // a plan called run, and no command
	} {
		app := newApp(&newProcess().Env)
		app.Setup()
		a, err := arrange(app, strings.Fields(c.typed))
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%q: %v, want %s", c.typed, err, c.wrong)
			}
			continue
		}
		if got := strings.Join(a.line(), " "); err != nil || got != c.given {
			t.Errorf("%q: %q, %v; want %q", c.typed, got, err, c.given)
		}
	}
}

// A hint repeats the flags that say which AWS and which plan are meant.
func TestSameFlags(t *testing.T) {
	for _, c := range []struct{ typed, same string }{
		{"run", ""},
		{"run --sandbox", "--sandbox "},
		{"--sandbox-state s.json --plan=p.yaml run --sandbox -v", "--plan p.yaml --sandbox --sandbox-state s.json "},
		{"--plan=it's;p.yaml run", `--plan "it's;p.yaml" `},
	} {
		app := newApp(&newProcess().Env)
		app.Setup()
		a, err := arrange(app, strings.Fields(c.typed))
		if got := spaced(a.same().flags()); err != nil || got != c.same {
			t.Errorf("%q: %q, %v; want %q", c.typed, got, err, c.same)
		}
	}
}

// Every command that a text tells somebody to type is about the same keys, and
// nothing else in the text is touched.
func TestHint(t *testing.T) {
	con := &console{same: same{plan: "a$b.yaml"}}
	for _, c := range []struct{ todo, want string }{
		{"keyturn adopt orders-data", "keyturn --plan 'a$b.yaml' adopt orders-data"},
		{"check table: in the plan; then keyturn adopt x", "check table: in the plan; then keyturn --plan 'a$b.yaml' adopt x"},
		{"keyturn run finishes it; keyturn rotate x --abandon gives it up",
			"keyturn --plan 'a$b.yaml' run finishes it; keyturn --plan 'a$b.yaml' rotate x --abandon gives it up"},
		{"keyturn does nothing on this key", "keyturn does nothing on this key"},
		{"keyturn --help lists the commands", "keyturn --help lists the commands"},
	} {
		if got := con.hint(c.todo); got != c.want {
			t.Errorf("%q became %q, want %q", c.todo, got, c.want)
		}
	}
	con.same = same{sandbox: true, state: "my s.json"}
	if got, want := con.hint("aws kms cancel-key-deletion --key-id x && aws kms enable-key --key-id x"),
		"keyturn sandbox --state 'my s.json' -- aws kms cancel-key-deletion --key-id x && keyturn sandbox --state 'my s.json' -- aws kms enable-key --key-id x"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	con.same = same{plan: "p.yaml"}
	if got := con.hint("aws sts get-caller-identity"); got != "aws sts get-caller-identity" {
		t.Error(got)
	}
	plain := map[string]bool{"sandbox": true, "version": true, "completion": true, "man": true, "help": true} // about no plan's keys
	for _, c := range newApp(&newProcess().Env).Commands {
		words := con.same.command([]string{"keyturn", c.Name})
		if got := toType.MatchString("keyturn " + c.Name); got == plain[c.Name] || got != (len(words) > 2) {
			t.Errorf("keyturn %s: repeated flags: %t", c.Name, got)
		}
	}
}
