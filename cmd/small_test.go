package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// These verbs are about the whole key, and do not take a version for it. The id of a KMS key
// comes from an alert, and stands for the whole key.
func TestWholeKey(t *testing.T) {
	c := newCloud(t)
	c.must("run")
	for line, hint := range map[string]string{
		"rotate KEY --reason x":   "hint: keyturn rotate orders-data --reason x",
		"adopt KEY":               "hint: keyturn adopt orders-data\n",
		"adopt KEY --dry-run":     "hint: keyturn adopt orders-data --dry-run",
		"history KEY":             "hint: keyturn history orders-data --version v",
		"run --key KEY --dry-run": "note: --key orders-data\n",
	} {
		verb, _, _ := strings.Cut(line, " ")
		for _, key := range []string{"orders-data/v1", "alias/orders-data/v2",
			"arn:aws:kms:eu-west-1:" + sandbox.DefaultAccount + ":alias/orders-data/v1"} {
			p, exit := c.run(strings.Fields(strings.Replace(line, "KEY", key, 1))...)
			if text := p.err.String(); exit != 64 || !strings.Contains(text, verb+" is about the whole key") ||
				!strings.Contains(text, hint) {
				t.Errorf("%s, %s: exit %d\n%s", line, key, exit, text)
			}
		}
	}
	for _, key := range []string{c.behind(), "arn:aws:kms:eu-west-1:" + sandbox.DefaultAccount + ":key/" + c.behind()} {
		c.must("adopt", key)
		c.must("run", "--key", key)
	}
}

// A version stands for its key where a command only shows something; one that the key never
// had is a slip.
func TestShownByItsVersion(t *testing.T) {
	c := newCloud(t)
	c.must("run")
	for _, verb := range []string{"status", "verify", "audit"} {
		c.must(verb, "orders-data/v1")
		for _, key := range []string{"orders-data/v9", "alias/orders-data/v9"} {
			p, exit := c.run(verb, "--key", key)
			text := p.err.String()
			if exit != 64 || p.out.Len() > 0 || !strings.Contains(text, "orders-data has no v9") {
				t.Errorf("%s %s: exit %d\n%s", verb, key, exit, text)
			}
		}
	}
}

// What cannot be written is named, and not taken for a plan.
func TestWhatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "cron.json")
	for name, err := range map[string]error{"create": create(path, "x"), "replaceFile": replaceFile(path, "x")} {
		if err == nil || err.Error() != path+" cannot be written: no such file or directory" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A plan of "-" is read from standard input.
func TestPlanFromStdin(t *testing.T) {
	text, err := os.ReadFile(newCloud(t).plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"validate", "-"}, {"validate", "--plan", "-"}} {
		p := newProcess()
		p.Stdin = strings.NewReader(string(text))
		if exit := p.keyturn(t.Context(), args...); exit != 0 || !strings.Contains(p.out.String(), "-: valid, 1 key") {
			t.Errorf("%v: exit %d\n%s%s", args, exit, p.out.String(), p.err.String())
		}
	}
	c := rotatedCloud(t)
	p := newProcess()
	p.Stdin = strings.NewReader(string(text))
	c.plan = "-"
	if _, exit := c.runIn(t.Context(), p, "status"); exit != 0 {
		t.Errorf("status: exit %d\n%s", exit, p.err.String())
	}
}

// A state file that is none names itself, and how to begin a new one.
func TestSpoiltSandboxState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.json")
	if err := os.WriteFile(path, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newProcess()
	p.vars["KEYTURN_PLAN"] = newCloud(t).plan
	if exit := p.keyturn(t.Context(), "status", "--sandbox", "--sandbox-state", path); exit != 1 ||
		!strings.Contains(p.err.String(), "hint: mv "+path+" "+path+".old") {
		t.Errorf("exit %d\n%s", exit, p.err.String())
	}
}

// What was typed besides the key is in the hint, too: a rotate without its --abandon, or a
// hold without its end, is another command. A dry-run stays one.
func TestHintsRepeatWhatWasTyped(t *testing.T) {
	c := newCloud(t)
	c.must("run")
	c.faults(sandbox.Fault{Operation: "DescribeKey", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
	for line, hint := range map[string]string{
		"rotate orders-data --abandon":                    `rotate orders-data --abandon --reason "..."`,
		"rotate orders-data --confirm orders-data":        `rotate orders-data --confirm orders-data --reason "..."`,
		"hold orders-data --until 2h":                     `hold orders-data --until 2h --reason "..."`,
		"hold orders-data/v1 --until 2h":                  `hold orders-data/v1 --until 2h --reason "..."`,
		"rotate orders-data --dry-run":                    "rotate orders-data --dry-run",
		"rollback orders-data/v1 --reason look --dry-run": "rollback orders-data/v1 --dry-run --reason look",
	} {
		p, exit := c.run(strings.Fields(line)...)
		text := p.err.String()
		if exit == 0 || !strings.Contains(text, " "+hint+"\n") || strings.Contains(text, "nothing was recorded") {
			t.Errorf("keyturn %s: exit %d, %s; want %s", line, exit, text, hint)
		}
	}
}
