package plan

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Shell writes a command as a shell reads it back: these words and no others,
// whatever a record, AWS or a person has put into one of them. A word that no
// shell text can show, as one with control characters, leaves no command but
// Untypable, a note. A place to fill in, ..., is shown in quotes: a sentence goes there.
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
