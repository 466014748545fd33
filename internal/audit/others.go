package audit

import (
	"fmt"
	"slices"
	"strings"

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

// foundDisabled keeps saying that a run has found a draining version disabled, which
// keyturn had not done. KMS does not tell when it was: perhaps long before its deadline.
func (c *checker) foundDisabled(v plan.Version) {
	t := c.told.versions[v.Version]
	if v.State != plan.Disabled || !v.DisabledUnknown || t == nil || !t.found {
		return
	}
	until := "its deadline"
	if t.until.known() {
		until = plan.Stamp(t.until.value) + ", its deadline"
	}
	c.add(Finding{Code: plan.CodeDisabledByOthers, Level: Warning, Mode: Drain, Invariants: []int{4}, KeyID: v.KeyID,
		Version: v.Version, Since: t.at.value, Evidence: Evidence{Revs: []int64{t.state.rev}},
		What: fmt.Sprintf("%s was found disabled at %s, by somebody else: whether before or after %s, "+
			"CloudTrail alone says", plan.VersionName(v.Version), plan.Stamp(t.at.value), until)})
}
