package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// rollout is how long a plan takes to reach all pools: so long two may be in use.
const rollout = 6 * time.Hour

// plansSettled is after how long without another turn the plans count as settled.
const plansSettled = 7 * 24 * time.Hour

// turn is a stretch of events that have the same terms.
type turn struct {
	terms string
	first plan.Event
}

// plans looks for two plans with other terms that work on the key in turns. Each run
// writes a digest of its terms. Once another one takes its place that is a rollout, and if
// the first one comes back, a revert; both come back only if both are in use.
func (c *checker) plans() {
	for _, of := range c.terms() {
		turns := takingTurns(of)
		if len(turns) == 0 {
			continue
		}
		last := turns[len(turns)-1].first
		f := Finding{Code: plan.CodePlansDiffer, Level: Person, Mode: Drain, Since: turns[1].first.At,
			Expected: "one plan's terms",
			What: fmt.Sprintf("two plans with other terms work on the key in turns (%s since %s): %s, and %s",
				plan.Counted(len(turns)-1, "change"), plan.Stamp(turns[1].first.At), whose(turns[0]), whose(turns[1])),
			Hint: c.history().Noted("compare the plans of these pools: what a run may do depends on which comes first")}
		if c.now.Sub(last.At) > plansSettled {
			f.Level = Warning
			f.What += "; not since " + plan.Stamp(last.At)
		}
		var seen []string
		for _, t := range turns {
			seen = append(seen, t.terms)
			f.Evidence.Revs = append(f.Evidence.Revs, t.first.Rev)
		}
		f.Observed = strings.Join(seen, ", ")
		c.add(f)
		return
	}
}

// whose describes the terms of a stretch.
func whose(t turn) string {
	who := t.first.Who
	return fmt.Sprintf("%s of plan %s in pool %s", t.terms, who.Plan, who.Pool)
}

// terms returns the stretches of events with the same terms, for each release of keyturn:
// another one may have another digest for the same plan. The last list has the schedules of
// claims, which all releases write alike.
func (c *checker) terms() [][]turn {
	releases := map[string][]turn{}
	var schedules []turn
	for _, e := range c.told.events {
		if t := e.Who.Terms; t != "" {
			releases[e.Who.Release] = stretch(releases[e.Who.Release], t, e)
		}
		if e.Is(plan.EventClaim) && e.Schedule != "" {
			schedules = stretch(schedules, e.Schedule, e)
		}
	}
	var all [][]turn
	for _, release := range slices.Sorted(maps.Keys(releases)) {
		all = append(all, releases[release])
	}
	return append(all, schedules)
}

func stretch(turns []turn, terms string, e plan.Event) []turn {
	if n := len(turns); n > 0 && turns[n-1].terms == terms {
		return turns
	}
	return append(turns, turn{terms, e})
}

// takingTurns returns the stretches of the first two terms that both come back, for longer
// than a rollout takes; nil if there are none.
func takingTurns(all []turn) []turn {
	for i, a := range all {
		for _, b := range all[i+1:] {
			var two []turn
			for _, t := range all {
				if t.terms == a.terms || t.terms == b.terms {
					two = stretch(two, t.terms, t.first)
				}
			}
			if n := len(two); a.terms != b.terms && n >= 4 && two[n-1].first.At.Sub(two[1].first.At) > rollout {
				return two
			}
		}
	}
	return nil
}
