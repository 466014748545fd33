package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// others looks for what somebody else did to old versions: another alias, which moves
// with no rotation, and a disabling that was found after the drain.
func (c *checker) others() {
	for _, v := range c.r.Old() {
		c.otherAliases(v)
		c.foundDisabled(v)
	}
}

// otherAliases judges other aliases on an old version. While a drain is over and they
// keep the version enabled, drain-over says so.
func (c *checker) otherAliases(v plan.Version) {
	others := slices.DeleteFunc(c.otherNames(v), isVersion)
	over := v.State == plan.Draining && !c.now.Before(c.p.DrainEnd(v))
	if len(others) == 0 || over || slices.Contains(others, c.p.Alias) {
		return
	}
	names := strings.Join(others, ", ")
	f := Finding{Code: plan.CodeOtherAlias, Level: Warning, Mode: Drain, KeyID: v.KeyID, Version: v.Version,
		Observed: names, Expected: "no other alias",
		What: fmt.Sprintf("%s names %s, which is %s: no rotation moves it", names, plan.VersionName(v.Version),
			v.State),
		Hint: plan.Noted("move it to " + c.p.Alias + "'s live version, or give it a key of its own")}
	if k, known := c.s.Keys[v.KeyID]; known && (k.Missing || k.Down()) {
		f.Level = Person
		f.What = fmt.Sprintf("%s names %s, which is %s: whoever uses that alias fails", names,
			plan.VersionName(v.Version), say(k))
	}
	for _, a := range c.s.Aliases[v.KeyID] {
		if slices.Contains(others, a.Name) && a.MovedAt.After(f.Since) {
			f.Since = a.MovedAt
		}
	}
	c.add(f)
}

// drainEnd is that somebody else has ended a drain: when a run found that, and the deadline.
type drainEnd struct{ found, deadline time.Time }

// foundDisabled keeps saying that a run has found a draining version disabled, which
// keyturn had not done. KMS does not show when it was: what is proved is that it was before
// the run found it, and so perhaps before its deadline.
func (c *checker) foundDisabled(v plan.Version) {
	t := c.told.versions[v.Version]
	if v.State != plan.Disabled || !v.DisabledUnknown || t == nil || !t.ended.known() {
		return
	}
	e := drainEnd{t.foundAt, t.ended.value}
	c.add(Finding{Code: plan.CodeDisabledByOthers, Level: Warning, Mode: Drain, Invariants: []int{4}, KeyID: v.KeyID,
		Version: v.Version, Since: e.found, Evidence: Evidence{Revs: t.ended.revs()}, ended: e,
		Observed: "disabled, found so at " + moment(e.found), Expected: "enabled until " + moment(e.deadline),
		What: e.text(v.Version)})
}

// text describes what the run that found a version disabled proves.
func (e drainEnd) text(version int64) string {
	v := plan.VersionName(version)
	if e.found.Before(e.deadline) {
		return fmt.Sprintf("%s was disabled by somebody else, at least %s before its deadline, %s: "+
			"it was found so at %s", v, plan.Age(e.deadline.Sub(e.found)), plan.Stamp(e.deadline), plan.Stamp(e.found))
	}
	return fmt.Sprintf("%s was found disabled at %s, by somebody else: whether before or after %s, its deadline, "+
		"CloudTrail alone says", v, plan.Stamp(e.found), plan.Stamp(e.deadline))
}
