package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// recordedWithin is how long a run may take to record that a drain is over: cron
// runs every quarter of an hour, and asks once a day.
const recordedWithin = 26 * time.Hour

// drains judges the versions that drain: drains whose time is over, and several
// drains at the same time.
func (c *checker) drains() {
	var open []string
	var openSince, stillSince []time.Time
	awaiting, still := 0, 0
	due := plan.Due{}
	if c.r.Active != 0 {
		due = plan.DueAt(c.now, c.p, c.r)
	}
	for _, d := range c.r.Draining() {
		lasts := c.p.DrainEnd(d).After(due.Next)
		if over := !c.now.Before(c.p.DrainEnd(d)); over {
			lasts = c.over(d)
		} else {
			open = append(open, fmt.Sprintf("%s until %s", plan.VersionName(d.Version), plan.Stamp(c.p.DrainEnd(d))))
			openSince = append(openSince, d.Left)
		}
		if d.AwaitsDisabling() && !d.Held(c.now) {
			awaiting++
			if lasts {
				still++
				stillSince = append(stillSince, d.Left)
			}
		}
	}
	switch {
	// Only drains that last beyond the next window count: one that ends before it, or that
	// the next run ends before it claims, is as planned.
	case still >= c.p.MaxDraining && c.p.MaxDraining > 0:
		f := Finding{Code: plan.CodeMaxDraining, Level: Warning, Mode: Drain,
			Since: nth(stillSince, c.p.MaxDraining),
			What: fmt.Sprintf("%s disabling, max_draining is %d: no scheduled rotation begins until one is disabled",
				plan.AwaitText(awaiting), c.p.MaxDraining),
			Hint: plan.Try("keyturn", "status", c.p.Name).Noted("shows which version is still in use")}
		if c.r.Step == plan.Steady && due.State == plan.IsDue && !c.r.Held(c.now) {
			f.Level = Person // it stands in the way
		}
		c.add(f)
	case len(open) > 1:
		c.add(Finding{Code: plan.CodeDrainsOverlap, Level: Warning, Mode: Drain, Since: nth(openSince, 2),
			What: "several versions drain, each with a deadline of its own: " + strings.Join(open, ", ")})
	}
}

// nth returns the n-th of some times, the earliest first.
func nth(times []time.Time, n int) time.Time {
	slices.SortFunc(times, time.Time.Compare)
	return times[n-1]
}

