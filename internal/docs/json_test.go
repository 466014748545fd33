package docs

import (
	"fmt"
	"go/ast"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/internal/kit"
	"github.com/keyturn/keyturn/internal/saved"
	"github.com/keyturn/keyturn/plan"
)

// documents are the Go types of what --output json writes, by their format.
var documents = map[string]any{
	"keyturn/run/1": document.Run{}, "keyturn/status/1": document.Status{}, "keyturn/audit/1": document.Audit{},
	"keyturn/verify/1":   document.Verify{},
	"keyturn/evidence/1": document.EvidenceReport{},
	"keyturn/history/1":  document.History{}, "keyturn/validate/1": document.Validate{},
	"keyturn/rehearse/1": document.Rehearse{}, "keyturn/wave/1": document.Wave{},
	"keyturn/cost/1": document.Cost{}, "keyturn/init/1": document.Init{},
	"keyturn/init-plan/1": document.InitPlan{}, "keyturn/init-iam/1": document.InitIAM{},
	"keyturn/init-kit/1": document.InitKit{},
	"keyturn/version/1":  document.Program{},
	"keyturn/error/1":    document.Error{},
}

// field is what docs/json.md says of a field, or a type.
type field struct {
	// is is text, number, true or false, time, object, objects, texts or numbers.
	is     string
	always bool
	what   string
}

// jsonPage reads the tables of docs/json.md: by format, then by path.
func jsonPage(t *testing.T) map[string]map[string]field {
	t.Helper()
	page := map[string]map[string]field{}
	for _, s := range sections(read(t, "docs/json.md"), 2) {
		if !strings.HasPrefix(s.title, "keyturn/") {
			continue
		}
		page[s.title] = fieldRows(t, s)
	}
	if len(page) == 0 {
		t.Fatal("docs/json.md has no documents")
	}
	return page
}

// fieldRows reads the table of a section, by path.
func fieldRows(t *testing.T, s section) map[string]field {
	t.Helper()
	fields := map[string]field{}
	for _, row := range rows(s.text) {
		path := strings.Trim(row[0], "`")
		if path == row[0] {
			continue // the head
		}
		if len(row) < 3 || row[2] != "always" && row[2] != "or not" {
			t.Errorf("%s: %v", s.title, row)
			continue
		}
		if _, twice := fields[path]; twice {
			t.Errorf("%s has two rows for %s", s.title, path)
		}
		fields[path] = field{is: row[1], always: row[2] == "always", what: strings.Join(row[3:], " ")}
	}
	return fields
}

// docs/json.md has a row for every field of a saved decision, and for no other.
func TestSavedFields(t *testing.T) {
	want := map[string]field{}
	fieldsOf(reflect.TypeFor[saved.File](), "", want)
	for _, s := range sections(read(t, "docs/json.md"), 2) {
		if s.title != "A saved decision" {
			continue
		}
		for path, got := range fieldRows(t, s) {
			if w, ok := want[path]; !ok || got.is != w.is || got.always != w.always {
				t.Errorf("docs/json.md: %s is %s, always there: %v; in the code %s, %v", path, got.is, got.always, w.is,
					w.always)
			}
			delete(want, path)
		}
	}
	for path := range want {
		t.Errorf("docs/json.md: a saved decision does not have %s", path)
	}
}

// fieldsOf gives the fields of a document's type, by path.
func fieldsOf(t reflect.Type, prefix string, into map[string]field) {
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		of := t.Field(i).Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		path, many := prefix+name, of.Kind() == reflect.Slice
		if many {
			path, of = path+"[]", of.Elem()
		}
		is := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false",
			reflect.Int: "number", reflect.Int64: "number", reflect.Float64: "number", reflect.Slice: "list"}[of.Kind()]
		switch {
		case of == reflect.TypeFor[time.Time]():
			is = "time"
		case of.Kind() == reflect.Struct:
			is = "object"
			// IAM's document is IAM's, and an event in an event has the fields of an event.
			if of != reflect.TypeFor[iam.Document]() && of != t {
				fieldsOf(of, path+".", into)
			}
		}
		if many {
			is += "s"
		}
		into[path] = field{is: is, always: options != "omitempty"}
	}
}

