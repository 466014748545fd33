package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// onTerminal runs a command whose stdout and stderr are a terminal of that width, and
// returns what came out of it.
func (c *cloud) onTerminal(width int, typed string, args ...string) (string, int) {
	c.t.Helper()
	screen, tty, err := pty.Open()
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = screen.Close() }()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 50, Cols: uint16(width)}); err != nil { //nolint:gosec // 80 or 120
		c.t.Fatal(err)
	}
	seen := make(chan string)
	go func() {
		var b bytes.Buffer
		_, _ = io.Copy(&b, screen) // it ends with an error once nobody has the other side open
		seen <- b.String()
	}()
	p := newProcess()
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(typed), tty, tty
	p.StdinTTY, p.StdoutTTY, p.StderrTTY = true, true, true
	p.StdoutWidth, p.StderrWidth = widthOf(tty), widthOf(tty)
	_, exit := c.runIn(c.t.Context(), p, args...)
	_ = tty.Close()
	return strings.ReplaceAll(<-seen, "\r\n", "\n"), exit
}

// On a terminal no line is wider than it, but for a command to paste, which is one line.
func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	c := manyCloud(t)
	c.must("hold", "session-mac", "--reason", "the auditors want to see this key as it is until the end of the quarter")
	c.drift()
	c.lose("billing")
	c.advance(day)
	because := []string{"--reason", "the table was lost when somebody cleaned up an account that looked unused"}
	for _, width := range []int{80, 120} {
		for _, args := range [][]string{
			{"status"}, {"status", "-v"}, {"audit"}, {"run"}, {"run", "-v"}, {"run", "--dry-run"},
			{"history", "orders-data"}, {"history", "session-mac", "--verify"}, {"rotate", "session-mac", "--dry-run"},
			append([]string{"rotate", "orders-data", "session-mac"}, because...),
			append([]string{"adopt", "--from-kms", "--all"}, because...),
		} {
			text, exit := c.onTerminal(width, "no\n", args...)
			text = strings.ReplaceAll(text, "to go on: ", "to go on: \n") // what is typed ends the line
			for line := range strings.Lines(text) {
				line = strings.TrimRight(line, "\n")
				if w := ansi.StringWidth(line); w > width && !pasted(ansi.Strip(line)) {
					t.Errorf("%v, exit %d: %d columns of %d: %s", args, exit, w, width, line)
				}
			}
			if text == "" {
				t.Errorf("%v, exit %d: nothing", args, exit)
			}
		}
	}
}

// pasted reports whether a line is a command, after a label at most.
func pasted(line string) bool {
	line = strings.TrimSpace(line)
	if _, after, ok := strings.Cut(line, ": "); ok && !strings.Contains(line[:len(line)-len(after)], " keyturn") {
		line = after
	}
	return strings.HasPrefix(line, "keyturn ") || strings.HasPrefix(line, "aws ")
}

// Where stdout is no terminal nothing is folded: a sentence is found by grep.
func TestNothingIsFoldedInAPipe(t *testing.T) {
	c := manyCloud(t)
	c.drift()
	c.advance(day)
	p, _ := c.run("audit")
	wide := false
	for line := range strings.Lines(p.out.String()) {
		wide = wide || len(line) > 100
	}
	if !wide {
		t.Errorf("%s", p.out.String())
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	if got := widthOf(w)(); got != 0 {
		t.Errorf("a pipe is %d wide", got)
	}
}

// What a person must look at is red, where colours are on.
func TestRefusedIsRed(t *testing.T) {
	c := manyCloud(t)
	c.lose("billing")
	for _, args := range [][]string{{"status"}, {"run", "--dry-run"}} {
		text, _ := c.onTerminal(80, "", args...)
		p, _ := c.run(args...)
		red := false
		for line := range strings.Lines(text) {
			red = red || strings.HasPrefix(line, "\x1b[31m") && strings.Contains(line, "REFUSED")
		}
		if !red || strings.Contains(text, "\x1b[31morders-data") || strings.Contains(p.out.String(), "\x1b") {
			t.Errorf("%v:\n%s\nin a pipe:\n%s", args, text, p.out.String())
		}
	}
}

// plans writes a plan of many keys, of which KMS has none.
func (c *cloud) plans(keys int) {
	var b strings.Builder
	b.WriteString("region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n")
	for i := range keys {
		fmt.Fprintf(&b, "  - alias: alias/key-%04d\n", i)
	}
	c.write(b.String())
}

// What could not be asked of many keys is not told of each.
func TestManyKeysThatCannotBeAsked(t *testing.T) {
	c := newCloud(t)
	c.plans(100)
	for _, operation := range []string{"DescribeKey", "ListAliases"} {
		c.faults(sandbox.Fault{Service: "kms", Operation: operation, Kind: sandbox.Refuse,
			Code: "AccessDeniedException", Message: "no permission"})
		for _, args := range [][]string{{"status"}, {"run"}, {"run", "--dry-run"}, {"audit"}} {
			text, exit := c.onTerminal(80, "", args...)
			n := strings.Count(text, "\n")
			if exit == 0 && args[0] != "status" || n > 80 || strings.Contains(text, "key-0050") {
				t.Errorf("%s: %v: exit %d, %d lines\n%s", operation, args, exit, n, text)
			}
			if strings.Contains(text, "key-0000") {
				contains(t, text, "more", "; -v shows all")
			}
		}
	}
}

// Of 3000 keys in trouble the first ten are told, and the others counted; -v tells all,
// and a document has all.
func TestThreeThousandKeysInTrouble(t *testing.T) {
	const few = 300
	keys := 3000
	if testing.Short() {
		keys = few // each command describes each key
	}
	c := newCloud(t)
	c.plans(keys)
	for _, args := range [][]string{{"status"}, {"run"}, {"run", "--dry-run"}, {"audit"}} {
		text, exit := c.onTerminal(80, "", args...)
		contains(t, text, fmt.Sprintf("and %d more of alias-missing; -v shows all", keys-10), "key-0009")
		if n := strings.Count(text, "\n"); exit != 13 || n > 120 || strings.Contains(text, "key-0010") {
			t.Errorf("%v: exit %d, %d lines\n%s", args, exit, n, text)
		}
	}
	c.plans(few)
	for _, args := range [][]string{{"status", "-v"}, {"run", "-v"}, {"audit", "-v"}, {"run", "--dry-run", "-v"},
		{"status", "--output", "json"}, {"run", "--output", "json"}, {"audit", "--output", "json"}} {
		p, exit := c.run(args...)
		text := p.out.String() + p.err.String()
		if exit != 13 || strings.Contains(text, "more of") && !slices.Contains(args, "json") {
			t.Errorf("%v: exit %d", args, exit)
		}
		for _, name := range []string{"key-0000", "key-0010", fmt.Sprintf("key-%04d", few-1)} {
			if !strings.Contains(text, name) {
				t.Errorf("%v: no %s", args, name)
			}
		}
	}
}