// over adds a finding of why a drain whose deadline has passed has not ended. It reports
// whether the drain lasts for now: otherwise the next run ends it, however late.
func (c *checker) over(d plan.Version) (lasts bool) {
	terms := plan.Careful(d.Retire, c.p.Retire)
	f := Finding{Code: plan.CodeDrainOver, Level: Warning, Mode: Drain, KeyID: d.KeyID, Version: d.Version,
		Since: c.p.DrainEnd(d)}
	since := fmt.Sprintf("%s finished draining at %s", plan.VersionName(d.Version), plan.Stamp(c.p.DrainEnd(d)))
	possible := slices.MaxFunc([]time.Time{c.p.DrainEnd(d), c.r.VersionResumedAt(d)}, time.Time.Compare)
	late := c.p.Unfrozen(possible, c.now) > recordedWithin
	freeze, frozen := c.p.FrozenAt(c.now)
	others := c.otherNames(d)
	use, asked := c.s.Use[d.KeyID]
	why, _ := use.Why(c.now, terms.UnlessUsedWithin)
	unknown := plan.UseUnknown(c.now, c.p, d, use)
	later, waits := plan.ChecksLater(c.now, c.p, c.r)[d.Version]
	left := plan.LeftAlone(c.p, c.r)
	lasts = true
	switch {
	case c.r.Held(c.now) && terms.Action == plan.RetireKeep: // a release would not change it
		return true
	case c.r.Held(c.now):
		f.What = since + "; it stays enabled, because the key is held"
	case d.Held(c.now) && d.Fence == nil: // the hold is a finding of its own
		return true
	case d.Fence != nil:
		f.What = fmt.Sprintf("%s; %s has been under way since %s", since, d.Fence.What, plan.Stamp(d.Fence.Since))
	case terms.Action == plan.RetireKeep:
		if !late {
			return false
		}
		lasts, f.What, f.Hint = false, since+"; it stays enabled, and no run has written that down", c.lookAtCron()
	case left != nil && left.Version == d.Version:
		f.Code, f.Level, f.What, f.Hint = left.Code, Person, since+"; "+left.What, left.Hint
	case c.unlike(d) != nil:
		ref := c.unlike(d)
		f.Code, f.Level, f.What, f.Hint = ref.Code, Person, since+"; "+ref.What, ref.Hint
	case len(others) > 0:
		f.Level, f.Invariants = Person, nil
		f.What = since + "; it stays enabled while " + strings.Join(others, ", ") + " names it too"
		f.Hint = plan.Noted("move these aliases, or set retire: keep for " + c.p.Name)
		if slices.ContainsFunc(others, isVersion) { // of another key of a plan, which may need to roll back to it
			f.Hint = plan.Noted("set retire: keep for " + c.p.Name +
				": a key that two aliases began with is disabled for neither; once both have drained, by hand")
		}
	case frozen:
		f.What = since + "; it stays enabled, frozen until " + plan.Stamp(freeze.To) + ": " + freeze.Reason
	case waits && late && (terms.UsageOff || asked && use.Quiet(c.now, terms.UnlessUsedWithin)):
		f.What = since + "; whether it may retire " + later.Text()
	case terms.UsageOff:
		if !late {
			return false
		}
		lasts, f.What, f.Hint = c.now.Before(d.NextCheck()), since+c.notDisabled(d), c.checkAgain(d)
	case !asked:
		f.What = since + "; its last use was not asked for"
	case unknown != nil:
		f.Code, f.Level, f.What, f.Hint = unknown.Code, Person, unknown.What, unknown.Hint
	case !use.Quiet(c.now, terms.UnlessUsedWithin):
		f.What = since + "; " + why
		f.Hint = plan.Noted("see in CloudTrail who uses " + d.KeyID)
		if use.Grants > 0 {
			f.Hint = c.awskms("list-grants", d.KeyID).Noted(
				"says whose they are; if they are to stay, set retire: keep for " + c.p.Name)
		}
	case late:
		lasts = c.now.Before(d.NextCheck())
		f.What, f.Hint = since+", it is not in use"+c.notDisabled(d), c.checkAgain(d)
	default:
		return false
	}
	c.add(f)
	return lasts
}

// notDisabled describes why a version that may retire is enabled, to end a sentence.
func (c *checker) notDisabled(d plan.Version) string {
	if !c.now.Before(d.NextCheck()) {
		return ", and no run has disabled it"
	}
	text := "; the check of " + plan.Stamp(d.CheckedAt) + " has not disabled it"
	if e := c.r.LastError; e != nil && !e.At.Before(d.CheckedAt) {
		text += ": " + e.Message
	}
	return text
}

// checkAgain returns the hint for such a version: a run that comes before the next check
// does nothing.
func (c *checker) checkAgain(d plan.Version) plan.Hint {
	if next := d.NextCheck(); c.now.Before(next) {
		return plan.Noted("it is checked once a day: again after " + plan.Stamp(next))
	}
	return c.lookAtCron()
}

// unlike returns why a version that should retire by now does not, if the plan is
// about another kind of key.
func (c *checker) unlike(v plan.Version) *plan.Refusal {
	k, known := c.s.Keys[v.KeyID]
	if !known {
		return nil
	}
	return plan.OldUnlike(c.now, c.p, c.r, v.Version, k)
}

func isVersion(name string) bool {
	_, _, ok := plan.SplitVersion(name)
	return ok
}

// otherNames returns the aliases on an old version, except its own.
func (c *checker) otherNames(d plan.Version) []string {
	var names []string
	for _, a := range c.s.Aliases[d.KeyID] {
		if a.Name != plan.VersionAlias(c.p.Alias, d.Version) {
			names = append(names, a.Name)
		}
	}
	return names
}
