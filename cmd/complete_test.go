package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A KEY is completed from the plan that the command would use, and values of a
// flag where there are few. Where nothing is known, nothing is made up.
func TestCompleteValues(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(file, []byte(onePlan+"  - {alias: alias/b, name: billing}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"rollback --plan " + file:                "orders-data billing",
		"--plan " + file + " hold a":             "orders-data billing",
		"rotate x --plan " + file:                "orders-data billing",
		"run --plan " + file + " --key":          "orders-data billing",
		"rotate x --plan=" + file + " --confirm": "orders-data billing",
		"rollback --plan /none":                  "",
		"rollback --sandbox --dry-run x":         "",
		"init --iam":                             "cron readonly break-glass verify",
		"status --output":                        "text json jsonl github",
		"status --output=":                       "--output=text --output=json --output=jsonl --output=github",
		// as bash takes it apart
		"status --output = j":              "--output=text --output=json --output=jsonl --output=github",
		"run --key = x --output":           "text json jsonl github",
		"rollback --plan " + file + " -- ": "orders-data billing",
		"completion":                       "bash zsh fish powershell",
		"rehearse --naive":                 "script lock",
		"run --plan":                       "", // a file, which the shell knows
		"validate ":                        "",
		"completion bash":                  "",
		"status --outp":                    "--output",
		"status --output json --o":         "",
		"run --key x --ke":                 "--key", // may be repeated
		"run --plan=x --pl":                "",
		"version --":                       "--output --help",
		"version -":                        "--output --help -h",
		"--ver":                            "--version",
		"audit --plan " + file + " --cloudtrail x.json": "",
		"audit --plan " + file + " --users x":           "orders-data billing",
		"history --version":                             "",
		"history --plan " + file + " a --version v6":    "orders-data billing",
		"sandbox -- ./deploy.sh":                        "",
		"sandbox -- ./deploy.sh --":                     "",
		"sandbox --": "--listen --state --journal --cloudtrail --now --account --region --lag " +
			"--latency --quotas --advance --sandbox-state --help",
		"sandbox -- ":                            "",
		"hold --reason --":                       "",
		"nonsense --":                            "",
		"status --watch --output xml --unknown ": "",
	} {
		p := newProcess()
		p.Quickstart = []byte(onePlan)
		words := strings.Fields(line)
		if strings.HasSuffix(line, " ") { // as the scripts say that a word is to come
			words = append(words, "")
		}
		exit := p.keyturn(t.Context(), append(words, completionFlag)...)
		if got := strings.Join(strings.Fields(p.out.String()), " "); exit != 0 || got != want {
			t.Errorf("%q: exit %d, %q; want %q", line, exit, got, want)
		}
	}
}

// Asked what may follow, no verb does anything, wherever in the line it is asked
// and whatever else stands there: a key was pressed, and no command given.
func TestCompletingDoesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("keyturn.yaml", []byte(onePlan), 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\ntouch ran\n"
	if err := os.WriteFile("deploy.sh", []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	lines := [][]string{{}, {"--version"}, {"--help"}, {"help"}, {"help", "run"},
		{"--", "run"}, {"--"}, {"--sandbox", "run"}}
	for _, c := range newApp(&Env{}).Commands {
		lines = append(lines, []string{c.Name}, []string{c.Name, "--"}, []string{c.Name, "orders-data"},
			[]string{c.Name, "--", "orders-data"},
			[]string{c.Name, "--", "./deploy.sh", "--verbose", "--"},
			[]string{c.Name, "--sandbox", "--sandbox-state", "state.json", "--reason", "x", "orders-data"},
			[]string{"--sandbox", "--sandbox-state", "state.json", c.Name,
				"--confirm", "orders-data", "--reason", "x", "--", "orders-data"},
			[]string{c.Name, "./deploy.sh", "--", "./deploy.sh"})
	}
	for _, line := range lines {
		for at := range len(line) + 1 {
			args := slices.Insert(slices.Clone(line), at, completionFlag)
			p := newProcess()
			p.RunID = func() string { t.Errorf("%q has begun", args); return "00000000" }
			p.Hostname = func() (string, error) { t.Errorf("%q has begun", args); return "", nil }
			if exit := p.keyturn(t.Context(), args...); exit != 0 || p.err.Len() > 0 {
				t.Errorf("%q: exit %d, %s", args, exit, p.err.String())
			}
			for _, word := range strings.Fields(p.out.String()) {
				if strings.ContainsAny(word, ":{}") {
					t.Errorf("%q: printed %q", args, p.out.String())
				}
			}
		}
	}
	left, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 2 {
		t.Errorf("something was done: %v", left)
	}
}

// Commands and flags can be described: a tab, and what they are about.
func TestDescribedCompletions(t *testing.T) {
	for line, want := range map[string]string{
		"":          "rollback\tput the alias back onto the version before",
		"run --dry": "--dry-run\tprint the exact steps and API calls ahead; write nothing",
	} {
		p := newProcess()
		p.LookupEnv = func(name string) (string, bool) { return "described", name == "KEYTURN_COMPLETION" }
		p.keyturn(t.Context(), append(strings.Fields(line), completionFlag)...)
		if got := p.out.String(); !strings.Contains("\n"+got, "\n"+want+"\n") {
			t.Errorf("%q: %s", line, got)
		}
	}
}
