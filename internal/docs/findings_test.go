package docs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/plan"
)

const runbook = "docs/runbook.md"

// The runbook lists the codes of findings as the code does. With -update the list is
// written.
func TestFindingsPage(t *testing.T) {
	page := read(t, runbook)
	titles := map[string]bool{}
	for _, s := range sections(page, 3) {
		titles[s.title] = true
	}
	var b strings.Builder
	b.WriteString("| code | means | `accept` |\n|---|---|---|\n")
	for _, code := range plan.AuditCodes() {
		about, _ := plan.AuditCodeOf(code)
		name := "<a id=\"" + string(code) + "\"></a>`" + string(code) + "`"
		if titles[string(code)] {
			name = "[`" + string(code) + "`](#" + string(code) + ")"
		}
		what := about.What
		if about.Needs != "" {
			what += "; only with `" + about.Needs + "`"
		}
		accept := "under the key"
		switch {
		case about.Stops:
			accept = "no: `run` stops"
		case about.Shared:
			accept = "at the top"
		}
		b.WriteString("| " + name + " | " + what + " | " + accept + " |\n")
	}
	const begin, end = "<!-- findings -->\n", "<!-- end of findings -->"
	before, rest, ok := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the findings", runbook)
	}
	golden.Compare(t, filepath.Join(root, runbook), before+begin+b.String()+end+after)
}

// Every finding that the situations show has a code of that list, and no two findings of
// one audit have the same id.
func TestFindingCodes(t *testing.T) {
	pages, err := filepath.Glob("testdata/situations/*.json")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%v: %v", pages, err)
	}
	seen := map[plan.Code]bool{}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range audits(t, string(text)) {
			ids := map[string]bool{}
			for _, f := range d.Findings {
				if _, known := plan.AuditCodeOf(f.Code); !known {
					t.Errorf("%s: plan/audit_code.go has no %s", page, f.Code)
				}
				if ids[f.ID] {
					t.Errorf("%s: two findings with the id %s", page, f.ID)
				}
				ids[f.ID], seen[f.Code] = true, true
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("the situations show %d codes", len(seen))
	}
}

// audits returns the documents of audits that a situation shows.
func audits(t *testing.T, text string) []document.Audit {
	t.Helper()
	var shown []struct{ Document json.RawMessage }
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		t.Fatal(err)
	}
	var all []document.Audit
	for _, s := range shown {
		if !strings.Contains(string(s.Document), `"format": "keyturn/audit/1"`) {
			continue
		}
		var d document.Audit
		if err := json.Unmarshal(s.Document, &d); err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// Where the runbook shows that a run is refused under a code of findings, the plan cannot
// accept that code; where status alone shows it, it can.
func TestRefusedFindingsStop(t *testing.T) {
	stops, others := 0, 0
	for title, list := range scenes {
		code := plan.Code(title)
		about, finding := plan.AuditCodeOf(code)
		if !finding || code == plan.CodeVersionGone { // a run refuses once, and writes the version off
			continue
		}
		for _, sc := range list {
			switch by := slices.Concat(sc.shows, []string{""})[0]; {
			case by == "run" && !about.Stops:
				t.Errorf("run is refused under %s, and the plan can accept it", code)
			case by == "status" && about.Stops:
				t.Errorf("no run is refused under %s, and the plan cannot accept it", code)
			case by == "run":
				stops++
			case by == "status":
				others++
			}
		}
	}
	if stops < 20 || others < 5 {
		t.Errorf("%d and %d scenes", stops, others)
	}
}