// docs/json.md has a row for every field of every document, and for no other:
// under the same path, of the same kind, and always there or not.
func TestJSONFields(t *testing.T) {
	page := jsonPage(t)
	for format, document := range documents {
		want := map[string]field{}
		fieldsOf(reflect.TypeOf(document), "", want)
		for path, f := range want {
			switch got, ok := page[format][path]; {
			case !ok:
				t.Errorf("docs/json.md: %s does not have %s", format, path)
			case got.is != f.is || got.always != f.always:
				t.Errorf("docs/json.md: %s: %s is %s, always there: %v; in the code %s, %v",
					format, path, got.is, got.always, f.is, f.always)
			}
			delete(page[format], path)
		}
		for path := range page[format] {
			t.Errorf("docs/json.md: %s has %s, and the code does not", format, path)
		}
		delete(page, format)
	}
	for format := range page {
		t.Errorf("docs/json.md has %s, and the test knows no type for it", format)
	}
}

// Every format that the code writes is known to this test, and no other.
func TestJSONFormats(t *testing.T) {
	got, want := map[string]bool{}, map[string]bool{}
	for format := range documents {
		got[format] = true
	}
	format := regexp.MustCompile(`^keyturn/[a-z-]+/\d+$`)
	for _, file := range sources(t, "internal/document") {
		ast.Inspect(file, func(n ast.Node) bool {
			if b, ok := n.(*ast.BasicLit); ok {
				if text, err := strconv.Unquote(b.Value); err == nil && format.MatchString(text) {
					want[text] = true
				}
			}
			return true
		})
	}
	compare(t, "the test", got, want)
}

// Where docs/json.md lists the values of a field, it lists those of the code.
func TestJSONValues(t *testing.T) {
	page := jsonPage(t)
	texts := func(path, kind string) []string { return constants(t, path, kind) }
	verdicts := []string{string(plan.Yes), string(plan.No), string(plan.Unknown)}
	actions := []string{string(plan.RetireKeep), string(plan.RetireDisable), string(plan.RetireDelete)}
	modes := []string{string(audit.Duplicate), string(audit.Drain), string(audit.Partial), string(audit.Race)}
	var roles []string
	for _, r := range append(iam.Roles(), iam.Verify) {
		roles = append(roles, string(r))
	}
	var kinds []string
	for _, k := range kit.Kinds() {
		kinds = append(kinds, string(k))
	}
	for path, want := range map[string][]string{
		"keyturn/run/1 keys[].outcome":                       append(texts("plan/act.go", "Outcome"), "busy"),
		"keyturn/run/1 keys[].did":                           texts("internal/rotate/effect.go", "Effect"),
		"keyturn/run/1 keys[].step":                          texts("plan/words.go", "Step"),
		"keyturn/run/1 keys[].draining[].retire":             actions,
		"keyturn/run/1 keys[].calls[].answer":                verdicts,
		"keyturn/run/1 keys[].calls[].service":               {"kms", "dynamodb"},
		"keyturn/status/1 keys[].state":                      texts("internal/status/key.go", "State"),
		"keyturn/status/1 keys[].old_versions[].retire":      actions,
		"keyturn/status/1 keys[].old_versions[].mark.what":   {string(plan.FencedDisable), string(plan.FencedDelete)},
		"keyturn/audit/1 findings[].level":                   {string(audit.Person), string(audit.Warning)},
		"keyturn/audit/1 findings[].mode":                    modes,
		"keyturn/evidence/1 keys[].versions[].spans[].state": texts("internal/evidence/version.go", "State"),
		"keyturn/evidence/1 keys[].windows[].state":          texts("internal/evidence/window.go", "WindowState"),
		"keyturn/evidence/1 keys[].acts[].verb":              texts("internal/evidence/hold.go", "ActVerb"),
		"keyturn/evidence/1 keys[].acts[].outcome":           texts("internal/evidence/hold.go", "Outcome"),
		"keyturn/evidence/1 keys[].unknown[].kind":           texts("internal/evidence/unknown.go", "UnknownKind"),
		"keyturn/evidence/1 keys[].seals[].state":            texts("plan/seal.go", "SealState"),
		"keyturn/evidence/1 keys[].versions[].facts[].from":  texts("internal/evidence/report.go", "Source"),
		"keyturn/history/1 keys[].findings[].kind":           texts("plan/history.go", "FindingKind"),
		"keyturn/init-iam/1 role":                            roles,
		"keyturn/init-kit/1 kit":                             kinds,
		"keyturn/verify/1 checks[].answer":                   texts("plan/preflight.go", "Known"),
		"keyturn/verify/1 checks[].way":                      texts("plan/preflight.go", "Way"),
	} {
		format, name, _ := strings.Cut(path, " ")
		got := codeSpans(page[format][name].what)
		slices.Sort(got)
		// `dry_run` is the name of a field, not a value.
		got = slices.DeleteFunc(slices.Compact(got), func(s string) bool { return s == "dry_run" })
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("docs/json.md: %s: %q, in the code %q", path, got, want)
		}
	}
	codes := map[string]bool{}
	_, list, _ := strings.Cut(read(t, "docs/json.md"), "`code` is one of ")
	list, _, _ = strings.Cut(list, "or the code")
	for _, code := range codeSpans(list) {
		codes[code] = true
	}
	compare(t, "docs/json.md: the codes of errors", codes, errorCodes(t))
}

