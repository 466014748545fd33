package audit

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// versions compares each version's state in KMS with the one it should have by the
// record.
func (c *checker) versions() {
	for _, v := range c.all() {
		k, known := c.s.Keys[v.KeyID]
		switch {
		case !known:
		case ended(v):
			c.retired(v, k)
		case k.Missing || k.State == pending || k.State == disabled:
			c.unusable(v, k)
		}
	}
}

// unusable judges a version that should work and does not.
func (c *checker) unusable(v plan.Version, k plan.KeySeen) {
	role := "kept"
	invariants := []int{12}
	switch {
	case v.Version == c.r.Active:
		role, invariants = "active", []int{3}
	case v.State == "":
		role, invariants = "the target of the open generation", []int{3}
	case v.State == plan.Draining:
		role, invariants = "draining until "+plan.Stamp(c.p.DrainEnd(v)), []int{4}
	}
	name := plan.VersionName(v.Version)
	if k.Missing && claim.Young(v, c.now) {
		c.add(Finding{Code: plan.CodeLag, Level: Warning, Mode: Race, KeyID: v.KeyID, Version: v.Version,
			What: fmt.Sprintf("KMS does not show %s (%s) yet, which was made or went live minutes ago", name, v.KeyID),
			Hint: plan.Noted("run the audit again in ten minutes")})
		return
	}
	code := map[string]plan.Code{pending: plan.CodeVersionPendingDeletion, disabled: plan.CodeVersionDisabled}[k.State]
	f := Finding{Code: code, Level: Person, Mode: Drain, Invariants: invariants, KeyID: v.KeyID, Version: v.Version,
		Hint: c.repair(k),
		What: fmt.Sprintf("%s (%s) is %s and %s: keyturn did not do that", name, v.KeyID, role, say(k))}
	if k.Missing {
		f.Code, f.Hint = plan.CodeVersionGone, lookUp()
	}
	if v.State == plan.Draining && k.State == disabled {
		switch {
		case v.Fence != nil:
			// keyturn is disabling it; the next run writes that down.
			return
		case !v.LookAfter.IsZero():
			f.Code, f.Level, f.Hint = plan.CodeReinstateOpen, Warning, c.run()
			if c.now.Before(v.LookAfter) {
				f.Hint = plan.Reinstate(c.p.Name, name).Noted("enables it at once")
			}
			f.What = fmt.Sprintf("%s was reinstated and is disabled; a run after %s enables it",
				name, plan.Stamp(v.LookAfter))
			f.Invariants = nil
		case !c.now.Before(c.p.DrainEnd(v)):
			f.Level, f.Invariants = Warning, nil // its drain is over: a run takes it for retired
		}
	}
	c.add(f)
}

// disabledOr returns "disabled", or what is known of a version if it is not known
// when it was disabled.
func disabledOr(v plan.Version, found string) string {
	if v.DisabledUnknown {
		return found
	}
	return "disabled"
}

// retired judges a version that was disabled when its drain was over.
func (c *checker) retired(v plan.Version, k plan.KeySeen) {
	name := plan.VersionName(v.Version)
	if v.Fence != nil && c.now.Before(v.Fence.Until) {
		return // a call of keyturn's own may be under way
	}
	unwanted := plan.OldDown(c.p, c.r, v.Version, k)
	switch {
	case k.State == enabled:
		c.add(Finding{Code: plan.CodeEnabledByHand, Level: Person, Mode: Drain, KeyID: v.KeyID, Version: v.Version,
			What: fmt.Sprintf("%s (%s) was %s on %s and is enabled: a person did that", name, v.KeyID,
				disabledOr(v, "found disabled"), plan.Stamp(v.DisabledAt)),
			Hint: plan.Reinstate(c.p.Name, name).Noted("it then drains again; a version that nobody needs may be " +
				"disabled instead")})
	case k.State == pending && v.DeleteAt.IsZero():
		c.add(Finding{Code: plan.CodeDeletionUnknown, Level: Person, Mode: Drain, Invariants: []int{12},
			KeyID: v.KeyID, Version: v.Version,
			What: fmt.Sprintf("%s (%s) is %s, and the record knows of no deletion", name, v.KeyID, say(k)),
			Hint: c.awskms("cancel-key-deletion", v.KeyID)})
	case k.State == pending && unwanted != nil:
		c.add(Finding{Code: unwanted.Code, Level: Person, Mode: Drain, KeyID: v.KeyID, Version: v.Version,
			What: unwanted.What, Hint: unwanted.Hint})
	case k.Missing && (v.DeleteAt.IsZero() || c.now.Before(v.DeleteAt)):
		c.add(Finding{Code: plan.CodeVersionGone, Level: Person, Mode: Drain, Invariants: []int{12},
			KeyID: v.KeyID, Version: v.Version,
			What: fmt.Sprintf("%s (%s) is gone, and its deletion was not due", name, v.KeyID),
			Hint: lookUp()})
	case k.Missing && foundGone(v):
		c.add(Finding{Code: plan.CodeVersionGone, Level: Warning, Mode: Drain, KeyID: v.KeyID, Version: v.Version,
			What: fmt.Sprintf("%s (%s) was found gone on %s: keyturn did not do that",
				name, v.KeyID, plan.Stamp(v.DisabledAt)),
			Hint: lookUp()})
	case c.unlike(v) != nil:
		ref := c.unlike(v)
		c.add(Finding{Code: ref.Code, Level: Person, Mode: Drain, KeyID: v.KeyID, Version: v.Version, What: ref.What,
			Hint: ref.Hint})
	case k.State == disabled && !v.DeleteAt.IsZero():
		c.add(Finding{Code: plan.CodeDeletionCancelled, Level: Warning, KeyID: v.KeyID,
			What: fmt.Sprintf("%s was to be deleted on %s; somebody cancelled that", name, plan.Stamp(v.DeleteAt))})
	}
}
