package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const injected = "$(touch ran)`touch ran`'; touch ran #"

// What somebody put into the record, or typed, is no command of a hint.
func TestNothingIsRunByAHint(t *testing.T) {
	for _, place := range []string{"versions[0].key_id", "versions[0].#version", "versions[0].#state"} {
		t.Run("an entry of a record: "+place, func(t *testing.T) {
			c := newCloud(t)
			c.setText("SET "+place+" = :v", injected)
			for _, args := range everyVerb() {
				p, exit := c.run(args...)
				all := p.out.String() + p.err.String()
				if exit != 13 || !strings.Contains(all, "malformed") {
					t.Errorf("%v: exit %d\n%s", args, exit, all)
				}
				unquoted(t, all)
			}
		})
	}
	t.Run("an argument", func(t *testing.T) {
		c := newCloud(t)
		for _, args := range [][]string{
			{"hold", injected}, {"validate", injected}, {"run", injected}, {"run", "--plan", injected},
			{"init", "--match", injected}, {"rotate", injected, "--reason", "x"}, {"reinstate", injected},
		} {
			p, exit := c.run(args...)
			if exit != 64 {
				t.Errorf("%v: exit %d", args, exit)
			}
			unquoted(t, p.out.String()+p.err.String())
		}
	})
	t.Run("a plan's path", func(t *testing.T) {
		c := newCloud(t)
		for _, path := range []string{injected, "a\x1bb"} {
			p, _ := c.run("hold", "orders-data", "--plan", path)
			unquoted(t, p.err.String())
			if strings.Contains(p.err.String(), "keyturn --plan (") {
				t.Errorf("half a command: %s", p.err.String())
			}
		}
	})
}

// unquoted finds what a shell would run in the commands of hints. A word in single
// quotes, or in double ones with each sign escaped, is none.
func unquoted(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		_, hint, found := strings.Cut(line, "hint: ")
		if _, next, is := strings.Cut(line, "next: "); is {
			hint, found = next, true
		}
		if !found || !strings.Contains(hint, "touch ran") {
			continue
		}
		dir := t.TempDir()
		if runsIn(t, dir, hint) {
			t.Errorf("a shell runs something of %q", line)
		}
	}
}

// runsIn has a shell read a hint in an empty directory, in which no command is
// found, and reports whether it made the file that says so.
func runsIn(t *testing.T, dir, hint string) bool {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-c", "keyturn() { :; }; aws() { :; }\n"+hint)
	shell.Dir = dir
	_ = shell.Run() // a note is no command, and fails
	_, err := os.Stat(filepath.Join(dir, "ran"))
	return err == nil
}
