package document_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/internal/golden"
	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/plan"
)

// The forms of a report for programs.
func TestEvidenceForms(t *testing.T) {
	c := document.From{Run: "0a1b2c3d", Plan: sample.Plan(), With: func(h plan.Hint) plan.Hint { return h }}
	r := sample.Evidence()
	compare(t, "evidence.json", document.OfEvidence(c, r, plan.ExitFailed))
	golden.Compare(t, "../../testdata/screens/evidence.csv", csvOf(t, r))
}

func csvOf(t *testing.T, r evidence.Report) string {
	t.Helper()
	var b strings.Builder
	if err := document.WriteEvidenceCSV(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Texts from elsewhere are data in a spreadsheet: none is a formula, none has a line of its
// own, and none can end its cell. Every row has every column.
func TestEvidenceCSVIsData(t *testing.T) {
	for _, hostile := range sample.Hostile() {
		rows, err := csv.NewReader(strings.NewReader(csvOf(t, sample.EvidenceWith(hostile)))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, row := range rows {
			for i, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n|%") {
					t.Errorf("%s: a formula: %q", rows[0][i], cell)
				}
				if what := plan.FirstMisleading(cell); what != "" {
					t.Errorf("%s: %s in %q", rows[0][i], what, cell)
				}
				found = found || strings.Contains(cell, plan.Line(hostile))
			}
		}
		if !found {
			t.Errorf("%q is not in it", hostile)
		}
	}
}
