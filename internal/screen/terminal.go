package screen

import (
	"io"

	"github.com/keyturn/keyturn/plan"
)

// terminal is stdout or stderr. It lets nothing through that acts on a terminal
// or misleads who reads it: plan.Visible says what. A document, and a line of
// the log, stays the same document, for in JSON such a character can only stand
// in a string, where its escape is the same character.
//
// What keyturn itself sends to a terminal, colours and the cursor's place, goes
// by Raw; so does what is another program's output.
type terminal struct{ to io.Writer }

// Clean returns a stream that lets nothing misleading through.
func Clean(w io.Writer) io.Writer { return terminal{w} }

// Write is given whole characters: every printer here writes whole lines.
func (t terminal) Write(p []byte) (int, error) {
	if _, err := io.WriteString(t.to, plan.Visible(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Raw returns the stream itself. Whatever is written to it was made by plan.Line or
// plan.Visible, or is keyturn's own.
func Raw(w io.Writer) io.Writer {
	if t, ok := w.(terminal); ok {
		return t.to
	}
	return w
}