// errorCodes returns the codes that errors define.
func errorCodes(t *testing.T) map[string]bool {
	t.Helper()
	codes, consts := map[string]bool{}, codeConstants(t)
	for _, dir := range []string{"cmd", "ddblock", "kms", "plan/planfile",
		"internal/awscall", "internal/iam", "internal/survey"} {
		for _, file := range sources(t, dir) {
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.CompositeLit); ok && typeName(lit.Type) == "Fault" {
					for _, element := range lit.Elts {
						if code, ok := codeIn(element, consts); ok {
							codes[code] = true
						}
					}
				}
				return true
			})
		}
	}
	if len(codes) < 5 {
		t.Fatalf("%d codes found", len(codes))
	}
	return codes
}

// codeIn returns the code that an element of a literal sets to a constant.
func codeIn(element ast.Expr, consts map[string]string) (string, bool) {
	pair, ok := element.(*ast.KeyValueExpr)
	if !ok || typeName(pair.Key) != "Code" {
		return "", false
	}
	code, ok := consts[typeName(pair.Value)]
	return code, ok
}

// unlike describes in what a real document is not what the page says: a field that
// the page does not have, one of another kind, one that is missing, a null.
func unlike(page map[string]field, document any) []string {
	var all []string
	var walk func(v any, path string)
	fields := func(prefix string) (direct []string) {
		for path := range page {
			if rest, ok := strings.CutPrefix(path, prefix); ok && !strings.Contains(rest, ".") {
				direct = append(direct, rest)
			}
		}
		return direct
	}
	object := func(m map[string]any, prefix string) {
		for _, name := range fields(prefix) {
			bare := strings.TrimSuffix(name, "[]")
			v, there := m[bare]
			delete(m, bare)
			switch {
			case there:
				walk(v, prefix+name)
			case page[prefix+name].always:
				all = append(all, prefix+name+" is missing")
			}
		}
		for name := range m {
			all = append(all, fmt.Sprintf("%s%s is not on the page", prefix, name))
		}
	}
	walk = func(v any, path string) {
		is := page[path].is
		switch v := v.(type) {
		case map[string]any:
			if is != "object" && is != "objects" {
				all = append(all, path+" is an object")
			} else if path != "parts[].policies[]" { // that one is IAM's
				object(v, path+".")
			}
		case []any:
			if !strings.HasSuffix(is, "s") {
				all = append(all, path+" is a list")
			}
			for _, one := range v {
				walk(one, path)
			}
		case string:
			_, err := time.Parse(time.RFC3339, v)
			if is != "text" && is != "texts" && is != "lists" && (is != "time" || err != nil || !strings.HasSuffix(v,
				"Z")) {
				all = append(all, fmt.Sprintf("%s is %q", path, v))
			}
		case float64:
			if is != "number" && is != "numbers" {
				all = append(all, path+" is a number")
			}
		case bool:
			if is != "true or false" {
				all = append(all, path+" is true or false")
			}
		default:
			all = append(all, path+" is null")
		}
	}
	object(document.(map[string]any), "")
	return all
}
