package plan

import "strings"

// Fault describes an error to the caller of keyturn.
type Fault struct {
	// Code names the kind of error for programs.
	Code Code
	Exit Exit
	// Hint is what a person can do about it.
	Hint Hint
	// Raw is what AWS or its SDK said, for -v and logs; "" if the error is not theirs.
	Raw string
	// Data is further data for programs; nil for most errors.
	Data any
}

// FaultError is an error that has its own Fault. Its type is declared where the error
// arises; there is no list of them.
type FaultError interface {
	error
	Fault() Fault
}

// Hint is what a person can do next.
type Hint struct {
	// Commands are commands as lists of words, unquoted and without the flags of the
	// current command, such as --plan.
	Commands [][]string
	// Note says what the commands do, or what to do if there is none.
	Note string
}

// Try returns the hint to type a command.
func Try(words ...string) Hint { return Hint{Commands: [][]string{words}} }

// Noted returns the hint with a note.
func (h Hint) Noted(note string) Hint {
	h.Note = note
	return h
}

// String returns the hint as text.
func (h Hint) String() string {
	commands := make([]string, len(h.Commands))
	for i, words := range h.Commands {
		commands[i] = Shell(words...)
	}
	text := strings.Join(commands, "; ")
	switch {
	case h.Note == "":
		return text
	case text == "":
		return h.Note
	}
	return text + "   (" + h.Note + ")"
}
