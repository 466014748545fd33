package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Difference is a row that a backend does not answer as AWS's documentation
// says.
type Difference struct {
	Backend, Row string
	Answers      string // what it answers instead
	Evidence     string // how it is known: a version, and what was seen or where it stands
}

// Differences are all that are known, by backend and row.
var Differences = []Difference{}

// Markdown is the list as a table, with what is documented beside what is
// answered. wants and docs are by row.
func Markdown(wants, docs map[string]string) string {
	var b strings.Builder
	b.WriteString("| backend | call | AWS documents | it answers | evidence |\n|---|---|---|---|---|\n")
	list := slices.Clone(Differences)
	slices.SortStableFunc(list, func(x, y Difference) int { return strings.Compare(x.Backend+" "+x.Row, y.Backend+" "+y.Row) })
	for _, d := range list {
		fmt.Fprintf(&b, "| %s | %s | [%s](%s) | %s | %s |\n", d.Backend, d.Row, wants[d.Row], docs[d.Row], d.Answers, d.Evidence)
	}
	return b.String()
}
