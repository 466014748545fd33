package rehearsal

import (
	"slices"

	"github.com/keyturn/keyturn/plan"
)

// A record lists so many old versions and no more; the oldest are left out. Of
// one that has left its list so, and only so, nobody asks any more in which it
// stands: any other has been lost (invariant 8).

// leavesOut takes in which versions a write has left out for want of room: of
// their kind the record lists as many as it may, all of them came later, and
// left_out says so.
func (e *observation) leavesOut(key plan.Policy, old, r *plan.Record) {
	listed := listedIn(r)
	for id := range listed { // a person may have had it put back
		delete(e.left, id)
	}
	if old == nil {
		e.leftBefore(key, r, listed)
		return
	}
	retired := old.Retired()
	for i, v := range retired {
		if !listed[v.KeyID] && v.Version <= r.LeftOut && full(r, v.State == plan.Disabled, retired[:i]) {
			e.left[v.KeyID] = true
		}
	}
}

// leftBefore does the same for a record of which no earlier one was seen: there
// left_out alone can tell.
func (e *observation) leftBefore(key plan.Policy, r *plan.Record, listed map[string]bool) {
	for n := range r.LeftOut {
		id := e.kms.Names[plan.VersionAlias(key.Alias, n+1)]
		if e.served[id] == key.Alias && !listed[id] {
			e.left[id] = true
		}
	}
}

// full reports whether a record lists as many retired versions as it may, of those
// that are disabled or of the others, and none of the ones that came before, but for
// the target of a rollback.
func full(r *plan.Record, disabled bool, before []plan.Version) bool {
	most := plan.MaxRetired
	if disabled {
		most = plan.MaxDisabled
	}
	n := 0
	for _, v := range r.Retired() {
		if (v.State == plan.Disabled) != disabled {
			continue
		}
		n++
		first := func(b plan.Version) bool { return b.KeyID == v.KeyID && b.Version != r.Target }
		if slices.ContainsFunc(before, first) {
			return false
		}
	}
	return n == most
}

// listedIn returns the keys that a record knows.
func listedIn(r *plan.Record) map[string]bool {
	ids := map[string]bool{}
	for _, v := range r.Versions {
		ids[v.KeyID] = true
	}
	return ids
}
