package screen

import (
	"regexp"
	"slices"
	"strings"

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
func (s Same) flags() []string {
	var all []string
	if s.Plan != "" {
		all = append(all, "--plan", s.Plan)
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

// planVerbs returns the commands that take a plan and the sandbox.
func planVerbs() []string {
	return []string{"run", "status", "adopt", "audit", "init", "validate", "rotate", "rollback", "reinstate", "hold",
		"release", "history", "rehearse"}
}

// command adds the flags to a command.
func (s Same) command(words []string) []string {
	switch {
	case len(words) > 0 && words[0] == "aws":
		return slices.Concat(s.before(), words)
	case len(words) > 1 && words[0] == "keyturn" && slices.Contains(planVerbs(), words[1]):
		return slices.Concat(words[:1], s.flags(), words[1:])
	}
	return words
}

// toType matches a command that a text tells a person to type.
var toType = regexp.MustCompile(`\bkeyturn (` + strings.Join(planVerbs(), "|") + `)\b`)

// awsToType matches a command of the aws CLI in such a text.
var awsToType = regexp.MustCompile(`(^|[;:(] |&& )aws (kms|dynamodb|sts) `)

// Hint adds the flags to the commands in a text.
func (con *Console) Hint(todo string) string {
	literal := strings.NewReplacer("$", "$$")
	todo = awsToType.ReplaceAllString(todo, "${1}"+literal.Replace(spaced(con.Same.before()))+"aws $2 ")
	todo = toType.ReplaceAllString(todo, "keyturn "+literal.Replace(spaced(con.Same.flags()))+"$1")
	if strings.Contains(todo, plan.Untypable) {
		return plan.Untypable // half a command is worse than none
	}
	return todo
}

// spaced is text that goes before a word.
func spaced(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return plan.Shell(words...) + " "
}

// Next returns a hint with the command's own flags in its commands.
func (con *Console) Next(h plan.Hint) string {
	commands := make([][]string, len(h.Commands))
	for i, words := range h.Commands {
		commands[i] = con.Same.command(words)
	}
	text := plan.Hint{Commands: commands, Note: h.Note}.String()
	if strings.Contains(text, plan.Untypable) {
		return plan.Untypable
	}
	return text
}
