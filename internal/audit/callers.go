package audit

import (
	"fmt"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// writesShown is how many revisions, the newest, a finding about a writer names.
const writesShown = 20

// callers looks for who wrote the record and is not among those the plan expects. What
// others write while they hold credentials that may write the table nothing else shows.
func (c *checker) callers() {
	expected := c.p.Judging.ExpectCallers
	writes := map[string][]plan.Event{}
	var strangers []string
	for _, e := range c.told.events {
		if expected.Has(e.Who.By) {
			continue
		}
		who := plan.PrincipalOf(e.Who.By)
		if writes[who] == nil {
			strangers = append(strangers, who)
		}
		writes[who] = append(writes[who], e)
	}
	for _, who := range strangers {
		all := writes[who]
		last := all[len(all)-1]
		f := Finding{Code: plan.CodeUnexpectedCaller, Level: Person, Mode: Race, Field: who, Since: all[0].At,
			Observed: last.Who.By, Expected: strings.Join(expected, ", "),
			What: fmt.Sprintf("%s made %s of the record, the last one revision %d on %s, and is not among "+
				"expect_callers", who, plan.Counted(len(all), "write"), last.Rev, plan.Stamp(last.At)),
			Hint: plan.Try("keyturn", "history", c.p.Name, "--by", byOf(who)).Noted("shows what it wrote; CloudTrail " +
				"says who used it")}
		if who == "" {
			f.What = fmt.Sprintf("%s of the record, the last one revision %d on %s, do not say who made them",
				plan.Counted(len(all), "write"), last.Rev, plan.Stamp(last.At))
			f.Hint = c.history()
		}
		for _, e := range all[max(0, len(all)-writesShown):] {
			f.Evidence.Revs = append(f.Evidence.Revs, e.Rev)
		}
		c.add(f)
	}
}

// byOf returns what history selects the writes of a caller by: a role's sessions have its
// name, and not its ARN.
func byOf(who string) string {
	if parts := strings.SplitN(who, ":role/", 2); len(parts) == 2 {
		return "assumed-role/" + parts[1]
	}
	return who
}
