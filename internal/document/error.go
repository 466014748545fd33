package document

import (
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Error is "keyturn/error/1": why a command did nothing.
type Error struct {
	Format  string    `json:"format"`
	Run     string    `json:"run"`
	Code    plan.Code `json:"code"` // stable, for programs
	Message string    `json:"message"`
	Next    *Next     `json:"next,omitempty"`
	Exit    plan.Exit `json:"exit"`
	// Problems of a plan, in the file's order.
	Problems []Problem `json:"problems,omitempty"`
}

// Problem is one thing that is wrong with a plan file.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1
	Column  int    `json:"column"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// OfError returns the document of an error.
func OfError(c From, err error, f plan.Fault) Error {
	d := Error{Format: "keyturn/error/1", Run: c.Run, Code: f.Code, Message: err.Error(), Next: c.next(f.Hint),
		Exit: f.Exit}
	if problems, ok := f.Data.(planfile.Problems); ok {
		d.Problems = ofProblems(problems)
	}
	return d
}

func ofProblems(problems planfile.Problems) []Problem {
	out := make([]Problem, len(problems))
	for i, p := range problems {
		out[i] = Problem{File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Hint: p.Hint}
	}
	return out
}
