package screen

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"
)

// Shown is how many of many keys are told one by one; -v tells all, and JSON always has
// all of them.
const Shown = 10

// Names names keys for a sentence: the first ones, and how many more there are.
func Names(keys []plan.Policy) string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.Name
	}
	return few(all, false)
}

// few joins words for a sentence, of many only the first ones.
func few(words []string, all bool) string {
	if all || len(words) <= Shown {
		return list(words)
	}
	return fmt.Sprintf("%s and %d more", list(words[:Shown]), len(words)-Shown)
}
