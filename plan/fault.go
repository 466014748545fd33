package plan

import "strings"

// Fault is what an error amounts to for who called keyturn.
type Fault struct {
	// Code names the kind of error for programs.
	Code Code
	Exit Exit
	// Hint is what to do about it.
	Hint Hint
	// Data is what else a program wants to know; nil for most errors.
	Data any
}

// FaultError is an error that says itself what it amounts to. Its type stands where
// the error arises, and nobody keeps a list of them.
type FaultError interface {
	error
	Fault() Fault
}

// Hint is what a person can do next.
type Hint struct {
	// Commands are words that a shell reads back as they stand here, without the flags
	// that the command at hand was given, such as --plan.
	Commands [][]string
	// Note says what the commands do, or stands in place of one.
	Note string
}

// Try is the hint to type a command.
func Try(words ...string) Hint { return Hint{Commands: [][]string{words}} }

// Noted returns the hint with a note on it.
func (h Hint) Noted(note string) Hint {
	h.Note = note
	return h
}

// String is the hint as text.
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
