//go:build linux

package docs

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/pty"
)

// shell is bash at a terminal, in a folder with a plan and a sandbox.
type shell struct {
	t      *testing.T
	person *os.File
	said   strings.Builder
}

// ready is what the shell says when it waits for a line: its prompt, with the exit code
// of the line before.
var ready = regexp.MustCompile(`READY<(\d+)> $`)

// asks is the end of a question of keyturn.
var asks = regexp.MustCompile(`type the (key's name|number of keys) to go on: $`)

func startShell(t *testing.T, dir string, path ...string) *shell {
	t.Helper()
	person, program, err := pty.Open(1000)
	if err != nil {
		t.Fatal(err)
	}
	bash := exec.Command("bash", "--norc", "--noprofile", "-i")
	bash.Dir = dir
	bash.Env = []string{"PATH=" + strings.Join(append(path, "/usr/bin", "/bin"), ":"), "HOME=" + dir, "TERM=dumb",
		`PS1=READY<$?> `, "HISTFILE=", "AWS_EC2_METADATA_DISABLED=true", "KEYTURN_POOL=pool-1",
		"GORACE=atexit_sleep_ms=0"}
	bash.Stdin, bash.Stdout, bash.Stderr = program, program, program
	bash.SysProcAttr = pty.Attr()
	if err := bash.Start(); err != nil {
		t.Fatal(err)
	}
	_ = program.Close()
	// A command that waits for what does not come fails the test, and does not hang it.
	deadline := time.AfterFunc(time.Minute, func() { _ = bash.Process.Kill() })
	s := &shell{t: t, person: person}
	t.Cleanup(func() {
		_, _ = io.WriteString(person, "exit\r")
		deadline.Stop()
		_ = bash.Process.Kill()
		_ = bash.Wait()
		_ = person.Close()
	})
	s.until()
	return s
}

// types types a line, answers what is asked, and returns the exit code and what was
// said.
func (s *shell) types(line string, answer func(asked string) string) (exit int, said string) {
	s.t.Helper()
	s.said.Reset()
	s.write(line)
	for {
		if m := s.until(); m[0] == "READY" {
			exit, _ = strconv.Atoi(m[1])
			return exit, s.said.String()
		} else {
			s.write(answer(m[1]))
		}
	}
}

func (s *shell) write(line string) {
	s.t.Helper()
	if _, err := io.WriteString(s.person, line+"\r"); err != nil {
		s.t.Fatal(err)
	}
}

// until reads until the shell waits for a line ("READY", with the exit code), or a
// command for an answer.
func (s *shell) until() []string {
	s.t.Helper()
	buf := make([]byte, 4096)
	for {
		n, err := s.person.Read(buf)
		s.said.Write(buf[:n])
		if err != nil {
			s.t.Fatalf("the shell is gone: %v\n%s", err, s.said.String())
		}
		if m := ready.FindStringSubmatch(s.said.String()); m != nil {
			return []string{"READY", m[1]}
		}
		if m := asks.FindStringSubmatch(s.said.String()); m != nil {
			return []string{"ASKS", m[1]}
		}
	}
}
