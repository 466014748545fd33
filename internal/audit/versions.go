package audit

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"
)

// versions compares each version's state in KMS with what the record means it
// to be.
func (c *checker) versions() {
	for _, v := range c.all() {
		k, known := c.s.Keys[v.keyID]
		switch {
		case !known:
		case v.ended():
			c.retired(v, k)
		case k.Missing || k.State == pending || k.State == disabled:
			c.unusable(v, k)
		}
	}
}

// unusable judges a version that ought to work and does not.
func (c *checker) unusable(v version, k plan.KeySeen) {
	role := "kept"
	invariants := []int{12}
	switch {
	case v.active != nil:
		role, invariants = "active", []int{3}
	case v.target != nil:
		role, invariants = "the target of the open generation", []int{3}
	case v.draining != nil:
		role, invariants = "draining until "+plan.Stamp(c.p.DrainEnd(*v.draining)), []int{4}
	}
	f := Finding{Code: plan.CodeVersionDisabled, Level: Person, Mode: Drain, Invariants: invariants, KeyID: v.keyID,
		What: fmt.Sprintf("%s (%s) is %s and %s: keyturn did not do that", plan.VersionName(v.n), v.keyID, role, say(k)),
		Hint: c.repair(k)}
	if k.State == pending {
		f.Code = plan.CodeVersionPendingDeletion
	}
	if k.Missing {
		f.Code, f.Hint = plan.CodeVersionGone, "look the key up in CloudTrail; a deleted key cannot be brought back"
	}
	if d := v.draining; d != nil && k.State == disabled {
		switch {
		case d.Mark != nil:
			// keyturn is disabling it; the next run writes that down.
			return
		case !d.LookAfter.IsZero():
			f.Code, f.Level, f.Hint = plan.CodeReinstateOpen, Warning, "keyturn run --key "+c.p.Name
			f.What = fmt.Sprintf("%s was reinstated and is disabled; a run after %s enables it", plan.VersionName(v.n), plan.Stamp(d.LookAfter))
			f.Invariants = nil
		case !c.now.Before(c.p.DrainEnd(*d)):
			f.Level, f.Invariants = Warning, nil // its drain is over: a run takes it for retired
		}
	}
	c.add(f)
}

// disabledOr is "disabled", or what else is true of a version of which it is not
// known when that was.
func disabledOr(t *plan.Retired, found string) string {
	if t.DisabledUnknown {
		return found
	}
	return "disabled"
}

// retired judges a version that was disabled when its drain was over.
func (c *checker) retired(v version, k plan.KeySeen) {
	t := v.retired
	name := plan.VersionName(v.n)
	if t.Mark != nil && c.now.Before(t.Mark.Until) {
		return // a call of keyturn's own may be under way
	}
	unwanted := plan.OldDown(c.p, c.r, v.n, k)
	switch {
	case k.State == enabled:
		c.add(Finding{Code: plan.CodeEnabledByHand, Level: Person, Mode: Drain, KeyID: v.keyID,
			What: fmt.Sprintf("%s (%s) was %s on %s and is enabled: a person did that", name, v.keyID, disabledOr(t,
				"found disabled"), plan.Stamp(t.DisabledAt)),
			Hint: fmt.Sprintf("keyturn reinstate %s/%s   (keeps it, with a new drain), or %s", c.p.Name, name, c.awskms("disable-key", v.keyID))})
	case k.State == pending && t.DeleteAt.IsZero():
		c.add(Finding{Code: plan.CodeDeletionUnknown, Level: Person, Mode: Drain, Invariants: []int{12}, KeyID: v.keyID,
			What: fmt.Sprintf("%s (%s) is %s, and the record knows of no deletion", name, v.keyID, say(k)),
			Hint: c.awskms("cancel-key-deletion", v.keyID)})
	case k.State == pending && unwanted != nil:
		c.add(Finding{Code: unwanted.Code, Level: Person, Mode: Drain, KeyID: v.keyID, What: unwanted.What, Hint: unwanted.Hint})
	case k.Missing && (t.DeleteAt.IsZero() || c.now.Before(t.DeleteAt)):
		c.add(Finding{Code: plan.CodeVersionGone, Level: Person, Mode: Drain, Invariants: []int{12}, KeyID: v.keyID,
			What: fmt.Sprintf("%s (%s) is gone, and its deletion was not due", name, v.keyID),
			Hint: "look the key up in CloudTrail; a deleted key cannot be brought back"})
	case k.Missing && v.foundGone():
		c.add(Finding{Code: plan.CodeVersionGone, Level: Warning, Mode: Drain, KeyID: v.keyID,
			What: fmt.Sprintf("%s (%s) was found gone on %s: keyturn did not do that", name, v.keyID, plan.Stamp(t.DisabledAt)),
			Hint: "look the key up in CloudTrail; a deleted key cannot be brought back"})
	case c.unlike(v.n, v.keyID) != nil:
		ref := c.unlike(v.n, v.keyID)
		c.add(Finding{Code: ref.Code, Level: Person, Mode: Drain, KeyID: v.keyID, What: ref.What, Hint: ref.Hint})
	case k.State == disabled && !t.DeleteAt.IsZero():
		c.add(Finding{Code: plan.CodeDeletionCancelled, Level: Warning, KeyID: v.keyID,
			What: fmt.Sprintf("%s was to be deleted on %s; somebody cancelled that", name, plan.Stamp(t.DeleteAt))})
	}
}
