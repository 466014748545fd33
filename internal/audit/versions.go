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
		case k.Missing || k.State == plan.KeyPendingDeletion || k.State == plan.KeyDisabled:
			c.unusable(v, k)
		}
	}
}

// unusable judges a version that should be enabled and is not.
func (c *checker) unusable(v plan.Version, k plan.KeySeen) {
	k.KeyID = v.KeyID // a key that is gone has none
	f := Finding{Level: Person, Mode: Drain, Invariants: []int{12}, KeyID: v.KeyID, Version: v.Version,
		Evidence: c.stateBy(v)}
	ref := plan.OldDown(c.now, c.p, c.r, v.Version, k)
	switch {
	case v.Version == c.r.Active:
		f.Invariants = []int{3}
		ref = plan.LiveDown(c.p, c.r, k)
	case v.State == "":
		f.Invariants = []int{3}
		ref = plan.TargetDown(c.p, c.r, k)
	case v.State == plan.Draining:
		f.Invariants = []int{4}
	}
	name := plan.VersionName(v.Version)
	if k.Missing && claim.Young(v, c.now) {
		c.add(Finding{Code: plan.CodeLag, Level: Warning, Mode: Race, KeyID: v.KeyID, Version: v.Version,
			What:  fmt.Sprintf("KMS does not show %s (%s) yet, which was made or went live minutes ago", name, v.KeyID),
			Since: later(v.CreatedAt, v.Since), Hint: plan.Noted("run the audit again in ten minutes")})
		return
	}
	switch {
	case ref != nil:
		f.Code, f.What, f.Hint = ref.Code, ref.What, ref.Hint
	case k.Missing: // the live one, or one that an open generation has made
		f.Code, f.Hint = plan.CodeVersionGone, lookUp()
		f.What = fmt.Sprintf("%s (%s) is gone: keyturn did not do that", name, v.KeyID)
	case v.Fence != nil:
		return // keyturn is disabling it; the next run writes that down
	case !v.LookAfter.IsZero():
		f.Code, f.Level, f.Invariants, f.Hint, f.Since = plan.CodeReinstateOpen, Warning, nil, c.run(), v.ReinstatedAt
		if c.now.Before(v.NextLook()) {
			f.Hint = plan.Reinstate(c.p.Name, name).Noted("enables it at once")
		}
		f.What = fmt.Sprintf("%s was reinstated and is disabled; a run after %s is to enable it", name,
			plan.Stamp(v.NextLook()))
		if e := c.r.LastError; e != nil && e.About == name {
			f.What += c.r.LastErrorText()
		}
	default: // its drain is over: a run takes it for retired
		f.Code, f.Level, f.Invariants, f.Hint = plan.CodeVersionDisabled, Warning, nil, c.repair(k)
		f.What = fmt.Sprintf("%s (%s) has drained and is disabled: keyturn did not do that", name, v.KeyID)
	}
	c.add(f)
}

// retired judges a version that was disabled when its drain was over.
func (c *checker) retired(v plan.Version, k plan.KeySeen) {
	k.KeyID = v.KeyID
	name := plan.VersionName(v.Version)
	if v.Fence != nil && c.now.Before(v.Fence.Until) {
		return // a call of keyturn's own may be under way
	}
	ref := plan.OldDown(c.now, c.p, c.r, v.Version, k)
	switch {
	case ref != nil:
		f := Finding{Code: ref.Code, Level: Person, Mode: Drain, KeyID: v.KeyID, Version: v.Version, What: ref.What,
			Hint: ref.Hint, Evidence: c.stateBy(v)}
		if ref.Code == plan.CodeDeletionUnknown || ref.Code == plan.CodeVersionGone {
			f.Invariants = []int{12}
		}
		t := c.told.versions[v.Version]
		if t != nil && (ref.Code == plan.CodeDeletionUnwanted || t.pending && ref.Code == plan.CodeDeletionUnknown) {
			f.Since = c.toldAt(t.state.rev) // scheduled by keyturn, or found so
		}
		c.add(f)
	case k.Missing && foundGone(v):
		c.add(Finding{Code: plan.CodeVersionGone, Level: Warning, Mode: Drain, KeyID: v.KeyID, Version: v.Version,
			Since: v.DisabledAt,
			What: fmt.Sprintf("%s (%s) was found gone on %s: keyturn did not do that",
				name, v.KeyID, plan.Stamp(v.DisabledAt)),
			Hint: lookUp()})
	case c.unlike(v) != nil:
		ref := c.unlike(v)
		c.add(Finding{Code: ref.Code, Level: Person, Mode: Drain, KeyID: v.KeyID, Version: v.Version, What: ref.What,
			Hint: ref.Hint})
	case k.State == plan.KeyDisabled && !v.DeleteAt.IsZero():
		c.add(Finding{Code: plan.CodeDeletionCancelled, Level: Warning, KeyID: v.KeyID, Version: v.Version,
			What: fmt.Sprintf("%s was to be deleted on %s; somebody cancelled that", name, plan.Stamp(v.DeleteAt))})
	}
}

// stateBy returns the event that put a version into its state.
func (c *checker) stateBy(v plan.Version) Evidence {
	if t := c.told.versions[v.Version]; t != nil {
		return Evidence{Revs: t.state.revs()}
	}
	return Evidence{}
}
