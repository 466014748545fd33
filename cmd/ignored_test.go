package cmd

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is typed and would be ignored, or taken for something else, is refused: exit 64, and
// nothing was done.
func TestNothingTypedIsIgnored(t *testing.T) {
	c := rotatedCloud(t)
	state := filepath.Join(t.TempDir(), "state.json")
	for line, want := range map[string]string{
		"run --plan EMPTY":                                           "--plan needs a value",
		"run --plan=":                                                "--plan needs a value",
		"status --key EMPTY":                                         "--key needs a value",
		"hold orders-data --reason x --until=":                       "--until needs a value",
		"history --verify --against EMPTY":                           "--against needs a value",
		"history --run=":                                             "--run needs a value",
		"sandbox --account 1234 -- true":                             "--account",
		"sandbox --advance EMPTY":                                    "--advance needs a value",
		"init --iam cron --out=":                                     "--out needs a value",
		"run --dry-run --dry-run=false":                              "--dry-run is given twice",
		"init --table=false":                                         "say what to make",
		"completion bash zsh":                                        "one shell",
		"validate --schema keyturn.yaml":                             "--schema",
		"validate a.yaml --plan b.yaml":                              "not both",
		"sandbox --sandbox-state " + state:                           "--state",
		"sandbox --advance 1d --lag 2s":                              "--lag",
		"sandbox --advance 1d --quotas":                              "--quotas",
		"sandbox --advance 1d --now x --state x":                     "--now",
		"sandbox --advance 1d --listen 127.0.0.1":                    "--listen",
		"sandbox --advance 1d --state a.json --sandbox-state b.json": "--sandbox-state",
		"init --match alias/* --region eu-west-1 --plan new.yaml":    "--match makes a plan",
		"adopt orders-data --from-kms --create --reason x":           "--create",
		"audit --since 2999-01-01":                                   "is ahead",
		"audit --evidence --since 2999-01-01":                        "is ahead",
		"hold orders-data --reason x --until 0s":                     "is over",
		"rehearse --seed -5 --years 0.01":                            "--seed",
		"audit --cloudtrail . --users orders-data --output sarif":    "--users",
		"init --kit cron --pool web --out k":                         "--pools web",
		"init --kit terraform --pool web --out k":                    "--pool",
		"validate --schema --quiet":                                  "--quiet",
		"validate --schema --plan nosuch.yaml":                       "--plan",
		"validate --schema --output junit":                           "--output junit",
		"validate --schema --output jsonl":                           "--output jsonl",
		"rehearse --years 0.05 --from 9999-12-31":                    "--from 9999-12-31",
		"rehearse --years 20 --from 2231-01-01":                      "--from 2231-01-01",
		"rehearse --years 0.05 --from 1960-01-01":                    "--from 1960-01-01",
		"rehearse --wave --from 2300-01-01":                          "--from 2300-01-01",
	} {
		args := strings.Fields(line)
		for i, a := range args {
			if a == "EMPTY" {
				args[i] = ""
			}
		}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		p, exit := c.runIn(ctx, newProcess(), args...)
		if exit != 64 || !strings.Contains(p.err.String(), want) {
			t.Errorf("%s: exit %d\n%.300s\n%.600s", line, exit, p.out.String(), p.err.String())
		}
		stop()
	}
}

// A hint is a command that does what it says, when it is pasted.
func TestHintsCanBePasted(t *testing.T) {
	c := newCloud(t)
	state := filepath.Join(t.TempDir(), "state.json")
	for line, want := range map[string]string{
		"cost --sandbox":                                "hint: keyturn cost --help",
		"validate --sandbox":                            "hint: keyturn validate --help",
		"rehearse --sandbox --sandbox-state x":          "hint: keyturn rehearse --help",
		"status --sandbox --nonsense":                   "hint: keyturn --sandbox status --help",
		"sandbox --advance 1d --state " + state:         "hint: keyturn run --sandbox --sandbox-state " + state,
		"sandbox --advance 1d --sandbox-state " + state: "hint: keyturn --sandbox-state " + state + " run --sandbox",
		"init --match alias/none --region us-east-1":    "keyturn init --match 'alias/*' --region us-east-1",
		"init --match alias/* --region us-east-1":       "note: every alias",
	} {
		p, exit := c.run(strings.Fields(line)...)
		if exit != 64 || !strings.Contains(p.err.String(), want) {
			t.Errorf("%s: exit %d\n%s", line, exit, p.err.String())
		}
	}
}

// A decision that cannot be saved is an error of the command, whose one document says so.
func TestUnsavedIsOneDocument(t *testing.T) {
	c := newCloud(t)
	out := filepath.Join(t.TempDir(), "none", "decision.json")
	p, exit := c.run("run", "--dry-run", "--out", out, "--output", "jsonl")
	var d struct {
		Format string
		Exit   int
	}
	err := json.Unmarshal(p.out.Bytes(), &d) // of two documents it makes an error
	if err != nil || d.Format != "keyturn/error/1" || d.Exit != exit || exit != 64 {
		t.Errorf("exit %d, %v\n%s", exit, err, p.out.String())
	}
}

// A flag that is switched off is not on.
func TestSwitchedOff(t *testing.T) {
	c := rotatedCloud(t)
	if p, exit := c.run("status", "--quiet=false"); exit != 0 || !strings.Contains(p.out.String(), "orders-data") {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	if p, _ := c.run("rotate", "orders-data", "--again=false"); strings.Contains(p.err.String(), "--again") {
		t.Errorf("%s", p.err.String())
	}
	if p, exit := c.run("status", "--quiet=true"); exit != 0 || p.out.Len() > 0 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
	if p, exit := c.run("status", "--quiet=maybe"); exit != 64 {
		t.Errorf("exit %d\n%s%s", exit, p.out.String(), p.err.String())
	}
}

// With --log json every line on stderr is one of JSON, notes too.
func TestNotesInTheLog(t *testing.T) {
	c := rotatedCloud(t)
	for _, args := range [][]string{
		{"audit", "--orphans", "--log", "json"},
		{"init", "--iam", "cron", "--log", "json"},
		{"init", "--kit", "terraform", "--out", filepath.Join(t.TempDir(), "kit"), "--log", "json"},
	} {
		p, exit := c.run(args...)
		if exit != 0 || !strings.Contains(p.err.String(), `"line":"note"`) {
			t.Errorf("%v: exit %d\n%s", args, exit, p.err.String())
		}
		for line := range strings.Lines(p.err.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%v: %s", args, line)
			}
		}
	}
}

// A dry-run names no file that it did not write.
func TestInitMatchDryRunHasNoFile(t *testing.T) {
	c := rotatedCloud(t)
	out := filepath.Join(t.TempDir(), "first.yaml")
	p, exit := c.run("init", "--match", "alias/*", "--region", "eu-west-1", "--out", out, "--dry-run",
		"--output", "json")
	if _, err := os.Stat(out); err == nil || exit != 0 || strings.Contains(p.out.String(), out) {
		t.Errorf("exit %d, %v\n%s%s", exit, err, p.out.String(), p.err.String())
	}
}
