package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// unshown are the codes that no situation shows, and why.
var unshown = map[string]string{
	"busy":         "it stands in the log",
	"listed-twice": "nothing but another program writes such a record",
}

// Every code of a refusal, an error or a finding is shown by a situation. What is to be
// typed is a command of a hint, and never its note.
func TestSituationsShowEveryCode(t *testing.T) {
	pages, err := filepath.Glob("testdata/situations/*.json")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%v: %v", pages, err)
	}
	shown := map[string]bool{}
	code := regexp.MustCompile(`"code": "([a-z-]+)"`)
	command := regexp.MustCompile(`"note": "(keyturn|aws) [^"]*`)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			shown[m[1]] = true
		}
		for _, note := range command.FindAllString(string(text), -1) {
			t.Errorf("%s: %s is a command", page, note)
		}
	}
	for _, code := range codes(t) {
		why, allowed := unshown[code]
		switch {
		case !shown[code] && !allowed:
			t.Errorf("no situation shows %s", code)
		case shown[code] && allowed:
			t.Errorf("%s is shown, and was not to be: %s", code, why)
		}
	}
}

// codes returns those of plan/code.go, but those of reasons.
func codes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "plan", "code.go"), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range file.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST || strings.Contains(group.Doc.Text(), "of reasons") {
			continue
		}
		for _, s := range group.Specs {
			for _, v := range s.(*ast.ValueSpec).Values {
				text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, text)
			}
		}
	}
	if len(all) < 70 {
		t.Fatalf("%d codes in plan/code.go", len(all))
	}
	return all
}
