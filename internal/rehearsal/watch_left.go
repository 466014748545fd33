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
func (e *eye) leavesOut(key plan.Policy, old, r *plan.Record) {
	listed := listedIn(r)
	for id := range listed { // a person may have had it put back
		delete(e.left, id)
	}
	if old == nil {
		e.leftBefore(key, r, listed)
		return
	}
	for i, t := range old.Retired {
		if !listed[t.KeyID] && t.Version <= r.LeftOut && fullBehind(old, i, r) {
			e.left[t.KeyID] = true
		}
	}
}

// leftBefore does the same for a record of which no earlier one was seen: there
// left_out alone can tell.
func (e *eye) leftBefore(key plan.Policy, r *plan.Record, listed map[string]bool) {
	for n := range r.LeftOut {
		id := e.kms.Names[plan.VersionAlias(key.Alias, n+1)]
		if e.served[id] == key.Alias && !listed[id] {
			e.left[id] = true
		}
	}
}

// fullBehind reports whether a record lists as many versions of a kind as it may,
// and none that came before the i-th of the older record, which is of that kind.
func fullBehind(old *plan.Record, i int, r *plan.Record) bool {
	disabled, most := goneFor(old.Retired[i]), plan.MaxRetired
	if disabled {
		most = plan.MaxDisabled
	}
	n := 0
	for _, t := range r.Retired {
		if goneFor(t) != disabled {
			continue
		}
		n++
		if slices.ContainsFunc(old.Retired[:i], func(before plan.Retired) bool { return before.KeyID == t.KeyID }) {
			return false
		}
	}
	return n == most
}

// goneFor reports whether a version is disabled and not to be deleted: of those
// a record lists more.
func goneFor(t plan.Retired) bool { return !t.DisabledAt.IsZero() && t.DeleteAt.IsZero() }

// listedIn are the keys that a record knows.
func listedIn(r *plan.Record) map[string]bool {
	ids := map[string]bool{}
	if r.Active != nil {
		ids[r.Active.KeyID] = true
	}
	if r.Target != nil {
		ids[r.Target.KeyID] = true
	}
	for _, d := range r.Draining {
		ids[d.KeyID] = true
	}
	for _, t := range r.Retired {
		ids[t.KeyID] = true
	}
	return ids
}
