package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// held has a run stand in its CreateKey while f runs.
func (c *cloud) held(t *testing.T, f func()) {
	t.Helper()
	came, open := c.gate.close("CreateKey")
	first := make(chan int)
	go func() {
		_, exit := c.run("run")
		first <- exit
	}()
	<-came
	f()
	open()
	if exit := <-first; exit != 0 {
		t.Errorf("the run that had it: exit %d", exit)
	}
}

// What a busy run hints at does what was typed, and not more: the saved decision, the picked
// keys. A dry-run does not wait, so it hints at no wait.
func TestBusyHint(t *testing.T) {
	c := newCloud(t)
	file := filepath.Join(t.TempDir(), "d.json")
	if p, exit := c.run("run", "--dry-run", "--out", file); exit != 0 {
		t.Fatalf("exit %d\n%s", exit, p.err.String())
	}
	c.held(t, func() {
		for _, line := range []struct {
			args       []string
			want, note string
		}{
			{[]string{"run", "--wait", "0s"}, "keyturn run --wait 5m", "or leave it to the next run"},
			{[]string{"run", "--wait", "0s", "--expect", file}, "keyturn run --expect " + file + " --wait 5m", ""},
			{[]string{"run", "--wait", "0s", "--key", "alias/orders-data"},
				"keyturn run --key orders-data --wait 5m", "or leave it to the next run"},
			{[]string{"run", "--dry-run"}, "", "look again after "},
			{[]string{"run", "--dry-run", "--expect", file}, "", "look again after "},
			{[]string{"rotate", "orders-data", "--dry-run"}, "", "look again after "},
			{[]string{"hold", "orders-data", "--dry-run"}, "", ""}, // a hold needs no lease
		} {
			p, _ := c.run(line.args...)
			hint, note := "", ""
			for said := range strings.Lines(p.err.String()) {
				if text, ok := strings.CutPrefix(said, "  hint: "); ok {
					hint += strings.TrimSpace(text)
				}
				if text, ok := strings.CutPrefix(said, "  note: "); ok {
					note += strings.TrimSpace(text)
				}
			}
			if hint != line.want || !strings.HasPrefix(note, line.note) || note == "" != (line.note == "") {
				t.Errorf("%q: hint %q, want %q; note %q, want %q\n%s", line.args, hint, line.want, note, line.note,
					p.err.String())
			}
		}
	})
}

// A dry-run does not wait. Who asks it to is told so; the setting of a host is no question.
func TestDryRunDoesNotWait(t *testing.T) {
	for _, line := range []string{"run", "adopt orders-data", "rotate orders-data", "rollback orders-data",
		"retire orders-data/v1"} {
		c := newCloud(t)
		args := append(strings.Fields(line), "--dry-run")
		if p, exit := c.run(append(args, "--wait", "5m")...); exit != 64 ||
			!strings.Contains(p.err.String(), "a dry-run does not wait") {
			t.Errorf("%s: exit %d\n%s", line, exit, p.err.String())
		}
		p := newProcess()
		p.vars["KEYTURN_WAIT"] = "5m"
		if p, exit := c.runIn(t.Context(), p, args...); exit == 64 {
			t.Errorf("%s with KEYTURN_WAIT: exit %d\n%s", line, exit, p.err.String())
		}
	}
}
