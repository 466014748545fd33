package screen

import (
	"strings"
	"text/tabwriter"

	"github.com/keyturn/keyturn/plan"
)

// table lays rows out in columns. Notes stand below their row, indented, and
// do not take part in the columns. A cell and a note are one line, whatever a
// record, a reason or AWS says in it.
type table struct {
	rows  [][]string
	notes [][]string
}

func (t *table) row(cells ...string) {
	line := make([]string, len(cells))
	for i, c := range cells {
		line[i] = plan.Line(c)
	}
	t.rows, t.notes = append(t.rows, line), append(t.notes, nil)
}

// note adds a line below the last row.
func (t *table) note(line string) {
	last := len(t.notes) - 1
	t.notes[last] = append(t.notes[last], plan.Line(line))
}

// warnings adds lines that a person may have to see to.
func (t *table) warnings(notes []string) {
	for _, note := range notes {
		t.note("! " + note)
	}
}

// lines returns the finished lines, each row's with its notes.
func (t *table) lines(indent string) [][]string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range t.rows {
		_, _ = w.Write([]byte(indent + strings.Join(r, "\t") + "\n")) // a Builder takes everything
	}
	_ = w.Flush()
	laid := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	out := make([][]string, len(t.rows))
	for i := range t.rows {
		out[i] = append(out[i], strings.TrimRight(laid[i], " "))
		for _, n := range t.notes[i] {
			out[i] = append(out[i], indent+"  "+n)
		}
	}
	return out
}

// String is all lines.
func (t *table) String() string {
	var b strings.Builder
	if len(t.rows) == 0 {
		return ""
	}
	for _, group := range t.lines("") {
		for _, line := range group {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
