package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mandoc finds nothing to say about the manual page, and it has what such a page has.
func TestManual(t *testing.T) {
	out, err := exec.Command("keyturn", "man").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH COMMANDS", ".SH EXIT STATUS",
		".SH ENVIRONMENT", ".SH FILES", ".SH EXAMPLES", ".SH SEE ALSO"} {
		if !strings.Contains(string(out), want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	if _, err := exec.LookPath("mandoc"); err != nil { // scripts/check.sh says so, and does not let it pass in CI
		t.Skip("no mandoc here")
	}
	file := filepath.Join(t.TempDir(), "keyturn.1")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("mandoc", "-T", "lint", "-W", "style", file).CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}
