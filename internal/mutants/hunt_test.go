package mutants

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	hunt    = flag.Bool("hunt", false, "take each guard out and hunt: some seconds each; give a -timeout")
	only    = flag.String("hunt.only", "", "mutants whose name matches")
	courses = flag.Int("hunt.courses", 3000, "random courses of each scene")
	report  = flag.String("hunt.report", "", "write what was found to this file, as a table")
)

// Every mutant still fits the code: its text stands there, once. With -hunt
// each is built and hunted, and one that survives fails the test.
func TestMutants(t *testing.T) {
	list, err := readMutants()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 20 {
		t.Errorf("%d mutants", len(list))
	}
	rows := make([]string, len(list))
	t.Run("each", func(t *testing.T) { // ends when all have
		for i, m := range list {
			if *only != "" && !regexp.MustCompile(*only).MatchString(m.Name) {
				continue
			}
			t.Run(m.Name, func(t *testing.T) {
				t.Parallel() // one a core: a hunt itself is one search after the other
				overlay, err := m.overlay(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				if !*hunt {
					return
				}
				found := m.hunted(t, overlay)
				t.Logf("%s: %s", m.Guard, found)
				if m.Why != "" {
					found += " *(" + m.Why + ")*"
				}
				rows[i] = fmt.Sprintf("| %s | %s |\n", m.Guard, found)
			})
		}
	})
	if *report != "" && *hunt {
		if err := writeReport(*report, rows); err != nil {
			t.Error(err)
		}
	}
}

// writeReport puts the table of what was found in place of the one that stands
// in a page, or writes a page of its own.
func writeReport(file string, rows []string) error {
	const head = "| guard taken out | what was found |\n|---|---|\n"
	page, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	before, _, _ := strings.Cut(string(page), head)
	return os.WriteFile(file, []byte(before+head+strings.Join(rows, "")), 0o600)
}

// hunted builds a mutant and runs its hunt. It tells what was found, and fails
// the test if that is nothing, or if the mutant does not even compile.
func (m mutant) hunted(t *testing.T, overlay string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "hunt.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-o", program, m.pkg)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the mutant does not compile: %v\n%s", err, out)
	}
	args := []string{"-test.failfast", "-test.parallel", "1"}
	for i := 0; i < len(m.args); i++ {
		switch a := m.args[i]; {
		case a == "-run":
			args = append(args, "-test.run", m.args[i+1])
			i++
		default:
			args = append(args, a)
		}
	}
	if m.pkg == "./internal/rehearsal/search" {
		args = append(args, "-roam.courses", strconv.Itoa(*courses))
	}
	run := exec.CommandContext(t.Context(), program, args...)
	run.Dir = filepath.Join(root, m.pkg)
	out, err := run.CombinedOutput()
	if *only != "" {
		t.Logf("%s", out)
	}
	if err == nil {
		t.Errorf("SURVIVED: %s\n%s", m.Guard, out)
		return "nothing"
	}
	found := firstFound(string(out))
	if !m.Finds.MatchString(found) {
		t.Errorf("found something else than %q: %s\n%s", m.Finds, found, out)
	}
	return found
}

// firstFound is the violation, or the failing test, in what a hunt printed.
func firstFound(out string) string {
	if v := regexp.MustCompile(`(?m)((?:invariant [0-9]|rule ").*)$`).FindStringSubmatch(out); v != nil {
		return uuid.ReplaceAllString(v[1], "$1…")
	}
	if v := regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`).FindStringSubmatch(out); v != nil {
		return v[1] + " fails"
	}
	return "the tests fail"
}

// uuid is a KMS key's id: its first digits tell it from the others of a story.
var uuid = regexp.MustCompile(`([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
