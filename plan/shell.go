package plan

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Shell returns a command line that a shell reads back as exactly these words,
// whatever a record, AWS or a person has put into them. If a word cannot be written
// in a shell, such as one with control characters, Shell returns Untypable. The word
// ... is a place to fill in; it is shown in quotes, because a sentence goes there.
func Shell(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if w == "..." {
			quoted[i] = `"..."`
			continue
		}
		q, err := syntax.Quote(w, syntax.LangPOSIX)
		if err != nil {
			return Untypable
		}
		quoted[i] = q
	}
	return strings.Join(quoted, " ")
}

// Untypable stands in place of a command that cannot be typed.
const Untypable = "(no command can be shown: one of its words has characters that cannot be typed)"
