package audit

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"
)

// alias compares the key behind the alias with the record. It asks plan where the
// alias should be, as a run does.
func (c *checker) alias() {
	a := c.s.Alias
	if a == nil || c.r.Active == 0 {
		return
	}
	o := plan.Observed{Looks: plan.Looks{Alias: a, AliasAt: c.now, Moved: &plan.AliasListed{KeyID: a.KeyID}}}
	if l := c.s.Listing; l != nil && l.Alias != nil && l.Alias.KeyID == a.KeyID {
		o.Moved = l.Alias
	}
	stop := plan.AliasPlace(c.now, c.p, c.r, o)
	switch {
	case stop == nil:
		c.movedBack()
	case stop.Act.Refusal == nil:
		c.add(Finding{Code: plan.CodeLag, Level: Warning, Mode: Race, What: stop.Reasons[0].Text,
			Hint: plan.Noted("run the audit again in ten minutes"), Since: later(c.r.SwitchedAt, c.r.Live().Since)})
		return
	default:
		ref := stop.Act.Refusal
		f := Finding{Code: ref.Code, Level: Person, Mode: Race, Invariants: []int{2}, KeyID: a.KeyID,
			What: ref.What, Hint: ref.Hint, Observed: a.KeyID, Expected: c.r.Live().KeyID,
			Evidence: Evidence{Revs: c.told.switched.revs()}}
		if l := c.s.Listing; l != nil && l.Alias != nil {
			f.Since = l.Alias.MovedAt
		}
		switch v, ours := c.r.VersionOfKey(a.KeyID); {
		case ours && v < c.r.Active:
			f.Invariants = []int{1, 2}
		case !ours && c.foreignKey(a.KeyID):
			f.Hint = plan.FromKMS(c.p.Name).Noted("somebody else rotates this key: stop that first; no adopt without " +
				"--from-kms accepts that version")
		}
		c.add(f)
	}
	if a.Missing {
		return
	}
	v := c.r.EntryOf(a.KeyID)
	if v != nil && v.State != "" && v.Fence != nil {
		f := Finding{Code: plan.CodeMarkedLive, Level: Person, Mode: Drain, Invariants: []int{3}, KeyID: a.KeyID,
			What:    fmt.Sprintf("the alias names %s, which is being disabled or deleted", plan.VersionName(v.Version)),
			Version: v.Version, Since: v.Fence.Since,
			Hint: plan.Reinstate(c.p.Name, plan.VersionName(v.Version))}
		if l := c.s.Listing; l != nil && l.Alias != nil && l.Alias.KeyID == a.KeyID {
			f.Since = later(f.Since, l.Alias.MovedAt)
		}
		c.add(f)
	}
	if v == nil && a.State != plan.KeyEnabled { // ours are judged as versions
		c.unusableAlias(*a)
	}
}

// repair returns the hint to enable a key that somebody switched off.
func (c *checker) repair(k plan.KeySeen) plan.Hint {
	if k.Down() {
		return plan.Repair(c.p, k)
	}
	return plan.Noted("look the key up in CloudTrail")
}
