package screen

import (
	"slices"

	"github.com/keyturn/keyturn/plan"
)

// Same holds the flags that the next command to type needs, to be about the same
// keys: a hint that a person copies must not lead from the sandbox to the real AWS.
type Same struct {
	Plan    string
	Sandbox bool
	// State is the file of the sandbox as it was given; "" is the usual one. File is the
	// file itself.
	State, File string
}

// flags returns the flags for a command of keyturn.
func (s Same) flags(command string) []string {
	var all []string
	if s.Plan != "" {
		all = append(all, "--plan", s.Plan)
	}
	if slices.Contains(offline(), command) {
		return all
	}
	if s.Sandbox {
		all = append(all, "--sandbox")
	}
	if s.State != "" {
		all = append(all, "--sandbox-state", s.State)
	}
	return all
}

// before returns what comes before a command of the aws CLI.
func (s Same) before() []string {
	if !s.Sandbox {
		return nil
	}
	return []string{"keyturn", "sandbox", "--state", s.File, "--"}
}

// offline returns the commands that take a plan and call no AWS, not that of the sandbox either.
func offline() []string { return []string{"validate", "rehearse", "cost"} }

// planVerbs returns the commands that take a plan.
func planVerbs() []string {
	return append(offline(), "run", "status", "adopt", "audit", "verify", "init", "rotate", "rollback",
		"retire", "reinstate", "hold", "release", "history")
}

// command adds the flags to a command.
func (s Same) command(words []string) []string {
	switch {
	case len(words) > 0 && words[0] == "aws":
		return slices.Concat(s.before(), words)
	case len(words) > 1 && words[0] == "keyturn" && slices.Contains(planVerbs(), words[1]):
		return slices.Concat(words[:1], s.flags(words[1]), words[1:])
	}
	return words
}

// With returns a hint with the command's own flags in its commands. If one of them
// cannot be typed, none is left: half a recovery is worse than none.
func (con *Console) With(h plan.Hint) plan.Hint {
	commands := make([][]string, len(h.Commands))
	for i, words := range h.Commands {
		commands[i] = con.Same.command(words)
	}
	h.Commands = commands
	if !h.Typable() {
		return plan.Noted(plan.Untypable)
	}
	return h
}

// lines returns a hint as lines: each command after a label, and then the note.
func (con *Console) lines(label string, h plan.Hint) []string {
	h = con.With(h)
	var lines []string
	for _, words := range h.Commands {
		lines = append(lines, label+": "+plan.Shell(words...))
	}
	if h.Note != "" {
		lines = append(lines, "note: "+h.Note)
	}
	return lines
}

// Command returns a command as it is typed within a sentence.
func (con *Console) Command(words ...string) string {
	return plan.Shell(con.Same.command(words)...)
}
