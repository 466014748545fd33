package audit

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// ListAliases dates each alias with its last move. So one that is where it should be, and
// was moved after the last call of keyturn that can have done it, was elsewhere meanwhile,
// or was deleted and made again. KMS dates by its own clock: see plan.AliasDateSlack.

// movedBack judges an alias that names the live version.
func (c *checker) movedBack() {
	l := c.s.Listing
	if l == nil || l.Alias == nil || c.r.Step != plan.Steady || l.Alias.KeyID != c.r.Live().KeyID {
		return
	}
	last := c.r.Live().Since
	for _, at := range []time.Time{c.r.SwitchedAt, c.r.MovesUntil} {
		if at.After(last) {
			last = at
		}
	}
	if c.r.Fenced(c.now) || !l.Alias.MovedAt.After(last.Add(plan.AliasDateSlack)) {
		return
	}
	c.add(Finding{Code: plan.CodeAliasMovedBack, Level: Person, Mode: Race, Invariants: []int{2},
		Evidence: Evidence{Revs: c.told.switched.revs()},
		KeyID:    l.Alias.KeyID, Since: l.Alias.MovedAt, Observed: moment(l.Alias.MovedAt), Expected: moment(last),
		What: fmt.Sprintf("the alias was moved to %s at %s, and keyturn moved it last at %s: somebody else moved it "+
			"away and back, or deleted it and made it again", plan.VersionName(c.r.Active),
			plan.Stamp(l.Alias.MovedAt), plan.Stamp(last)),
		Hint: plan.Noted("CloudTrail has UpdateAlias, DeleteAlias and CreateAlias: what was encrypted meanwhile " +
			"needs " +
			"the key that the alias named then; the finding ends with the next rotation")})
}

// nameMovedBack judges a version alias that names its version.
func (c *checker) nameMovedBack(v plan.Version, a plan.AliasListed) {
	made, ok := c.told.made[v.Version]
	if !ok || made.keyID != v.KeyID || !a.MovedAt.After(made.at.Add(plan.AliasDateSlack)) || c.named(a.MovedAt) {
		return
	}
	c.add(Finding{Code: plan.CodeAliasMovedBack, Level: Warning, Mode: Race, Invariants: []int{8}, KeyID: v.KeyID,
		Version: v.Version, Since: a.MovedAt, Observed: moment(a.MovedAt), Expected: "before " + moment(made.at),
		Evidence: Evidence{Revs: []int64{made.rev}},
		What: fmt.Sprintf("%s was made or moved at %s, and keyturn named the version before %s: somebody else "+
			"moved it "+
			"away and back, or deleted it and made it again", a.Name, plan.Stamp(a.MovedAt), plan.Stamp(made.at))})
}

// named reports whether an event has a CreateAlias of about that time: a run also names
// versions that have lost their names.
func (c *checker) named(at time.Time) bool {
	for _, e := range c.told.events {
		for _, call := range e.Calls {
			if call.Operation == "CreateAlias" && e.At.Sub(at).Abs() < time.Hour {
				return true
			}
		}
	}
	return false
}
