package claim

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// OfRun returns what a run knows of whether encrypt and decrypt work, from its looks
// and its own answers. about is the version that a refusal is about, or 0.
func OfRun(now time.Time, p plan.Policy, r *plan.Record, o plan.Observed, about int64) Works {
	s := Seen{Alias: p.Alias, Record: r, Keys: map[string]Look{}, About: about, At: now}
	s.Behind = behind(now, r, o)
	for _, k := range []*plan.KeySeen{o.Active, o.Target} {
		if k != nil && k.KeyID != "" {
			s.Keys[k.KeyID] = Saw(*k, o.SeenAt)
		}
	}
	for id, old := range o.Old {
		switch {
		case old.Key != nil:
			k := *old.Key
			k.KeyID = id // a key that is gone has none
			s.Keys[id] = Saw(k, o.SeenAt)
		case old.Failed != nil:
			s.Keys[id] = Failed(old.Failed.Text())
		}
		// KMS has answered this run's EnableKey, and nobody has retired the version since.
		if !old.EnabledAt.IsZero() && old.EnabledFor.Equal(reinstatedAt(r, id)) {
			s.Keys[id] = Saw(plan.KeySeen{KeyID: id, State: plan.KeyEnabled}, old.EnabledAt)
		}
	}
	if m := o.SignedOld; m != nil && m.Answer != nil && m.Answer.Verdict == plan.Yes &&
		!reinstatedAt(r, m.KeyID).After(m.Date) {
		s.Keys[m.KeyID] = Saw(plan.KeySeen{KeyID: m.KeyID, State: plan.KeyDisabled}, now)
	}
	if f := o.Failure; f != nil && r != nil {
		switch v := r.Live(); {
		case f.Kind == plan.LookActive && v != nil:
			s.Keys[v.KeyID] = Failed(f.Answer.Text())
		case f.Kind == plan.LookTarget && r.Next() != nil:
			s.Keys[r.Next().KeyID] = Failed(f.Answer.Text())
		}
	}
	return Of(s)
}

// reinstatedAt returns when the version that a key is was reinstated last; zero if it was not.
func reinstatedAt(r *plan.Record, keyID string) time.Time {
	if r != nil && r.EntryOf(keyID) != nil {
		return r.EntryOf(keyID).ReinstatedAt
	}
	return time.Time{}
}

// behind returns what the run knows about the key behind the alias. Its own move says nothing
// once another generation was claimed.
func behind(now time.Time, r *plan.Record, o plan.Observed) Look {
	if m := o.SignedMove; m != nil && m.Answer != nil && m.Answer.Verdict == plan.Yes &&
		(r == nil || r.Generation == m.Generation) {
		moved := plan.KeySeen{KeyID: m.KeyID}
		if o.Target != nil && o.Target.KeyID == m.KeyID {
			moved = *o.Target
		}
		return Saw(moved, now)
	}
	switch f := o.Failure; {
	case o.Alias != nil && o.Alias.Missing:
		return Saw(plan.KeySeen{Missing: true}, o.AliasAt)
	case o.Alias != nil:
		return Saw(*o.Alias, o.AliasAt)
	case f != nil && (f.Kind == plan.LookAlias || f.Kind == plan.LookListing):
		return Failed(f.Answer.Text())
	case o.Listing != nil && o.Listing.Alias == nil:
		return Saw(plan.KeySeen{Missing: true}, o.SeenAt)
	case o.Listing != nil:
		return Saw(plan.KeySeen{KeyID: o.Listing.Alias.KeyID}, o.SeenAt)
	}
	return Look{}
}
