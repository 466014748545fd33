package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const results = `{"backend": "moto", "version": "moto 5", "at": "2026-11-27T04:00:00Z",
 "found": [{"ability": "TableId", "has": false, "seen": "none | nothing"}],
 "outcomes": [{"case": "adopt", "what": "w", "result": "pass"},
  {"case": "restored", "what": "w", "result": "cannot", "why": "TableId"},
  {"case": "drift", "what": "w", "result": "fail"}, {"case": "kinds", "what": "w", "result": "not run"}]}`

func TestPage(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := run([]string{dir}, &out); err == nil {
		t.Error("no results made a page")
	}
	write("1-moto.json", results)
	if err := run([]string{dir}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| case | what | moto |\n", "| adopt | w | pass |\n",
		"| restored | w | cannot: TableId |\n", "| drift | w | **FAIL** |\n",
		"| kinds | w | **NOT RUN** |\n", "## moto\n\nmoto 5, on 2026-11-27.\n",
		`| TableId | **no** | none \| nothing |`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page has no %q:\n%s", want, out.String())
		}
	}
	write("2-short.json", `{"outcomes": [{"case": "adopt"}]}`)
	if err := run([]string{dir}, &out); err == nil {
		t.Error("results of two suites made one page")
	}
}
