package document

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
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
	evidenceLast  = []string{"delete_at", "ended_found", "ended_until", "times_live", "active_seconds",
		"live_earliest", "left_earliest", "perhaps_seconds", "kms", "last_use", "last_operation", "late_use"}
	// evidenceOfKey say the same of each version of a key.
	evidenceOfKey = []string{"key_windows", "key_windows_done", "key_windows_missed", "key_windows_closed",
		"key_longest_gap_seconds", "key_holds", "key_chain_rev", "key_chain_head", "key_sealed_to",
		"key_findings", "key_accepted", "not_shown"}
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
	rows := [][]string{slices.Concat(head, evidenceLast, evidenceOfKey)}
	for _, k := range r.Keys {
		ofKey := evidenceKeyCells(k)
		if len(k.Versions) == 0 {
			rows = append(rows, append(evidenceRow(k, evidence.Version{}, r.At), ofKey...))
		}
		for _, v := range k.Versions {
			rows = append(rows, append(evidenceRow(k, v, r.At), ofKey...))
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
	last, operation, late, perhaps := "", "", 0, ""
	if d := v.PerhapsFor(now); d > 0 {
		perhaps = fmt.Sprint(int64(d / time.Second))
	}
	if v.Use != nil {
		last, operation = csvTime(v.Use.LastAt), v.Use.Operation
	}
	for _, l := range k.Late {
		if l.Version == v.Version {
			late++
		}
	}
	if k.Unread {
		return append(row, make([]string, len(evidenceLast))...)
	}
	return append(row, csvTime(v.DeleteAt), csvTime(v.Ended.At), csvTime(v.EndedUntil), fmt.Sprint(times),
		fmt.Sprint(int64(active/time.Second)), csvTime(v.Live.Earliest), csvTime(v.Left.Earliest), perhaps,
		v.KMS, last, operation, fmt.Sprint(late))
}

// evidenceKeyCells returns the cells of evidenceOfKey.
func evidenceKeyCells(k evidence.Key) []string {
	windows := k.Counts()
	gap, rev, sealed := "", "", ""
	if k.Longest != nil {
		gap = fmt.Sprint(int64(k.Longest.Length() / time.Second))
	}
	if k.Head.Hash != "" {
		rev = fmt.Sprint(k.Head.Rev)
	}
	if s := plan.Sealed(k.Seals); s != nil {
		sealed = fmt.Sprint(s.Claim.Rev)
	}
	var open, accepted []string
	for _, f := range k.Findings {
		text := string(f.Code) + " " + f.ID
		if f.Accepted != nil && !f.Ended {
			accepted = append(accepted, text+": "+f.Accepted.Reason)
		} else {
			open = append(open, text)
		}
	}
	counts := []string{fmt.Sprint(len(k.Windows)), fmt.Sprint(windows.Done), fmt.Sprint(windows.Missed),
		fmt.Sprint(windows.Closed), gap, fmt.Sprint(len(k.Holds))}
	if k.Unread {
		clear(counts)
	}
	return append(counts, rev, k.Head.Hash, sealed, strings.Join(open, "; "), strings.Join(accepted, "; "),
		fmt.Sprint(len(k.Unknown)))
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
