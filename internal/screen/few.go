package screen

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:Shown], ", "), len(words)-Shown)
}

// unshown counts what of each code comes after the first ones; "" if nothing does.
func unshown(seen map[plan.Code]int) string {
	var more []string
	for _, code := range slices.Sorted(maps.Keys(seen)) {
		if n := seen[code] - Shown; n > 0 {
			more = append(more, fmt.Sprintf("%d more of %s", n, code))
		}
	}
	if len(more) == 0 {
		return ""
	}
	return "and " + strings.Join(more, ", ") + "; -v shows all"
}

// counter counts what is shown, of many with one code only the first ones.
type counter struct {
	seen map[plan.Code]int
	all  bool
}

// counts makes the counter of a screen; -v shows all.
func (v View) counts() counter { return counter{map[plan.Code]int{}, v.Verbose} }

// next counts one more, and reports whether it is shown.
func (c counter) next(code plan.Code) bool {
	c.seen[code]++
	return c.all || c.seen[code] <= Shown
}

// left counts what was not shown; "" if all was.
func (c counter) left() string {
	if c.all {
		return ""
	}
	return unshown(c.seen)
}
