package mutants

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// mutant is one guard taken out.
type mutant struct {
	Name  string         // of its file
	Guard string         // the first line of the file: what the guard is
	Finds *regexp.Regexp // what the hunt must find, and nothing else will do
	Why   string         // why this mutant is hunted as it is, if that needs saying
	edits []edit
	// pkg and run say which tests hunt it, as arguments of go test.
	pkg  string
	args []string
}

// edit is a text of a file, and what stands there without the guard.
type edit struct{ file, old, new string }

const root = "../.."

// readMutants reads testdata/mutants. A file is
//
//	GUARD
//	finds: REGULAR EXPRESSION   what must be found: a violation, or a test that fails
//	why: TEXT                   why it is hunted as it is, if that needs saying
//	hunt: PACKAGE ARGUMENTS…    default: ./internal/rehearsal/search -run TestRoam
//	scenes: REGULAR EXPRESSION  for -roam.scenes
//	at: CALL                    for -roam.at
//	-- FILE --
//	text with the guard
//	-- without --
//	text without it
func readMutants() ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(root, "testdata/mutants/*.txtar"))
	if err != nil {
		return nil, err
	}
	var list []mutant
	for _, f := range files {
		m, err := readMutant(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		list = append(list, m)
	}
	return list, nil
}

func readMutant(file string) (mutant, error) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		return mutant{}, err
	}
	m := mutant{Name: strings.TrimSuffix(filepath.Base(file), ".txtar"), pkg: "./internal/rehearsal/search",
		args: []string{"-run", "TestRoam"}}
	head := strings.Split(strings.TrimSpace(string(a.Comment)), "\n")
	m.Guard = head[0]
	for _, line := range head[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "why":
			m.Why = value
		case "finds":
			if m.Finds, err = regexp.Compile(value); err != nil {
				return m, err
			}
		case "hunt":
			words := strings.Fields(value)
			m.pkg, m.args = words[0], words[1:]
		case "scenes", "at":
			m.args = append(m.args, "-roam."+name, value)
		default:
			return m, fmt.Errorf("%q is no line of a mutant", line)
		}
	}
	if m.Finds == nil {
		return m, errors.New("it does not say what it finds")
	}
	if len(a.Files) == 0 || len(a.Files)%2 != 0 {
		return m, fmt.Errorf("it has %d parts; they come in pairs", len(a.Files))
	}
	for i := 0; i < len(a.Files); i += 2 {
		if a.Files[i+1].Name != "without" {
			return m, fmt.Errorf("part %d is not called without", i+2)
		}
		m.edits = append(m.edits, edit{a.Files[i].Name, strings.TrimSuffix(string(a.Files[i].Data), "\n"),
			strings.TrimSuffix(string(a.Files[i+1].Data), "\n")})
	}
	return m, nil
}

// overlay writes the changed files into a folder, and the file that has go
// build them instead.
func (m mutant) overlay(dir string) (string, error) {
	replaced := map[string]string{}
	for _, e := range m.edits {
		real, err := filepath.Abs(filepath.Join(root, e.file))
		if err != nil {
			return "", err
		}
		from := real
		if already, ok := replaced[real]; ok {
			from = already
		}
		text, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if n := strings.Count(string(text), e.old); n != 1 {
			return "", fmt.Errorf("the text of %s stands there %d times, not once:\n%s", e.file, n, e.old)
		}
		to := filepath.Join(dir, strings.ReplaceAll(e.file, "/", "_"))
		if err := os.WriteFile(to, []byte(strings.Replace(string(text), e.old, e.new, 1)), 0o600); err != nil {
			return "", err
		}
		replaced[real] = to
	}
	doc, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, doc, 0o600)
}
