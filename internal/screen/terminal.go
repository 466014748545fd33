package screen

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"unicode"

	"github.com/keyturn/keyturn/plan"
)

// terminal is stdout or stderr. It lets nothing through that acts on a terminal
// or misleads who reads it: plan.Visible says what. A document, and a line of
// the log, stays the same document, for in JSON such a character can only stand
// in a string, where its escape is the same character.
//
// What keyturn itself sends to a terminal, colours and the cursor's place, goes
// by Raw; so does what is another program's output.
type terminal struct{ to *stream }

// stream is where a process writes. It remembers the first write that failed.
type stream struct {
	io.Writer
	mu   sync.Mutex
	lost error
	// held keeps what is written; nil if it is written at once.
	held *bytes.Buffer
	// defuse is on after Defuse; inLine is that the last write did not end its line.
	defuse, inLine bool
}

func (s *stream) Write(p []byte) (int, error) {
	if s.held != nil {
		return s.held.Write(p)
	}
	if s.defuse {
		if err := s.send([]byte(s.defused(string(p)))); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return len(p), s.send(p)
}

// send writes, and remembers that it failed.
func (s *stream) send(p []byte) error {
	_, err := s.Writer.Write(p)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.lost == nil {
			s.lost = err
		}
	}
	return err
}

// defused returns text in which the runner of GitHub Actions finds no command: those begin a
// line with ::, or have ##[ anywhere. What stands there instead is the same in a document of
// JSON.
func (s *stream) defused(text string) string {
	text = strings.ReplaceAll(text, "##[", `##\u005b`)
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		if line == "" {
			continue
		}
		if begin := strings.TrimLeftFunc(line, unicode.IsSpace); !s.inLine && strings.HasPrefix(begin, "::") {
			line = line[:len(line)-len(begin)] + `\u003a` + begin[1:]
		}
		s.inLine = !strings.HasSuffix(line, "\n")
		b.WriteString(line)
	}
	return b.String()
}

// Defuse has a stream of Clean print nothing that the runner of GitHub Actions takes for a
// command. Whoever means one writes it to Bare.
func Defuse(w io.Writer) {
	if t, ok := w.(terminal); ok {
		t.to.defuse = true
	}
}

// Lost returns why something that was written to a stream of Clean did not get there;
// nil if everything did.
func Lost(w io.Writer) error {
	t, ok := w.(terminal)
	if !ok {
		return nil
	}
	t.to.mu.Lock()
	defer t.to.mu.Unlock()
	return t.to.lost
}

// Hold has a stream of Clean keep what is written to it, until Release.
func Hold(w io.Writer) {
	if t, ok := w.(terminal); ok {
		t.to.held = &bytes.Buffer{}
	}
}

// Release ends Hold: what was kept is written now, or dropped.
func Release(w io.Writer, write bool) {
	t, ok := w.(terminal)
	if !ok || t.to.held == nil {
		return
	}
	text := t.to.held.Bytes()
	if t.to.held = nil; write {
		_, _ = t.to.Write(text) // Lost has its error
	}
}

// Bare returns what Clean was given: for another program, which writes by itself.
func Bare(w io.Writer) io.Writer {
	if t, ok := w.(terminal); ok {
		return t.to.Writer
	}
	return w
}

// Clean returns a stream that lets nothing misleading through.
func Clean(w io.Writer) io.Writer { return terminal{&stream{Writer: w}} }

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
