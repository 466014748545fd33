package screen

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/keyturn/keyturn/plan"
)

// A terminal breaks a long line wherever it ends, in the middle of a word. So on a
// terminal lines are folded between words before they are printed. Where a stream is no
// terminal nothing is folded: grep finds whole sentences there.
//
// A command to paste stays one line, however long it is: it stands alone on its line,
// after a label at most. Within a sentence a command is moved to the next line as a
// whole, if it fits there. A name or an id is never broken.

// narrowest is the width below which a terminal counts as that wide.
const narrowest = 40

// hang is how much further the rest of a folded line is indented.
const hang = 2

// toPaste matches a line that is a command, after a label at most.
var toPaste = plan.Pattern(`^ *([a-z ]+: )?(keyturn (` + strings.Join(planVerbs(), "|") + `)|aws [a-z]+) `)

// within matches a command in a sentence, up to where the sentence may go on.
var within = plan.Pattern(`\b(keyturn (` + strings.Join(planVerbs(), "|") + `)|aws [a-z]+) [^;,()]*`)

// stuck replaces what ansi.Wordwrap would break at, and should not; loose takes it back.
// Both are characters of private use, and one column wide.
var (
	stuck = strings.NewReplacer("-", "\ue000", " ", "\ue001")
	loose = strings.NewReplacer("\ue000", "-", "\ue001", " ")
)

// fold breaks the lines of a text that are wider than a terminal; a width of 0 is no
// terminal.
func fold(text string, width int) string {
	if width <= 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		whole, ended := strings.CutSuffix(line, "\n")
		b.WriteString(strings.Join(foldLine(whole, width), "\n"))
		if ended {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// foldLine returns the lines that a line becomes.
func foldLine(line string, width int) []string {
	width = max(width, narrowest)
	switch {
	case ansi.StringWidth(line) <= width, toPaste().MatchString(ansi.Strip(line)),
		strings.ContainsAny(line, "\ue000\ue001"):
		return []string{line}
	}
	text := strings.TrimLeft(line, " ")
	indent := min(len(line)-len(text), width/2)
	room := width - indent - hang
	text = within().ReplaceAllStringFunc(text, func(command string) string {
		if ansi.StringWidth(command) > room {
			return command
		}
		return stuck.Replace(command)
	})
	text = strings.ReplaceAll(text, "-", stuck.Replace("-"))
	lines := strings.Split(loose.Replace(ansi.Wordwrap(text, room, "")), "\n")
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent) + strings.TrimRight(lines[i], " ")
		if i > 0 {
			lines[i] = strings.Repeat(" ", hang) + lines[i]
		}
	}
	return lines
}
