package rehearsal

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// down checks invariants 4 and 7 of a key that is not enabled any more.
func (e *eye) down(id, state string) {
	for i, key := range e.Keys {
		r := e.all[key.Key()]
		if r == nil {
			continue
		}
		version, known := r.VersionOfKey(id)
		if !known {
			if e.served[id] == key.Alias {
				e.fail("4", "a key that has served is %s", state)
			}
			continue
		}
		for _, name := range e.of[id] {
			if at, put := e.put[name]; put && e.at.Sub(at) <= plan.LooksLast+plan.FenceFor {
				continue
			}
			if own := plan.VersionAlias(key.Alias, version); name != own && !e.byHand[name] {
				e.fail("4", "v%d is %s while %s names it", version, state, name)
			}
		}
		intent := false
		for _, d := range r.Draining {
			if d.KeyID == id {
				// What was signed before a reinstate may still arrive; look_after
				// stands for it.
				intent = d.Mark != nil || !d.LookAfter.IsZero()
				if e.at.Before(d.DrainUntil) && d.LookAfter.IsZero() {
					e.fail("4", "v%d is %s before its drain_until", version, state)
				}
				e.unused(i, d, state)
			}
		}
		for _, t := range r.Retired {
			intent = intent || t.KeyID == id && t.Mark != nil
		}
		if !intent {
			e.fail("7", "v%d is %s without a mark", version, state)
		}
	}
}

// deleting checks of a version that is to be deleted that it was disabled for as
// long as a plan asks (invariant 4).
func (e *eye) deleting(id string) {
	for i, key := range e.Keys {
		r := e.all[key.Key()]
		if r == nil {
			continue
		}
		for _, t := range r.Retired {
			if t.KeyID == id && !e.anyPlan(i, func(p plan.Policy) bool { return !e.at.Before(t.DisabledAt.Add(p.Retire.DeleteAfter)) }) {
				e.fail("4", "v%d is to be deleted; it was disabled %s ago", t.Version, e.at.Sub(t.DisabledAt))
			}
		}
	}
}

// unused checks that a version which goes down was out of use for as long as
// the plan asks. What happened after it was asked about, nobody can know: that
// is an hour of delay in KMS, and the life of the mark.
func (e *eye) unused(i int, d plan.Draining, state string) {
	at, ever := e.used[d.KeyID]
	if !ever || !d.LookAfter.IsZero() {
		return
	}
	if !e.anyPlan(i, func(p plan.Policy) bool {
		within := time.Duration(-1) // neither of the two asks
		for _, terms := range []plan.Retire{d.Retire, p.Retire} {
			if !terms.UsageOff {
				within = max(within, terms.UnlessUsedWithin)
			}
		}
		return e.at.Sub(at) > within || e.at.Sub(at) < plan.FenceFor+time.Hour
	}) {
		e.fail("4", "v%d is %s; it was used %s before", d.Version, state, e.at.Sub(at))
	}
}
