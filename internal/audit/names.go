package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// names compares the version aliases with the versions of the record. Each
// version has one, and it never moves.
func (c *checker) names() {
	l := c.s.Listing
	if l == nil {
		return
	}
	listed := map[int64]plan.AliasListed{}
	for _, a := range l.Versions {
		if n, ok := plan.VersionOf(c.p.Alias, a.Name); ok {
			listed[n] = a
		}
	}
	known := map[int64]bool{}
	for _, v := range c.all() {
		known[v.Version] = true
		a, named := listed[v.Version]
		switch {
		case named && a.KeyID != v.KeyID:
			c.add(Finding{Code: plan.CodeVersionAliasMoved, Level: Person, Mode: Race,
				Invariants: []int{8}, KeyID: a.KeyID, Version: v.Version, Since: a.MovedAt,
				Observed: a.KeyID, Expected: v.KeyID, Evidence: c.madeBy(v),
				What: fmt.Sprintf("%s has named %s since %s; %s is %s",
					a.Name, a.KeyID, plan.Stamp(a.MovedAt), plan.VersionName(v.Version), v.KeyID),
				Hint: c.point("update-alias", v)})
		case named:
			c.nameMovedBack(v, a)
		case c.mustHaveName(v):
			c.add(Finding{Code: plan.CodeVersionAliasMissing, Level: Person, Mode: Race, Invariants: []int{8},
				KeyID: v.KeyID, Version: v.Version, Evidence: c.madeBy(v),
				What: fmt.Sprintf("there is no %s; it named %s", plan.VersionAlias(c.p.Alias, v.Version), v.KeyID),
				Hint: c.point("create-alias", v)})
		}
	}
	for _, a := range l.Versions {
		switch n, ok := plan.VersionOf(c.p.Alias, a.Name); {
		case !ok:
			ref := plan.BadNumber(c.p, a)
			c.add(Finding{Code: ref.Code, Level: Person, Mode: Duplicate, Invariants: []int{8}, KeyID: a.KeyID,
				Since: a.MovedAt, What: ref.What, Hint: ref.Hint})
		case !known[n]:
			c.unknownName(n, a)
		}
	}
}

// madeBy returns the event of a version that keyturn made, which named it, too.
func (c *checker) madeBy(v plan.Version) Evidence {
	if made, ok := c.told.made[v.Version]; ok && made.keyID == v.KeyID {
		return Evidence{Revs: []int64{made.rev}}
	}
	return Evidence{}
}

func (c *checker) point(command string, v plan.Version) plan.Hint {
	return plan.Try("aws", "kms", command, "--region", c.p.Region,
		"--alias-name", plan.VersionAlias(c.p.Alias, v.Version), "--target-key-id", v.KeyID)
}

// mustHaveName reports whether a version's alias was certainly made: keyturn
// made the key, and the key is still there. An adopted version gets its name when it is
// first rotated, which may never come.
func (c *checker) mustHaveName(v plan.Version) bool {
	if c.s.Keys[v.KeyID].Missing {
		return false
	}
	t := c.told.versions[v.Version]
	_, made := c.told.made[v.Version]
	return c.s.Tags[v.KeyID].Claim != "" || made || t != nil && t.rotated
}

// unknownName judges a version alias that the record does not explain.
func (c *checker) unknownName(n int64, a plan.AliasListed) {
	tags := c.s.Tags[a.KeyID]
	claim := c.r.Claim
	switch {
	case claim != nil && n == c.r.Generation && c.r.Step != plan.Steady && tags.Claim == claim.ID:
		return // the open generation's: made, and not written down yet
	case c.r.Forgotten(n) && !c.told.whole():
		return // older than what the record lists, and the ledger does not tell all
	case c.foreign(n, tags):
		by := "its key has no tag of keyturn's"
		if tags.Claim != "" {
			by = "its key is tagged with claim " + tags.Claim
		}
		c.add(Finding{Code: plan.CodeForeignVersion, Level: Person, Mode: Duplicate, Invariants: []int{8},
			KeyID: a.KeyID, Since: a.MovedAt,
			What: fmt.Sprintf("%s has existed since %s and names %s, which this record did not make (it is at "+
				"generation %d; %s): somebody else rotates this key, or the record was restored from an older copy",
				a.Name, plan.Stamp(a.MovedAt), a.KeyID, c.r.Generation, by),
			Hint: c.history().Noted("shows which runs there were; if the record is old, make it again from KMS: " +
				"foreign-version in docs/runbook.md")})
	default:
		c.add(Finding{Code: plan.CodeLateVersion, Level: Person, Mode: Partial, Invariants: []int{8}, KeyID: a.KeyID,
			Since: a.MovedAt,
			What: fmt.Sprintf("%s names %s, made for generation %d, which was given up: it came late, and no "+
				"switch to it is recorded",
				a.Name, a.KeyID, n),
			Hint: plan.Try("keyturn", "audit", "--orphans")})
	}
}

