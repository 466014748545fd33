package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// The screen of `verify`: a line for each thing that the next rotations need, and the keys
// of which the answer is the same. What was simulated is said at the end, with what a
// simulation does not see.

// Verify returns the screen of a preflight.
func (v View) Verify(p plan.Preflight) string {
	t := table{width: v.outWidth(), colour: v.OutColour, head: []string{"CHECK", "ANSWER", "BY", "KEYS"}}
	for _, g := range v.groups(p.Checks) {
		v.checkRow(&t, g)
	}
	var b strings.Builder
	b.WriteString(header(v.Plan, p.Caller.Account, Stamp(p.At)+" · VERIFY, nothing written") + "\n")
	b.WriteString(t.String())
	b.WriteString("\n" + v.verified(p))
	return b.String()
}

// checkGroup is checks of several keys that say the same.
type checkGroup struct {
	plan.Check
	keys []string
}

// groups puts checks together that differ in their key alone, each where the first of them
// stands. What was seen of a key that is as it should be is told with -v.
func (v View) groups(checks []plan.Check) []checkGroup {
	var all []checkGroup
	for _, c := range checks {
		if c.Known == plan.KnownYes && c.Way == plan.WayLooked && c.Key != "" && !v.Verbose {
			c.Why = ""
		}
		i := slices.IndexFunc(all, func(g checkGroup) bool {
			return g.About == c.About && g.Known == c.Known && g.Way == c.Way && g.Why == c.Why
		})
		if i < 0 {
			i, all = len(all), append(all, checkGroup{Check: c})
		}
		if c.Key != "" {
			all[i].keys = append(all[i].keys, c.Key)
		}
	}
	return all
}

func (v View) checkRow(t *table, g checkGroup) {
	answer := string(g.Known)
	if g.Warns && g.Known == plan.KnownNo {
		answer = "warning"
	}
	t.row(g.About, answer, cmp.Or(string(g.Way), "-"), cmp.Or(few(g.keys, v.Verbose), "-"))
	if g.Known == plan.KnownNo && !g.Warns {
		t.alarm()
	}
	if g.Why != "" {
		t.note(g.Why)
	}
	for _, line := range v.lines("next", g.Hint) {
		t.note(line)
	}
}

// verified says who was looked at, what a simulation does not see, and what came of it all.
func (v View) verified(p plan.Preflight) string {
	var no, unknown, warnings int
	simulated := false
	for _, c := range p.Checks {
		simulated = simulated || c.Way == plan.WaySimulated
		switch {
		case c.Known == plan.KnownYes:
		case c.Warns:
			warnings++
		case c.Known == plan.KnownNo:
			no++
		case c.Known == plan.NotKnown:
			unknown++
		}
	}
	text := ""
	if p.Other {
		text += "permissions are those of " + p.Principal + ", by IAM's policy simulator alone\n"
	}
	if simulated {
		text += "simulated: by the policies of " + p.Principal + " and of its organisation, and by the key policies; " +
			"resource control policies, session policies and those of VPC endpoints are not seen\n"
	}
	switch {
	case no > 0:
		text += fmt.Sprintf("%d no, %d not known: the next rotation cannot be made as it is\n", no, unknown)
	case unknown > 0:
		text += fmt.Sprintf("%s not known: nothing seen stops the next rotation\n", plan.Counted(unknown, "answer"))
	case warnings > 0:
		text += fmt.Sprintf("every answer that the next rotation needs is yes; %s\n", plan.Counted(warnings, "warning"))
	default:
		text += "every answer is yes\n"
	}
	return text
}
