package acceptance

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// On a backend that fails a case the suite ends, names the case, and writes what
// came of it: no request that a case has parked, and no process, holds it up.
func TestSuiteEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the suite runs often enough")
	}
	const denied = `"kind":"refuse","code":"AccessDeniedException"}]`
	for name, c := range map[string]struct {
		faults, named string
		results       map[string]string
	}{
		"a request is parked, and its case fails": {`[{"operation":"UpdateAlias",` + denied,
			"stale_move", map[string]string{"stale move": "fail"}},
		"the request to be parked never comes": {
			`[{"operation":"CreateAlias","resource":"/v2","kind":"refuse","code":"LimitExceededException"}]`,
			"stale_move", map[string]string{"stale move": "fail"}},
		"nor does that of a run to be interrupted": {`[{"caller":"pool1",` + denied,
			"exit_codes", map[string]string{"exit codes": "fail"}},
		"the victim is not killed": {`[{"caller":"victim",` + denied,
			"exit_codes", map[string]string{"exit codes": "fail"}},
		"the victim of many is not killed": {`[{"caller":"pool0",` + denied,
			"killed_at_once", map[string]string{"killed at once": "fail"}},
		"a call is never answered": {`[{"operation":"UpdateAlias","kind":"latency","latency":"1h"}]`,
			"rotate", map[string]string{"rotate": "fail"}},
		"a parked call is never answered": {`[{"operation":"UpdateAlias","kind":"latency","latency":"1h"}]`,
			"stale_move", map[string]string{"stale move": "fail"}},
		"it answers nothing well": {`[{` + denied,
			"rotate", map[string]string{"rotate": "not run"}},
		"another case goes on": {`[{"operation":"UpdateAlias",` + denied,
			"(rotate|table)", map[string]string{"rotate": "fail", "table": "pass"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "results.json")
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestBackend$/^"+c.named+"$",
				"-test.timeout", "2m", "-binary", binary, "-results", file, "-faults", c.faults)
			if strings.Contains(name, "never answered") {
				cmd.Args = append(cmd.Args, "-process.time", "8s")
			}
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			begun := time.Now()
			err := cmd.Run()
			if err == nil || strings.Contains(out.String(), "panic:") || time.Since(begun) > 2*time.Minute {
				t.Fatalf("%v after %s\n%s", err, time.Since(begun), &out)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v\n%s", err, &out)
			}
			var r report
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			for _, o := range r.Outcomes {
				want, ran := c.results[o.Case]
				if ran && o.Result != want || !ran && o.Result != "not run" {
					t.Errorf("%s: %q, want %q\n%s", o.Case, o.Result, want, &out)
				}
				failed := "--- FAIL: TestBackend/" + strings.ReplaceAll(o.Case, " ", "_")
				if want == "fail" && !strings.Contains(out.String(), failed) {
					t.Errorf("the output does not name %s\n%s", o.Case, &out)
				}
			}
			for of := range c.results {
				if !slices.ContainsFunc(r.Outcomes, func(o outcome) bool { return o.Case == of }) {
					t.Errorf("%s is no case", of)
				}
			}
		})
	}
}
