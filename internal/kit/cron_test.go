package kit_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/adhocore/gronx"

	"github.com/keyturn/keyturn/internal/kit"
)

func TestCron(t *testing.T) {
	q := request(t, kit.Cron)
	q.Pools, q.Pager = []string{"web", "batch"}, `page-oncall --load 5% "$HOME"`
	compare(t, "cron", write(t, q))
	compare(t, "cron-plain", write(t, request(t, kit.Cron)))
}

// cronLines returns the commands of a crontab, as cron gives them to the shell.
func cronLines(t *testing.T, crontab string) []string {
	t.Helper()
	var commands []string
	for line := range strings.Lines(crontab) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		m := regexp.MustCompile(`^((?:\S+ +){5})(.+)$`).FindStringSubmatch(line)
		if m == nil || !gronx.IsValid(strings.TrimSpace(m[1])) {
			t.Fatalf("not a line of a crontab: %q", line)
		}
		if regexp.MustCompile(`(^|[^\\])%`).MatchString(m[2]) {
			t.Errorf("cron ends the command at a %%: %q", line)
		}
		commands = append(commands, strings.ReplaceAll(m[2], `\%`, "%"))
	}
	return commands
}

// A run pages on 13 and on nothing else; the audit on everything but 0. The pager gets
// its own arguments, and then one message.
func TestCronPages(t *testing.T) {
	dir := t.TempDir()
	paged := filepath.Join(dir, "paged")
	q := request(t, kit.Cron)
	q.Pager = script(t, dir, "page", `printf '%s\n' "$@" >`+paged) + ` 100% "a  b"`
	commands := cronLines(t, text(t, write(t, q), "keyturn.crontab"))
	if len(commands) != 2 {
		t.Fatalf("%q", commands)
	}
	for i, command := range commands {
		for _, exit := range []int{0, 1, 11, 13} {
			stub := script(t, dir, "keyturn", fmt.Sprintf("exit %d", exit))
			pages(t, strings.Replace(command, "/usr/bin/keyturn", stub, 1), nil, paged,
				exit == 13 || i == 1 && exit != 0)
		}
	}
}

// script writes an executable file and returns its path.
func script(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return path
}

// pages runs a shell command and fails the test unless it pages if it should.
func pages(t *testing.T, command string, env []string, paged string, want bool) {
	t.Helper()
	_ = os.Remove(paged)
	shell := exec.Command("/bin/sh", "-c", command)
	shell.Env = append(os.Environ(), env...)
	out, _ := shell.CombinedOutput()
	got, err := os.ReadFile(paged)
	lines := strings.Split(strings.TrimSuffix(string(got), "\n"), "\n")
	switch {
	case want && (err != nil || len(lines) != 3 || lines[0] != "100%" || lines[1] != "a  b" ||
		!strings.HasSuffix(lines[2], "a person must look")):
		t.Errorf("%s, %q: it paged %q\n%s", command, env, got, out)
	case !want && err == nil:
		t.Errorf("%s, %q: it paged %q", command, env, got)
	}
}
