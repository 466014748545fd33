package docs

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// docs/plan.md has a row for every field of the plan's schema, and for no
// other.
func TestPlanFields(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(planfile.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	var walk func(map[string]any)
	walk = func(s map[string]any) {
		properties, _ := s["properties"].(map[string]any)
		for name, p := range properties {
			want[name] = true
			walk(p.(map[string]any))
		}
		if items, ok := s["items"].(map[string]any); ok {
			walk(items)
		}
		for _, of := range []string{"anyOf", "oneOf"} {
			list, _ := s[of].([]any)
			for _, one := range list {
				walk(one.(map[string]any))
			}
		}
	}
	walk(schema)
	got := map[string]bool{}
	for _, row := range rows(read(t, "docs/plan.md")) {
		if name := strings.Trim(row[0], "`"); name != row[0] {
			got[name] = true
		}
	}
	compare(t, "docs/plan.md", got, want)
}

// docs/record.md names every attribute that the golden record has.
func TestRecordAttributes(t *testing.T) {
	var item any
	if err := json.Unmarshal([]byte(read(t, "ddblock/testdata/record.json")), &item); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				if name == "who" { // a map by run
					want[name] = true
					for _, acted := range inner.(map[string]any)["M"].(map[string]any) {
						walk(acted)
					}
					continue
				}
				if !slices.Contains([]string{"S", "N", "M", "L", "BOOL"}, name) {
					want[name] = true
				}
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(item)
	spans := map[string]bool{}
	for _, row := range rows(read(t, "docs/record.md")) {
		for _, cell := range row[:min(2, len(row))] {
			for _, span := range codeSpans(cell) {
				spans[span] = true
			}
		}
	}
	for name := range want {
		if !spans[name] {
			t.Errorf("docs/record.md does not name the attribute %s", name)
		}
	}
}

// docs/protocol.md names every act that writes or changes something, as the
// code does.
func TestProtocolActs(t *testing.T) {
	spans := map[string]bool{}
	for _, span := range codeSpans(read(t, "docs/protocol.md")) {
		spans[span] = true
	}
	acts := 0
	for _, text := range constants(t, "plan/act_kind.go", "Kind") {
		if k := plan.Kind(text); k.Writes() || k.Changes() {
			acts++
			if !spans[text] {
				t.Errorf("docs/protocol.md does not name the act %q", text)
			}
		}
	}
	if acts < 20 {
		t.Errorf("%d acts found", acts)
	}
}

// docs/protocol.md has the values of the constants of the protocol.
func TestProtocolConstants(t *testing.T) {
	want := map[string]time.Duration{
		"LeaseFor": plan.LeaseFor, "RenewUnder": plan.RenewUnder, "LooksLast": plan.LooksLast,
		"OldTurn": plan.OldTurn, "ThrottledFor": plan.ThrottledFor, "FenceFor": plan.FenceFor,
		"SignedSkew": plan.SignedSkew, "LagAfterSwitch": plan.LagAfterSwitch,
		"AliasDateSlack":    plan.AliasDateSlack,
		"PropagationBudget": plan.PropagationBudget, "AttemptEvery": plan.AttemptEvery,
		"GatePatience": plan.GatePatience, "AgainWithin": plan.AgainWithin,
	}
	for _, row := range rows(read(t, "docs/protocol.md")) {
		name := strings.Trim(row[0], "`")
		if d, ok := want[name]; ok {
			if row[1] != plan.FormatDuration(d) {
				t.Errorf("docs/protocol.md: %s is %s, in the code %s", name, row[1], plan.FormatDuration(d))
			}
			delete(want, name)
		}
	}
	for name := range want {
		t.Errorf("docs/protocol.md does not have %s", name)
	}
}

// docs/runbook.md has a section for every refusal in the code, and for none
// that is not there.
func TestRefusals(t *testing.T) {
	got := map[string]bool{}
	_, refusals, ok := strings.Cut(read(t, "docs/runbook.md"), "\n## Refusals\n")
	if !ok {
		t.Fatal("docs/runbook.md has no Refusals")
	}
	refusals, _, _ = strings.Cut(refusals, "\n## ") // the sections below are of other findings
	for _, s := range sections(refusals, 3) {
		got[s.title] = true
	}
	compare(t, "docs/runbook.md", got, refusalCodes(t))
}

// docs/runbook.md has the code of every kind of error of AWS, in the table of exit 1.
func TestCausesAreListed(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "docs/runbook.md"), "\n### Exit 1\n")
	table, _, _ = strings.Cut(table, "\n### ")
	for _, kind := range plan.CauseKinds() {
		code := plan.Answer{Cause: plan.Cause{Kind: kind}}.FaultCode()
		if code != plan.CodeInterrupted && !strings.Contains(table, "`"+string(code)+"`") {
			t.Errorf("docs/runbook.md does not have %s, of %s", code, kind)
		}
	}
}

// refusalCodes returns the codes of all refusals that package plan, and the
// runner, can make.
func refusalCodes(t *testing.T) map[string]bool {
	codes, consts := map[string]bool{}, codeConstants(t)
	for _, dir := range []string{"plan", "internal/rotate"} {
		for _, file := range sources(t, dir) {
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.CompositeLit)
				if !ok || !strings.HasSuffix(fmt.Sprint(typeName(lit.Type)), "Refusal") {
					return true
				}
				for _, e := range lit.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && typeName(kv.Key) == "Code" {
						if code, ok := consts[typeName(kv.Value)]; ok {
							codes[code] = true
						}
					}
				}
				return true
			})
		}
	}
	if len(codes) < 20 {
		t.Fatalf("%d refusals found", len(codes))
	}
	return codes
}

// codeConstants returns the constants of plan's codes, by name.
func codeConstants(t *testing.T) map[string]string {
	t.Helper()
	consts := map[string]string{}
	for _, file := range sources(t, "plan") {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || typeName(spec.Type) != "Code" {
				return true
			}
			consts[spec.Names[0].Name], _ = strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			return true
		})
	}
	return consts
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func sources(t *testing.T, dir string) []*ast.File {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range found {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// constants returns the texts of a file's constants of a type.
func constants(t *testing.T, path, kind string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil || typeName(spec.Type) != kind {
			return true
		}
		for _, v := range spec.Values {
			if b, ok := v.(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(b.Value)
				all = append(all, text)
			}
		}
		return true
	})
	return all
}

func compare(t *testing.T, page string, got, want map[string]bool) {
	t.Helper()
	for name := range want {
		if !got[name] {
			t.Errorf("%s does not have %s", page, name)
		}
	}
	for name := range got {
		if !want[name] {
			t.Errorf("%s has %s, and there is none in the code", page, name)
		}
	}
}
