package github

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/plan"
)

// ofVerify annotates each no at its key. What is not known of a key for one reason is one
// annotation: without the simulator, that is half of its calls.
func ofVerify(d document.Verify, at Place) (r Report) {
	type reason struct{ key, why string }
	unknown := map[reason][]string{}
	var order []reason
	var rows [][]string
	counts := map[string]int{}
	for _, c := range d.Checks {
		answer := string(c.Answer)
		if c.Warns && c.Answer != plan.KnownYes {
			answer = levelWarning
		}
		counts[answer]++
		if c.Answer == plan.KnownYes {
			continue
		}
		rows = append(rows, []string{cmp.Or(c.Key, "all"), c.About, answer, string(c.Way), c.Why})
		switch {
		case c.Answer == plan.KnownNo || c.Warns:
			level := levelError
			if c.Warns {
				level = levelWarning
			}
			r.annotate(level, "keyturn verify: "+c.About, c.Why+next(c.Next), at, c.Key)
		default:
			of := reason{c.Key, c.Why}
			if unknown[of] == nil {
				order = append(order, of)
			}
			unknown[of] = append(unknown[of], c.About)
		}
	}
	for _, of := range order {
		r.annotate(levelError, "keyturn verify: not known", strings.Join(unknown[of], ", ")+": "+of.why, at, of.key)
	}
	// The first hundred are shown: a no before what only is not known.
	slices.SortStableFunc(r.Annotations, func(a, b Annotation) int { return strings.Compare(a.Level, b.Level) })
	r.Summary = heading("keyturn verify", fmt.Sprintf("permissions of %s: %d yes, %d no, %d not known, %s, exit %d",
		d.Principal, counts[string(plan.KnownYes)], counts[string(plan.KnownNo)], counts[string(plan.NotKnown)],
		plan.Counted(counts[levelWarning], levelWarning), d.Exit)) +
		table([]string{"key", "check", "answer", "by", "why"}, rows)
	return r
}
