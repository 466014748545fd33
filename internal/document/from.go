package document

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/keyturn/keyturn/plan/planfile"
)

// From is the command that a document is of.
type From struct {
	Verb, Run, Pool, Host string
	Plan                  *planfile.Plan
	// Hint puts the command's own flags into a text that says what to type.
	Hint func(string) string
}

// Write writes one document.
func Write(w io.Writer, d any) {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		text = []byte(fmt.Sprintf("%q", err)) // documents are plain data: does not happen
	}
	_, _ = fmt.Fprintln(w, string(text)) // as with all printing, a closed pipe is the reader's wish
}
