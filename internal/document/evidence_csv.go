package document

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/plan"
)

// evidenceColumns are those of the CSV form. A row is a version. A key without one has a row
// too, so that no key is missing in silence.
var evidenceColumns = []string{"key", "alias", "region", "schedule", "drain", "retire", "version", "key_id", "adopted"}

// evidenceFacts are the facts of a version that have columns, and evidenceAbout what each
// column says of them.
var (
	evidenceFacts = []string{"created", "live", "left", "kept", "disabled", "deleting"}
	evidenceAbout = []string{"at", "from", "by", "run", "why", "requests", "rev"}
	evidenceLast  = []string{"delete_at", "times_live", "active_seconds", "kms", "last_use", "last_operation",
		"late_use", "not_shown"}
)

// WriteEvidenceCSV writes a report as CSV. Texts from elsewhere are one line each, and none
// is a formula for a spreadsheet.
func WriteEvidenceCSV(w io.Writer, r evidence.Report) error {
	out := csv.NewWriter(w)
	head := append([]string{}, evidenceColumns...)
	for _, fact := range evidenceFacts {
		for _, about := range evidenceAbout {
			head = append(head, fact+"_"+about)
		}
	}
	rows := [][]string{append(head, evidenceLast...)}
	for _, k := range r.Keys {
		if len(k.Versions) == 0 {
			rows = append(rows, evidenceRow(k, evidence.Version{}, r.At))
		}
		for _, v := range k.Versions {
			rows = append(rows, evidenceRow(k, v, r.At))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			row[i] = csvCell(cell)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func evidenceRow(k evidence.Key, v evidence.Version, now time.Time) []string {
	p := k.Policy
	row := []string{p.Name, p.Alias, p.Region, p.Schedule.Text(), plan.FormatDuration(p.Drain), string(p.Retire.Action),
		"", v.KeyID, ""}
	if v.Version > 0 {
		row[6], row[8] = plan.VersionName(v.Version), fmt.Sprint(v.Adopted)
	}
	facts := map[string]evidence.Fact{}
	for _, n := range v.Named() {
		facts[n.Name] = n.Fact
	}
	for _, name := range evidenceFacts {
		f := facts[name]
		rev := ""
		if f.Rev > 0 {
			rev = fmt.Sprint(f.Rev)
		}
		row = append(row, csvTime(f.At), string(f.From), f.Who.By, f.Run, f.Why.Text(), requestsText(f.Calls), rev)
	}
	active, times, _ := v.ActiveFor(now)
	last, operation, late := "", "", 0
	if v.Use != nil {
		last, operation = csvTime(v.Use.LastAt), v.Use.Operation
	}
	for _, l := range k.Late {
		if l.Version == v.Version {
			late++
		}
	}
	return append(row, csvTime(v.DeleteAt), fmt.Sprint(times), fmt.Sprint(int64(active/time.Second)), v.KMS, last,
		operation, fmt.Sprint(late), fmt.Sprint(len(k.Unknown)))
}

func csvTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func requestsText(calls []plan.Answered) string {
	var all []string
	for _, c := range calls {
		all = append(all, c.Operation+" "+c.RequestID)
	}
	return strings.Join(all, "; ")
}

// csvCell returns a cell that is data everywhere. Spreadsheets take what begins with one of
// these characters for a formula: an apostrophe before it makes it a text.
// https://owasp.org/www-community/attacks/CSV_Injection
func csvCell(text string) string {
	text = plan.Line(text)
	if text != "" && strings.ContainsAny(text[:1], "=+-@|%") || strings.HasPrefix(text, "＝") {
		return "'" + text
	}
	return text
}
