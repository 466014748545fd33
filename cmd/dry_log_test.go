package cmd

import (
	"bufio"
	"encoding/json"
	"strings"
	"testing"
)

// The log of a dry-run says of every line that it is one, and nothing of an answer:
// a change that nobody made must not be found in a log as made.
func TestDryRunLog(t *testing.T) {
	for dry, args := range map[bool][]string{
		true: {"run", "--dry-run", "--log", "json"}, false: {"run", "--log", "json"},
	} {
		p, exit := newCloud(t).run(args...)
		if exit != 0 {
			t.Fatalf("%v: exit %d\n%s", args, exit, p.err.String())
		}
		acts := 0
		for lines := bufio.NewScanner(strings.NewReader(p.err.String())); lines.Scan(); {
			var line map[string]any
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			if is := line["line"]; (is == "start" || is == "end") && (line["dry_run"] == true) != dry {
				t.Errorf("dry-run %v: %v", dry, line)
			}
			if line["act"] == nil {
				continue
			}
			acts++
			if _, answered := line["answer"]; answered == dry || (line["dry_run"] == true) != dry {
				t.Errorf("dry-run %v: %v", dry, line)
			}
		}
		if acts < 8 {
			t.Errorf("%v: %d acts", args, acts)
		}
	}
}
