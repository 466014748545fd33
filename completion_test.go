//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/pty"
)

// typed is what somebody types in a shell, a tab at its end, and what stands on
// the terminal then.
var typed = []struct {
	line  string
	shows []string
}{
	{"keyturn roll", []string{"rollback"}},
	{"keyturn run --dr", []string{"--dry-run"}},
	{"keyturn audit --", []string{"--orphans", "--output", "--sandbox-state"}},
	{"keyturn rollback orders-d", []string{"orders-data"}},
	{"keyturn hold ", []string{"orders-data", "orders-index", "billing"}},
	{"keyturn run --key bil", []string{"billing"}},
	{"keyturn init --iam br", []string{"break-glass"}},
	{"keyturn completion fi", []string{"fish"}},
	{"keyturn rehearse --naive l", []string{"lock"}},
	{"keyturn run --plan key", []string{"keyturn.yaml"}}, // files are those of the shell
	{"keyturn run --plan=key", []string{"keyturn.yaml"}},
	{"keyturn validate key", []string{"keyturn.yaml"}},
	{"keyturn history --verify --against de", []string{"deploy.sh"}},
	{"keyturn status --output=js", []string{"--output=json"}},
	{"keyturn sandbox -- ./dep", []string{"./deploy.sh"}}, // a file, which the shell itself knows
}

// pressed are lines at whose end tab is pressed, of which nothing must come.
var pressed = []string{
	"keyturn sandbox -- ./deploy.sh ",
	"keyturn sandbox -- ./deploy.sh --",
	"keyturn sandbox -- ",
	"keyturn run -- ",
	"keyturn run --sandbox -- x ",
	"keyturn run --sandbox --",
}

// A tab in a real shell completes commands, flags, keys and values, and starts
// nothing.
func TestTab(t *testing.T) {
	for _, shell := range []struct {
		name  string
		shell string
		args  []string
		setup string
	}{
		{"bash", "bash", []string{"--norc", "--noprofile", "-i"}, `PROMPT_COMMAND='echo "<$((++n))>"'; ` +
			`bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'; bind 'set bell-style none'; ` +
			`. <(keyturn completion bash)`},
		{"zsh", "zsh", []string{"-f", "-i"}, `precmd() { print "<$((++n))>" }; ` +
			`setopt interactive_comments; unsetopt list_beep beep; LISTMAX=0; autoload -Uz compinit; compinit -D -u; ` +
			`. <(keyturn completion zsh)`},
		// As a package installs it: found by its name on fpath when it is first needed.
		{"zsh with the script on fpath", "zsh", []string{"-f", "-i"}, `precmd() { print "<$((++n))>" }; ` +
			`setopt interactive_comments; unsetopt list_beep beep; LISTMAX=0; mkdir site; ` +
			`keyturn completion zsh >site/_keyturn; fpath=($PWD/site $fpath); autoload -Uz compinit; compinit -D -u`},
	} {
		t.Run(shell.name, func(t *testing.T) {
			dir := shellFolder(t, shell.shell)
			term := startShell(t, dir, shell.shell, shell.args...)
			term.until(prompt)
			term.enter(shell.setup)
			for _, c := range typed {
				term.tab(c.line)
				term.shows(c.shows...)
			}
			for _, line := range pressed {
				term.tab(line)
			}
			nothingStarted(t, dir)
		})
	}
}

// fish completes the same, as it says itself.
func TestTabInFish(t *testing.T) {
	dir := shellFolder(t, "fish")
	complete := func(line string) string {
		cmd := exec.CommandContext(t.Context(), "fish", "--no-config", "-c",
			`keyturn completion fish | source; complete -C "$LINE"`)
		cmd.Dir = dir
		cmd.Env = append(shellEnv(dir), "LINE="+line)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		return string(out)
	}
	for _, c := range typed {
		out := complete(c.line)
		for _, want := range c.shows {
			if !strings.Contains(out, want) {
				t.Errorf("%q: no %q in %q", c.line, want, out)
			}
		}
	}
	for _, line := range pressed {
		complete(line)
	}
	if out := complete("keyturn run --dry"); !strings.Contains(out, "--dry-run\tprint the exact steps") {
		t.Errorf("not described: %q", out)
	}
	nothingStarted(t, dir)
}

// shellFolder returns a folder with a plan, and with a script that must not run.
func shellFolder(t *testing.T, shell string) string {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil { // scripts/check.sh says so, and does not let it pass in CI
		t.Skipf("no %s here", shell)
	}
	dir := t.TempDir()
	plan := "region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n" +
		"  - {alias: alias/orders-data}\n  - {alias: alias/orders-index}\n  - {alias: alias/billing}\n"
	for name, text := range map[string]string{"keyturn.yaml": plan, "deploy.sh": "#!/bin/sh\ntouch " + dir + "/ran\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func nothingStarted(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"ran", "state"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a tab has made %s: %v", name, err)
		}
	}
}

func shellEnv(dir string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"TERM=xterm", "PS1=" + prompt, "COLUMNS=200", "HISTFILE=", "GORACE=" + atOnce, "AWS_EC2_METADATA_DISABLED=true"}
}

const prompt = "READY> "

// terminal is a shell at a terminal, which prints a number before each prompt.
type terminal struct {
	t      *testing.T
	master *os.File
	// said is the output since the last line was typed.
	said  bytes.Buffer
	lines int
}

// startShell starts a shell on a terminal of its own.
func startShell(t *testing.T, dir, name string, args ...string) *terminal {
	t.Helper()
	master, slave, err := pty.Open(200)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, shellEnv(dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = pty.Attr()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	// A shell that has hung itself up fails the test, and does not hang it.
	deadline := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() {
		deadline.Stop()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = master.Close()
	})
	return &terminal{t: t, master: master}
}

// enter types a line, and waits for the next prompt.
func (s *terminal) enter(line string) {
	s.t.Helper()
	s.lines++
	s.said.Reset()
	s.write(line + "\r")
	s.until(fmt.Sprintf("<%d>", s.lines))
	s.until(prompt)
}

// tab types a line and tab, and makes a comment of what that makes of it. An
// interrupt instead would take the keys away that the shell has not read yet.
func (s *terminal) tab(line string) {
	s.t.Helper()
	s.enter(line + "\t\x01#")
}

func (s *terminal) write(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.master, text); err != nil {
		s.t.Fatal(err)
	}
}

// until reads until the shell has said something behind all that it was asked for
// before.
func (s *terminal) until(want string) {
	s.t.Helper()
	buf := make([]byte, 4096)
	from := 0
	if i := strings.LastIndex(s.said.String(), fmt.Sprintf("<%d>", s.lines)); i >= 0 {
		from = i
	}
	for !strings.Contains(s.said.String()[from:], want) {
		n, err := s.master.Read(buf)
		s.said.Write(buf[:n])
		if err != nil {
			s.t.Fatalf("no %q: %v\n%q", want, err, s.said.String())
		}
	}
}

func (s *terminal) shows(all ...string) {
	s.t.Helper()
	for _, want := range all {
		if !strings.Contains(s.said.String(), want) {
			s.t.Errorf("no %q in %q", want, s.said.String())
		}
	}
}
