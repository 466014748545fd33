package cmd

import (
	"encoding/json"
	"fmt"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Documents of --output json have a format with a version: fields may be
// added to a version, never taken away or given another meaning. Times are
// RFC 3339 in UTC; what is not known is absent.

// ErrorDocument is "keyturn/error/1": why a command did nothing.
type ErrorDocument struct {
	Format  string    `json:"format"`
	Run     string    `json:"run"`
	Code    string    `json:"code"` // stable, for programs
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
	Exit    plan.Exit `json:"exit"`
	// Problems of a plan, in the file's order.
	Problems []ProblemDocument `json:"problems,omitempty"`
}

// ProblemDocument is one thing that is wrong with a plan file.
type ProblemDocument struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1
	Column  int    `json:"column"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func (con *console) errorDocument(err error, f plan.Fault) ErrorDocument {
	d := ErrorDocument{Format: "keyturn/error/1", Run: con.env.RunID(), Code: f.Code, Message: err.Error(), Hint: con.next(f.Hint), Exit: f.Exit}
	if problems, ok := f.Data.(planfile.Problems); ok {
		d.Problems = problemDocuments(problems)
	}
	return d
}

func problemDocuments(problems planfile.Problems) []ProblemDocument {
	out := make([]ProblemDocument, len(problems))
	for i, p := range problems {
		out[i] = ProblemDocument{File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Hint: p.Hint}
	}
	return out
}

// document writes one document to stdout.
func (con *console) document(d any) {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		text = []byte(fmt.Sprintf("%q", err)) // documents are plain data: does not happen
	}
	_, _ = fmt.Fprintln(con.env.Stdout, string(text)) // as with all printing, a closed pipe is the reader's wish
}
