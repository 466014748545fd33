package document

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// From is the command that a document is of.
type From struct {
	Verb, Run, Pool, Host string
	Plan                  *planfile.Plan
	// With puts the command's own flags into the commands of a hint.
	With func(plan.Hint) plan.Hint
}

// Next is what to do next: commands to type one after the other, each a list of words,
// and a note.
type Next struct {
	Commands [][]string `json:"commands"`
	Note     string     `json:"note,omitempty"`
}

// next returns a hint with the command's own flags; nil if there is nothing to do.
func (c From) next(h plan.Hint) *Next {
	if h = c.With(h); h.Empty() {
		return nil
	}
	return &Next{Commands: append([][]string{}, h.Commands...), Note: h.Note}
}

// Write writes one document.
func Write(w io.Writer, d any) {
	text, err := json.MarshalIndent(d, "", "  ")
	write(w, text, err)
}

// WriteLine writes one document as one line.
func WriteLine(w io.Writer, d any) {
	text, err := json.Marshal(d)
	write(w, text, err)
}

func write(w io.Writer, text []byte, err error) {
	if err != nil {
		text = fmt.Appendf(nil, "%q", err) // documents are plain data: does not happen
	}
	_, _ = fmt.Fprintln(w, string(text)) // as with all printing, a closed pipe is the reader's wish
}
