package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// newJob returns a process in a job of GitHub Actions.
func newJob(t *testing.T) (p *process, summary, outputs func() string) {
	p, dir := newProcess(), t.TempDir()
	read := func(name string) func() string {
		p.vars[name] = filepath.Join(dir, name)
		return func() string {
			text, _ := os.ReadFile(filepath.Join(dir, name))
			return string(text)
		}
	}
	p.vars["GITHUB_ACTIONS"] = "true"
	return p, read("GITHUB_STEP_SUMMARY"), read("GITHUB_OUTPUT")
}

// commands returns the lines that the runner of GitHub Actions takes for commands.
func commands(p *process) []string {
	var all []string
	for line := range strings.Lines(p.out.String() + "\n" + p.err.String()) {
		if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") || strings.Contains(line, "##[") {
			all = append(all, strings.TrimSuffix(line, "\n"))
		}
	}
	return all
}

// A plan's errors are annotations at their places, below the workspace.
func TestGitHubValidate(t *testing.T) {
	p, summary, outputs := newJob(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "deploy", "keyturn.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(onePlan+"    drian: 1d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.vars["GITHUB_WORKSPACE"] = dir
	exit := p.keyturn(t.Context(), "validate", file)
	got := commands(p)
	if exit != 64 || len(got) != 1 ||
		!strings.HasPrefix(got[0], "::error file=deploy/keyturn.yaml,line=6,col=5,title=keyturn plan::") {
		t.Errorf("exit %d, %q\n%s", exit, got, p.out.String())
	}
	if !strings.Contains(summary(), "| 1 problem |") || outputs() != "" {
		t.Errorf("%s\n%s", summary(), outputs())
	}
	if exit := p.keyturn(t.Context(), "run", "--plan", file); exit != 64 || len(commands(p)) != 1 {
		t.Errorf("run: exit %d, %q", exit, commands(p))
	}
	if exit := p.keyturn(t.Context(), "run", "--nonsense"); exit != 64 || len(commands(p)) != 1 ||
		!strings.HasPrefix(commands(p)[0], "::error title=keyturn%3A usage::") {
		t.Errorf("usage: exit %d, %q", exit, commands(p))
	}
	if p.keyturn(t.Context(), "validate", file, "--output", "json"); len(commands(p)) != 0 {
		t.Errorf("another form was chosen: %q", commands(p))
	}
	p.vars["GITHUB_ACTIONS"] = ""
	if p.keyturn(t.Context(), "validate", file); len(commands(p)) != 0 {
		t.Errorf("no job: %q", commands(p))
	}
	if p.keyturn(t.Context(), "validate", file, "--output", "github"); len(commands(p)) != 1 {
		t.Errorf("--output github: %q", commands(p))
	}
}

// A command that fails may have begun something: its summary does not say that it did nothing.
func TestGitHubFailed(t *testing.T) {
	p, summary, _ := newJob(t)
	if exit := p.keyturn(t.Context(), "run", "--nonsense"); exit != 64 ||
		!strings.HasPrefix(summary(), "### keyturn failed\n") {
		t.Errorf("exit %d\n%s", exit, summary())
	}
}

// A run in a job says what it changed, and a refusal stands at its key in the plan.
func TestGitHubRun(t *testing.T) {
	c := newCloud(t)
	p, summary, outputs := newJob(t)
	c.runIn(t.Context(), p, "run", "--dry-run")
	c.runIn(t.Context(), p, "run")
	if got := outputs(); got != strings.Repeat("changed=true\nrotated=1\nrefused=0\n", 2) || len(commands(p)) != 0 {
		t.Errorf("%s%q", got, commands(p))
	}
	if !strings.Contains(summary(), "### keyturn run, dry-run: nothing was written\n") ||
		!strings.Contains(summary(), "| orders-data | settled | rotated |") {
		t.Error(summary())
	}
	if c.runIn(t.Context(), p, "run"); !strings.Contains(summary(), "| orders-data | settled |  | 0 | not due: ") {
		t.Error(summary())
	}
	c.advance(91 * day)
	c.drift()
	_, exit := c.runIn(t.Context(), p, "run")
	got := commands(p)
	if exit != 13 || len(got) != 1 || !strings.HasPrefix(got[0], "::error file=") ||
		!strings.Contains(got[0], ",line=5,title=keyturn run%3A orders-data::") ||
		!strings.HasSuffix(outputs(), "changed=false\nrotated=0\nrefused=1\n") {
		t.Errorf("exit %d, %q\n%s", exit, got, outputs())
	}
	if _, exit := c.runIn(t.Context(), p, "audit"); exit != 13 || !strings.Contains(summary(), "### keyturn audit\n") ||
		!strings.HasPrefix(commands(p)[0], "::error file=") {
		t.Errorf("exit %d, %q\n%s", exit, commands(p), summary())
	}
	if _, exit := c.runIn(t.Context(), p, "status"); exit != 13 || len(commands(p)) != 1 ||
		!strings.Contains(commands(p)[0], ",line=5,title=keyturn status%3A orders-data::") ||
		!strings.Contains(summary(), "| orders-data | refused | v2 | ") {
		t.Errorf("exit %d, %q\n%s", exit, commands(p), summary())
	}
	c.faults(refused("GetKeyPolicy", "AccessDeniedException", "no"))
	if _, exit := c.runIn(t.Context(), p, "verify"); exit != 13 ||
		!strings.Contains(strings.Join(commands(p), "\n"), ",line=5,title=keyturn verify%3A kms%3AGetKeyPolicy::") ||
		!strings.Contains(summary(), "| orders-data | kms:GetKeyPolicy | no | called | ") {
		t.Errorf("exit %d, %q\n%s", exit, commands(p), summary())
	}
	p.vars["GITHUB_OUTPUT"] = t.TempDir()
	if _, exit := c.runIn(t.Context(), p, "run", "--dry-run"); exit != 13 {
		t.Errorf("exit %d", exit)
	}
	if !strings.Contains(p.err.String(), "warning: GITHUB_OUTPUT: ") {
		t.Error(p.err.String())
	}
}

// Text from elsewhere is no command, wherever it is printed: a message of AWS, a reason, a
// name that was typed.
func TestGitHubInjection(t *testing.T) {
	const hostile = "::set-env name=PATH::/tmp ##[add-path]/tmp"
	c := newCloud(t)
	p, _, outputs := newJob(t)
	for _, args := range [][]string{{"run"}, {"run", "-v"}, {"run", "--log", "json"}, {"status"}, {"audit"},
		{"run", "--output", "json"}, {"hold", "orders-data", "--reason", hostile}, {"history"}, {"status"},
		{"run", "--key", hostile}, {"validate", hostile}, {hostile}, {"release", "orders-data", "--reason", hostile},
		{"history", "--export"}, {"audit", "--evidence"}, {"verify"}} {
		c.faults(refused("GetKeyPolicy", "AccessDeniedException", hostile+"\n"+hostile),
			refused("UpdateAlias", "AccessDeniedException", hostile+"\n"+hostile),
			refused("CreateKey", "AccessDeniedException", hostile+"\n"+hostile))
		c.runIn(t.Context(), p, args...)
		for _, line := range commands(p) {
			properties, _, _ := strings.Cut(strings.TrimPrefix(line, "::"), "::")
			if !strings.HasPrefix(line, "::error ") && !strings.HasPrefix(line, "::warning ") ||
				strings.Contains(properties, ":") {
				t.Errorf("%v: %q", args, line)
			}
		}
	}
	if strings.Contains(outputs(), "set-env") {
		t.Error(outputs())
	}
}

// A job that decides by the outputs must not take lost ones for no change.
func TestGitHubOutputLost(t *testing.T) {
	p, _, _ := newJob(t)
	p.vars["GITHUB_OUTPUT"] = filepath.Join(t.TempDir(), "none", "outputs")
	if _, exit := newCloud(t).runIn(t.Context(), p, "run", "--dry-run"); exit != 1 {
		t.Errorf("exit %d\n%s", exit, &p.err)
	}
}
