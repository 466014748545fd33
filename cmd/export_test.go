package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An export is stable: later it has the same lines, and more. Whoever deletes what it has
// is found by it, and a file that was changed is no export.
func TestHistoryAgainstAnExport(t *testing.T) {
	c := rotatedCloud(t)
	first := c.must("history", "--export")
	path := filepath.Join(t.TempDir(), "ledger.ndjson")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(first)
	c.must("hold", "orders-data", "--reason", "x")
	if later := c.must("history", "--export"); !strings.HasPrefix(later, first) || len(later) == len(first) {
		t.Errorf("was\n%s\nis\n%s", first, later)
	}
	if out := c.must("history", "--verify", "--against", path); !strings.Contains(out, "the ledger is whole") {
		t.Errorf("%s", out)
	}
	write(strings.Replace(first, `"schedule":{"S":"every`, `"schedule":{"S":"never`, 1))
	if p, exit := c.run("history", "--verify", "--against", path); exit != 64 ||
		!strings.Contains(p.err.String(), "does not have the hash that it says") {
		t.Errorf("a changed file: exit %d\n%s", exit, p.err.String())
	}
	write(strings.ReplaceAll(first, `"key":"eu-west-1/alias/orders-data"`, `"key":"eu-west-1/alias/elsewhere"`))
	if p, exit := c.run("history", "--verify", "--against", path); exit != 0 ||
		!strings.Contains(p.err.String(), "not compared: eu-west-1/alias/elsewhere is in the export") {
		t.Errorf("another key: exit %d\n%s", exit, p.err.String())
	}
	write(first)
	c.drop("orders-data", "events#0000000001")
	c.drop("orders-data", "record")
	p, exit := c.run("history", "--verify", "--against", path)
	if exit != 13 || !strings.Contains(p.out.String(), "! revision 1 is in the export, and is missing now\n") {
		t.Errorf("exit %d\n%s", exit, p.out.String())
	}
}

func TestHistoryExportUsage(t *testing.T) {
	c := rotatedCloud(t)
	for _, line := range []string{"--export --verify", "--export --since 1d", "--export --output json", "--against x",
		"--verify --against no-such-file"} {
		p, exit := c.run(append([]string{"history"}, strings.Fields(line)...)...)
		if exit != 64 || strings.Contains(p.out.String(), `"hash"`) {
			t.Errorf("%s: exit %d\n%s", line, exit, p.out.String())
		}
	}
	for form, want := range map[string]int{"json": 64, "jsonl": 64, "text": 0} {
		p := newProcess()
		p.vars["KEYTURN_OUTPUT"] = form
		if _, exit := c.runIn(t.Context(), p, "history", "--export"); exit != want {
			t.Errorf("KEYTURN_OUTPUT=%s: exit %d, want %d\n%s", form, exit, want, p.out.String())
		}
	}
	p := newProcess()
	p.vars["GITHUB_ACTIONS"] = "true" // which is text, and nobody chose it
	if _, exit := c.runIn(t.Context(), p, "history", "--export"); exit != 0 {
		t.Errorf("GITHUB_ACTIONS: exit %d\n%s", exit, p.err.String())
	}
}
