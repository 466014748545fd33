package rehearsal

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A record lists so many old versions and no more; others are left out. Of one that has
// left its list so, and only so, nobody asks any more in which state it is there: any
// other has been lost (invariant 8).

// leavesOut takes in which versions a write has left out for want of room: nothing is
// owed to them, of their kind the record lists as many as it may, all of them stopped
// being live later, and left_out says so.
func (e *observation) leavesOut(key plan.Policy, old, r *plan.Record) {
	listed := listedIn(r)
	for id := range listed { // a person may have had it put back
		delete(e.left, id)
	}
	if old == nil || isRebuilt(r) {
		e.leftBefore(key, r, listed)
		return
	}
	last := r.Events[len(r.Events)-1]
	wrote := last.At
	for _, v := range old.Versions {
		struck := v.State == plan.Kept && last.Version == v.Version && (last.Is(plan.EventMarkNo) ||
			last.Is(plan.EventUnmark))
		owed := v.State == "" || v.Fence != nil && !struck || v.Version == r.Target || !v.LookAfter.IsZero() ||
			v.State == plan.Draining && wrote.Before(v.DrainUntil) || v.Held(wrote)
		if !listed[v.KeyID] && !owed && v.Version <= r.LeftOut && full(r, v, wrote) {
			e.left[v.KeyID] = true
		}
	}
}

// leftBefore does the same for a record of which no earlier one was seen, or that was
// rebuilt: there left_out alone can tell.
func (e *observation) leftBefore(key plan.Policy, r *plan.Record, listed map[string]bool) {
	for n := range r.LeftOut {
		id := e.kms.Names[plan.VersionAlias(key.Alias, n+1)]
		if e.served[id] == key.Alias && !listed[id] {
			e.left[id] = true
		}
	}
}

// full reports whether a record lists as many versions of a kind as it may, all of which
// came after one that it has left out. A version that drains becomes a kept one, or a
// disabled one, with the write that leaves it out. Those that a person holds, or has just
// marked, are listed beside the others.
func full(r *plan.Record, out plan.Version, wrote time.Time) bool {
	kept, down, gone := 0, 0, 0
	earlier := false
	for _, v := range r.Retired() {
		switch {
		case v.Held(wrote), v.State == plan.Kept && v.Fence != nil:
		case v.State == plan.Kept:
			kept++
			earlier = earlier || v.Left.Before(out.Left) && v.Version != r.Target
		case v.State == plan.Disabled:
			down++
		default:
			gone++
		}
	}
	switch out.State {
	case plan.Draining, plan.Kept:
		return kept >= plan.MaxKept && !earlier
	case plan.Disabled:
		return down+gone >= plan.MaxDisabled
	}
	return gone >= plan.MaxGone
}

// listedIn returns the keys that a record knows.
func listedIn(r *plan.Record) map[string]bool {
	ids := map[string]bool{}
	for _, v := range r.Versions {
		ids[v.KeyID] = true
	}
	return ids
}
