package github

import (
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// most is how many rows a table has, and how many annotations there are: a summary may have a
// megabyte, and nobody reads more.
const most = 100

// table returns a Markdown table; "" without rows.
func table(head []string, rows [][]string) string {
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + cell(c) + " ")
		}
		b.WriteString("|\n")
	}
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for i, r := range rows {
		if i == most {
			fmt.Fprintf(&b, "\nand %d more\n", len(rows)-most)
			break
		}
		line(r)
	}
	return b.String() + "\n"
}

// heading returns the first lines of a summary.
func heading(title, below string) string {
	text := "### " + cell(title) + "\n\n"
	if below != "" {
		text += cell(below) + "\n\n"
	}
	return text
}

// longest is how much of a text a cell shows.
const longest = 500

// cell returns text in which nothing is Markdown or HTML, as one line.
func cell(s string) string {
	s = plan.Line(s)
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest]) + "…"
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune("&<>", r):
			fmt.Fprintf(&b, "&#%d;", r)
		case strings.ContainsRune("\\`*_[]#|~@", r):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
