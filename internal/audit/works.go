package audit

import (
	"strings"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// works returns what the audit saw of whether encrypt and decrypt work; about is the
// version that a finding is about, or 0.
func (c *checker) works(about int64) claim.Works {
	s := claim.Seen{Alias: c.p.Alias, Record: c.r, Keys: map[string]claim.Look{}, About: about, At: c.now}
	if c.r != nil && c.r.Schema > plan.SchemaVersion {
		s.Record = nil // what it says is not understood
	}
	switch a := c.s.Alias; {
	case a != nil:
		s.Behind = claim.Saw(*a, c.now)
	case c.s.AliasFailed != "":
		s.Behind = claim.Failed(c.s.AliasFailed)
	}
	for id, k := range c.s.Keys {
		s.Keys[id] = claim.Saw(k, c.now)
	}
	for id, why := range c.s.KeysFailed {
		s.Keys[id] = claim.Failed(why)
	}
	return claim.Of(s)
}

// called returns a key's name for people.
func (c *checker) called(keyID string) string {
	if c.r != nil {
		if v, ours := c.r.VersionOfKey(keyID); ours {
			return plan.VersionName(v)
		}
	}
	return keyID
}

// say returns a key's state as part of a sentence.
func say(k plan.KeySeen) string {
	switch {
	case k.Missing:
		return "gone"
	case k.State == plan.KeyPendingDeletion && !k.DeletionAt.IsZero():
		return "pending deletion, on " + plan.Stamp(k.DeletionAt)
	case k.State == plan.KeyPendingDeletion:
		return "pending deletion"
	}
	return strings.ToLower(k.State)
}

// ended reports whether a version should not work any more.
func ended(v plan.Version) bool { return v.State.Retired() && v.State != plan.Kept }

// foundGone reports whether a version was gone before keyturn could disable it.
func foundGone(v plan.Version) bool {
	return ended(v) && !v.DeleteAt.IsZero() && !v.DeleteAt.After(v.DisabledAt)
}

// all returns every version of the record: the live one first, a new one last.
func (c *checker) all() []plan.Version {
	var all []plan.Version
	if live := c.r.Live(); live != nil {
		all = append(all, *live)
	}
	all = append(all, c.r.Old()...)
	if next := c.r.Next(); next != nil && next.State == "" && next.Version != c.r.Active {
		all = append(all, *next)
	}
	return all
}
