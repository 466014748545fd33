package status

import (
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// works returns what was seen of whether encrypt and decrypt work.
func works(now time.Time, p plan.Policy, r *plan.Record, seen Seen) claim.Works {
	s := claim.Seen{Alias: p.Alias, Record: r, Keys: map[string]claim.Look{}, At: now}
	if r != nil && r.Schema > plan.SchemaVersion {
		s.Record = nil // what it says is not understood
	}
	switch {
	case seen.Alias != nil:
		s.Behind = claim.Saw(*seen.Alias, now)
	case seen.Trouble != "":
		s.Behind = claim.Failed(seen.Trouble)
	}
	for id, k := range seen.Versions {
		k.KeyID = id // a key that is gone has none
		s.Keys[id] = claim.Saw(k, now)
	}
	for id, why := range seen.Unseen {
		s.Keys[id] = claim.Failed(why)
	}
	return claim.Of(s)
}
