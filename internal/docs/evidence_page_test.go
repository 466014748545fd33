package docs

import (
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/golden"
)

// docs/audit.md shows the report on a year of a key: as text, one row of its CSV, and a part
// of its JSON. With -update it is written.
func TestEvidenceExample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, retiring)
		yearOfEvidence(w)
		_, text := w.keyturn("audit", "--evidence", "--since", "2026-01-01")
		_, table, _ := w.run("audit", "--evidence", "--since", "2026-01-01", "--output", "csv")
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil || len(rows) < 4 {
			t.Fatalf("%v: %s", err, table)
		}
		var b strings.Builder
		b.WriteString("```console\n$ keyturn audit --evidence --since 2026-01-01\n" + text + "```\n\n" +
			"The row of " + rows[3][6] + " in the CSV, as far as it has values:\n\n```\n")
		for i, name := range rows[0] {
			if rows[3][i] != "" {
				b.WriteString(name + ": " + rows[3][i] + "\n")
			}
		}
		b.WriteString("```\n\nOf its JSON, two windows and an act:\n\n```json\n" + partOfEvidence(t, w) + "\n```\n")
		page := read(t, tamperingPage)
		const begin, end = "<!-- evidence -->\n", "<!-- end of evidence -->"
		before, rest, ok := strings.Cut(page, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s has no place for the report", tamperingPage)
		}
		golden.Compare(t, filepath.Join(root, tamperingPage), before+begin+b.String()+end+after)
	})
}

func partOfEvidence(t *testing.T, w *world) string {
	t.Helper()
	_, out, _ := w.run("audit", "--evidence", "--since", "2026-01-01", "--output", "json")
	var d document.EvidenceReport
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	k := d.Keys[0]
	part, err := json.MarshalIndent(map[string]any{"windows": k.Windows[2:4], "acts": k.Acts[:1]}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(part)
}

// yearOfEvidence is a year with four windows, of which one was missed, a rollback, and a hold.
func yearOfEvidence(w *world) {
	runs := func(days int) {
		for range days / 5 {
			w.advance(5 * day)
			w.must(0, "run")
		}
	}
	adopted(w)
	runs(95)
	w.must(0, `rollback orders-data --reason "checkout cannot decrypt: INC-4711" --confirm orders-data`)
	w.advance(4 * time.Hour)
	w.must(0, `rotate orders-data --reason "INC-4711 is fixed" --confirm orders-data`)
	runs(80)
	w.must(0, `hold orders-data --reason "half-year close: CHG-1207"`)
	runs(20)
	w.must(0, "release orders-data")
	runs(40)
	w.advance(125 * day) // cron is off
	w.must(0, "run")
}
