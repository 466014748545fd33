package rotate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/rotate"
)

// What before_switch says by its exit code counts, also if it leaves a child
// behind that keeps its output open.
func TestGateThatLeavesAChild(t *testing.T) {
	for command, open := range map[string]bool{
		"sleep 3 & echo ready; exit 0":   true,
		"sleep 3 & echo not yet; exit 1": false,
	} {
		got := rotate.AskGate(t.Context(), rotate.Gate{Command: []string{"sh", "-c", command}})
		if got.Open != open || got.Failed != "" {
			t.Errorf("%s: %+v", command, got)
		}
	}
}

// However much before_switch says, little of it is kept: the last line, or its
// beginning.
func TestGateThatTalks(t *testing.T) {
	for command, want := range map[string]string{
		"head -c 100000 /dev/zero | tr '\\0' x; echo; echo 2 of 3 know": "2 of 3 know",
		"head -c 100000 /dev/zero | tr '\\0' x":                         strings.Repeat("x", 200),
		"true":                                                          "",
	} {
		if got := rotate.AskGate(t.Context(), rotate.Gate{Command: []string{"sh", "-c", command}}); got.Said != want ||
			!got.Open {
			t.Errorf("%s: %d characters: %.300s %s", command, len(got.Said), got.Said, got.Failed)
		}
	}
}

// Only what a command says by its exit is an answer. One that cannot be started,
// is killed, or is no command at all has given none.
func TestGateThatIsNotAsked(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain.sh") // not executable
	if err := os.WriteFile(plain, []byte("exit 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	alien := filepath.Join(dir, "alien.sh")
	if err := os.WriteFile(alien, []byte("#!/no/such/shell\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	sh := func(s string) []string { return []string{"/bin/sh", "-c", s} } // as the plan has a string
	for name, c := range map[string]struct {
		command []string
		failed  string // "": it says not yet
	}{
		"not yet":                       {sh("exit 1"), ""},
		"not yet, 2":                    {sh("exit 2"), ""},
		"not yet, 125":                  {sh("exit 125"), ""},
		"not yet, of a list":            {[]string{"false"}, ""},
		"a string, not found":           {sh("./no-such-script --quiet"), "127"},
		"a string, not executable":      {sh(plain), "126"},
		"a string, no such interpreter": {sh(alien), "12"},
		"a string, its last command":    {sh("true && no-such-command"), "127"},
		"a string, no shell command":    {sh("if true; then"), "could not be started"},
		"a string, an open quote":       {sh("echo 'ready"), "could not be started"},
		"a list, not found":             {[]string{filepath.Join(dir, "none")}, "no such file"},
		"a list, not in the path":       {[]string{"no-such-command"}, "not found"},
		"a list, not executable":        {[]string{plain}, "permission denied"},
		"a list, no such interpreter":   {[]string{alien}, "no such file"},
		"a list, a folder":              {[]string{dir}, "permission denied"},
		"a list that starts another":    {[]string{"env", "no-such-command"}, "127"},
		"killed":                        {sh("kill -KILL $$"), "signal: killed"},
		"terminated":                    {sh("kill -TERM $$"), "signal: terminated"},
		"what it started was killed":    {sh("sh -c 'kill -KILL $$'; exit $?"), "137"},
		"ssh without a connection":      {sh("exit 255"), "255"},
	} {
		got := rotate.AskGate(t.Context(), rotate.Gate{Command: c.command})
		if got.Open || (got.Failed == "") != (c.failed == "") || !strings.Contains(got.Failed, c.failed) {
			t.Errorf("%s: %+v, want failed %q", name, got, c.failed)
		}
	}
}
