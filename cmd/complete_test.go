package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A KEY is completed from the plan that the command would use, and values of a
// flag where there are few. Where nothing is known, nothing is made up.
func TestCompleteValues(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(file, []byte(onePlan+"  - {alias: alias/b, name: billing}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"rollback --plan " + file:                "orders-data billing",
		"--plan " + file + " hold a":             "orders-data billing",
		"rotate x --plan " + file:                "",
		"run --plan " + file + " --key":          "orders-data billing",
		"rotate x --plan=" + file + " --confirm": "orders-data billing",
		"rollback --plan /none":                  "",
		"rollback --sandbox --dry-run x":         "",
		"init --iam":                             "cron readonly break-glass",
		"status --output":                        "text json",
	} {
		p := newProcess()
		p.Quickstart = []byte(onePlan)
		exit := p.keyturn(t.Context(), append(strings.Fields(line), "--generate-bash-completion")...)
		if got := strings.Join(strings.Fields(p.out.String()), " "); exit != 0 || got != want {
			t.Errorf("%q: exit %d, %q; want %q", line, exit, got, want)
		}
	}
}