// foreign reports whether a version alias that the record does not explain was never this
// record's: of a generation to come, without a tag, or of another claim than the record's
// own generation has.
func (c *checker) foreign(n int64, tags Tags) bool {
	other := n == c.r.Generation && c.r.Claim != nil && c.r.Claim.ID != tags.Claim
	return n > c.r.Generation || tags.Claim == "" || other
}

// foreignKey reports whether a key is a foreign version, which no adopt of the alias accepts.
func (c *checker) foreignKey(keyID string) bool {
	l := c.s.Listing
	return l != nil && slices.ContainsFunc(l.Versions, func(a plan.AliasListed) bool {
		n, ok := plan.VersionOf(c.p.Alias, a.Name)
		return ok && a.KeyID == keyID && c.foreign(n, c.s.Tags[keyID])
	})
}

// windows looks for more than one version for one window.
func (c *checker) windows() {
	l := c.s.Listing
	if l == nil {
		return
	}
	first := map[string]plan.AliasListed{}
	for _, a := range l.Versions {
		t := c.s.Tags[a.KeyID]
		if t.Window == "" || t.Alias != c.p.Alias || c.givenUp(t.Claim, a.KeyID) {
			continue
		}
		other, twice := first[t.Window]
		if !twice {
			first[t.Window] = a
			continue
		}
		if other.KeyID == a.KeyID {
			continue
		}
		c.add(Finding{Code: plan.CodeDuplicateWindow, Level: Person, Mode: Duplicate, Invariants: []int{9},
			KeyID: a.KeyID, Since: later(c.begins(other), c.begins(a)),
			AtEarliest: !c.madeFor(other) || !c.madeFor(a),
			What: fmt.Sprintf("%s (%s) and %s (%s) were both made for window %s", other.Name, other.KeyID, a.Name,
				a.KeyID, t.Window),
			Hint: c.holdAndRead().Noted("the history says who made which")})
	}
}

// madeFor reports whether the ledger tells that the key which a version alias names was made
// for the window in its tags. Other tags may have been put on it at any time since.
func (c *checker) madeFor(a plan.AliasListed) bool {
	n, _ := plan.VersionOf(c.p.Alias, a.Name)
	made, ok := c.told.made[n]
	t := c.s.Tags[a.KeyID]
	return ok && made.keyID == a.KeyID && made.claim == t.Claim && made.windowOf(t) == t.Window
}

// begins returns when the key that a version alias names was made, or else when KMS says that
// the alias was.
func (c *checker) begins(a plan.AliasListed) time.Time {
	if k := c.s.Keys[a.KeyID]; !k.CreatedAt.IsZero() {
		return k.CreatedAt
	}
	return a.MovedAt
}

// later returns the later one of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// givenUp reports whether the events tell that a claim was given up, and nothing that it made
// its key live: then another claim may make one for the same window. A person may roll back
// to that key later.
func (c *checker) givenUp(claim, keyID string) bool {
	begun, gone := false, false
	for _, e := range c.told.events {
		switch {
		case claim == "":
		case e.KeyID == keyID && (e.Is(plan.EventFinish) && e.Claim == claim || e.Is(plan.EventAdopt) ||
			e.Is(plan.EventRebuild)):
			return false
		case e.Is(plan.EventClaim) && e.Claim == claim:
			begun = true
		case e.GaveUp == claim || e.Is(plan.EventRebuild) && begun:
			gone = true
		}
	}
	return gone
}
