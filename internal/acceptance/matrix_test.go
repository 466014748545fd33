package acceptance

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/backends.md is made of this suite's results, in this order, and shows no
// failure.
func TestMatrixIsOfThisSuite(t *testing.T) {
	page, err := os.ReadFile("../../docs/backends.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| case | what |")
	table, _, _ = strings.Cut(table, "\n\n")
	lines := strings.Split(table, "\n")[2:] // without the headers and the rule
	if len(lines) != len(cases()) {
		t.Fatalf("docs/backends.md has %d cases, the suite %d; hint: scripts/backends.sh matrix", len(lines),
			len(cases()))
	}
	for i, c := range cases() {
		if want := fmt.Sprintf("| %s | %s |", c.name, c.what); !strings.HasPrefix(lines[i], want) {
			t.Errorf("docs/backends.md has %q, want %q…; hint: scripts/backends.sh matrix", lines[i], want)
		}
		for _, cell := range strings.Split(strings.Trim(lines[i], "| "), " | ")[2:] {
			if cell != "pass" && !strings.HasPrefix(cell, "cannot: ") {
				t.Errorf("docs/backends.md, %s: %s", c.name, cell)
			}
		}
	}
}
