package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/screen"
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
		{"run --dry-run=false -v=true --ask=1", "run -v --ask", ""},
		{"--sandbox=false run", "run", ""},
		{"history orders-data --version=1", "history --version=1 -- orders-data", ""},
		{"--version=1 history orders-data", "history --version=1 -- orders-data", ""},
		{"rotate a --reason --again=false", "", "--reason needs a value"},
		{"rotate a --reason=--again=false", "rotate --reason=--again=false -- a", ""},
		{"sandbox -- x --quotas=false", "sandbox -- x --quotas=false", ""},
		{"run --dry-run=soon", "", "--dry-run=soon is neither on nor off"},
		{"run -q --quiet=false", "", "--quiet is given twice, on and off"},
		{"run --plan=", "", "--plan needs a value"},
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
		if got := newProcess().console(false, a.same()).Command("keyturn", "run"); err != nil ||
			got != "keyturn "+c.same+"run" {
			t.Errorf("%q: %q, %v; want %q", c.typed, got, err, c.same)
		}
	}
}

// Hints repeat the flags that a command has, and no others.
func TestHintsOfEveryCommand(t *testing.T) {
	con := newProcess().console(false, screen.Same{Plan: "p.yaml", Sandbox: true})
	for _, c := range newApp(&newProcess().Env).Commands {
		typed := con.Command("keyturn", c.Name)
		for _, flag := range []string{"plan", "sandbox"} {
			if strings.Contains(typed, "--"+flag) != slices.Contains(flagNames(c.Flags), flag) {
				t.Errorf("%s: --%s", typed, flag)
			}
		}
	}
}

// Each verb of a person takes --quiet.
func TestVerbsByHandTakeQuiet(t *testing.T) {
	for _, c := range personCommands(&Env{}) {
		quiet := slices.ContainsFunc(c.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), "quiet") })
		if !quiet {
			t.Errorf("%s has no --quiet", c.Name)
		}
	}
}
