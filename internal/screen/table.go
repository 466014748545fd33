package screen

import (
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/ansi"

	"github.com/keyturn/keyturn/plan"
)

// table lays rows out in columns. Notes stand below their row, indented, and
// do not take part in the columns. A cell and a note are one line, whatever a
// record, a reason or AWS says in it.
//
// Where the columns are wider than the terminal, the last one is folded, if there is
// room for that; else the columns that do not fit stand below their row, with their
// names, as notes do.
type table struct {
	// width is that of the terminal; 0 is none.
	width int
	// head names the columns; it is nil if they have no names to show.
	head  []string
	rows  [][]string
	notes [][]string
	// red are the rows that need a person, with their notes; they are coloured if colour
	// is on.
	red    map[int]bool
	colour bool
}

// alarm marks the last row as one that needs a person.
func (t *table) alarm() {
	if t.red == nil {
		t.red = map[int]bool{}
	}
	t.red[len(t.rows)-1] = true
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

// gap is how far columns are apart.
const gap = 2

// roomy is how wide a column of sentences is at least.
const roomy = 30

// shape returns how many columns stand side by side, where the last column begins, and
// whether it is folded there.
func (t *table) shape() (columns, start int, folded bool) {
	var widths []int
	for _, r := range append([][]string{t.head}, t.rows...) {
		for i, cell := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	for i, w := range widths {
		room := max(t.width, narrowest) - start
		switch last := i == len(widths)-1; {
		case t.width == 0 || w <= room:
		case i == 0:
			return 1, 0, last
		case last && (room >= roomy || w <= 2*room):
			return len(widths), start, true
		default:
			return i, start, false
		}
		start += w + gap
	}
	return len(widths), start, false
}

// lines returns the finished lines: those of the head, if it has names, and each row's
// with its notes.
func (t *table) lines() [][]string {
	columns, start, folded := t.shape()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, gap, ' ', 0)
	rows, notes := t.rows, t.notes
	if t.head != nil {
		rows, notes = append([][]string{t.head}, rows...), append([][]string{nil}, notes...)
	}
	for _, r := range rows {
		_, _ = w.Write([]byte(strings.Join(r[:min(columns, len(r))], "\t") + "\n")) // a Builder takes everything
	}
	_ = w.Flush()
	laid := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	out := make([][]string, len(rows))
	for i, r := range rows {
		line := strings.TrimRight(laid[i], " ")
		if last := len(r) - 1; folded && ansi.StringWidth(line) > t.width {
			before := strings.TrimSuffix(line, r[last])
			cell := foldLine(strings.Repeat(" ", start)+r[last], t.width)
			cell[0] = before + strings.TrimLeft(cell[0], " ")
			out[i] = cell
		} else {
			out[i] = []string{line}
		}
		if t.head == nil || i > 0 {
			for n := columns; n < len(r); n++ {
				out[i] = append(out[i], t.below(n, r[n])...)
			}
		}
		for _, n := range notes[i] {
			out[i] = append(out[i], t.fold("  "+n)...)
		}
	}
	return out
}

// below returns a cell that stands below its row.
func (t *table) below(column int, cell string) []string {
	switch {
	case cell == "-" || cell == "":
		return nil
	case t.head == nil:
		return t.fold("  " + cell)
	}
	return t.fold("  " + strings.ToLower(t.head[column]) + ": " + cell)
}

func (t *table) fold(line string) []string {
	if t.width == 0 {
		return []string{line}
	}
	return foldLine(line, t.width)
}

// String is all lines.
func (t *table) String() string {
	var b strings.Builder
	if len(t.rows) == 0 {
		return ""
	}
	heads := 0
	if t.head != nil {
		heads = 1
	}
	for i, group := range t.lines() {
		for _, line := range group {
			b.WriteString(paint(t.colour && t.red[i-heads], "31", line) + "\n")
		}
	}
	return b.String()
}
