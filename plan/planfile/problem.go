package planfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Plan is a plan file, checked; Keys have all defaults filled in.
type Plan struct {
	// Version is that of the format: 1.
	Version int
	// Name is a label in outputs. Named reports whether the file says it; else it is that of
	// the file.
	Name  string
	Named bool
	// Region is the one of the table; Account, Table as written at the top.
	Region, Account, Table string
	// Accept are the findings about tables that the plan accepts.
	Accept []plan.Acceptance
	// Ping is the address that runs call; PingBy says which of them do, if there is one.
	Ping, PingBy string
	// Keys are in the order of the file.
	Keys []plan.Policy
}

// Tables returns the names of all tables that the plan uses.
func (p *Plan) Tables() []string {
	var names []string
	for _, k := range p.Keys {
		if !slices.Contains(names, k.Table) {
			names = append(names, k.Table)
		}
	}
	return names
}

// Problem is one thing that is wrong with a plan file, and what would be right.
type Problem struct {
	File string
	// Line and Column count from 1.
	Line, Column int
	Message      string
	// Hint is what would be right; "" if there is none.
	Hint string
}

// Error is file:line:column: message (hint).
func (p Problem) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Problems is everything that is wrong with a plan file, in the file's order.
type Problems []Problem

// Error is one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Fault has all of the problems, for programs.
func (ps Problems) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodePlanInvalid, Exit: plan.ExitUsage, Data: ps}
}
