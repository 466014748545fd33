package screen

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// What is folded, and what never is.
func TestFold(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"it fits", "  short", "  short"},
		{"prose", "  the record was born in a table with id one and stands in another",
			"  the record was born in a table with\n    id one and stands in another"},
		{"names are whole", "a-name-that-has-hyphens-and another-name-that-has-some",
			"a-name-that-has-hyphens-and\n  another-name-that-has-some"},
		{"an id is never broken", "x arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-0000-0000-000000000000",
			"x\n  arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-0000-0000-000000000000"},
		{"a command", `  hint: keyturn adopt orders-data billing --from-kms --reason "..."`,
			`  hint: keyturn adopt orders-data billing --from-kms --reason "..."`},
		{"one of aws", "  next: aws kms enable-key --region eu-west-1 --key-id 0a1b",
			"  next: aws kms enable-key --region eu-west-1 --key-id 0a1b"},
		{"one in a sentence", "still refused: the alias was moved; see keyturn status orders-data",
			"still refused: the alias was moved;\n  see keyturn status orders-data"},
		{"an error", "keyturn: run orders-data: the alias names another key now",
			"keyturn: run orders-data: the alias\n  names another key now"},
		{"colours", "\x1b[31mkeyturn:\x1b[0m the alias of this key names another now",
			"\x1b[31mkeyturn:\x1b[0m the alias of this key names\n  another now"},
		{"wide characters", strings.Repeat("漢字 ", 9), strings.Repeat("漢字 ", 6) + "漢字\n  漢字 漢字"},
	} {
		if got := fold(c.line+"\n", 40); got != c.want+"\n" {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
		if got := fold(c.line, 0); got != c.line {
			t.Errorf("%s, no terminal: %q", c.name, got)
		}
		for line := range strings.Lines(fold(c.line, 10)) { // a width that no text fits in
			word := strings.TrimSpace(line)
			command := toPaste().MatchString(line)
			if w := ansi.StringWidth(word); w > narrowest && strings.Contains(word, " ") && !command {
				t.Errorf("%s: %d wide: %q", c.name, w, line)
			}
		}
	}
}

// A table that is too wide folds its last column, or has below each row what does not fit.
func TestNarrowTable(t *testing.T) {
	lay := func(width int) string {
		t := table{width: width, head: []string{"KEY", "DONE", "NOW"}}
		t.row("orders-data", "rotated v6 to v7", "v6 drains until 2026-12-31, then is disabled; next 2027-02-06")
		t.note("a note")
		t.row("billing", "-", "short")
		return t.String()
	}
	for width, want := range map[int]string{
		0: "KEY          DONE              NOW\n" +
			"orders-data  rotated v6 to v7  v6 drains until 2026-12-31, then is disabled; next 2027-02-06\n" +
			"  a note\nbilling      -                 short\n",
		80: "KEY          DONE              NOW\n" +
			"orders-data  rotated v6 to v7  v6 drains until 2026-12-31, then is disabled;\n" +
			"                                 next 2027-02-06\n" +
			"  a note\nbilling      -                 short\n",
		50: "KEY          DONE\norders-data  rotated v6 to v7\n" +
			"  now: v6 drains until 2026-12-31, then is\n    disabled; next 2027-02-06\n" +
			"  a note\nbilling      -\n  now: short\n",
	} {
		if got := lay(width); got != want {
			t.Errorf("%d:\n%s\nwant\n%s", width, got, want)
		}
	}
}
