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
		e.unnamed(key, version, id, state)
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

// deleting checks of a version that is to be deleted that the plan says so, that
// it was disabled for as long as it asks (invariants 4 and 12), that a mark says
// so (7), and that nothing else names it.
func (e *eye) deleting(id string) {
	for i, key := range e.Keys {
		r := e.all[key.Key()]
		if r == nil {
			continue
		}
		version, known := r.VersionOfKey(id)
		if !known {
			if e.served[id] == key.Alias {
				e.fail("12", "a key that has served is to be deleted, and the record does not know it")
			}
			continue
		}
		e.unnamed(key, version, id, "to be deleted")
		if !e.anyPlan(i, func(p plan.Policy) bool { return p.Retire.Action == plan.RetireDelete }) {
			e.fail("12", "v%d is to be deleted, and no plan says so", version)
		}
		if due := e.at.Add(key.Retire.DeletionWindow); e.frozen(i, due) {
			e.fail("freeze", "v%d is to be deleted in a freeze, at %s", version, stamp(due))
		}
		marked := false
		for _, t := range r.Retired {
			if t.KeyID != id {
				continue
			}
			marked = t.Mark != nil
			if !e.anyPlan(i, func(p plan.Policy) bool { return !e.at.Before(t.DisabledAt.Add(p.Retire.DeleteAfter)) }) {
				e.fail("4", "v%d is to be deleted; it was disabled %s ago", t.Version, e.at.Sub(t.DisabledAt))
			}
		}
		for _, d := range r.Draining { // sent before a reinstate: look_after stands for it
			marked = marked || d.KeyID == id && !d.LookAfter.IsZero()
		}
		if !marked {
			e.fail("7", "v%d is to be deleted without a mark", version)
		}
	}
}

// unnamed checks of a version that goes down that no alias but its own names it
// (invariant 4). What a person has made since it was looked for, nobody can know.
func (e *eye) unnamed(key plan.Policy, version int64, id, what string) {
	for _, name := range e.of[id] {
		if at, put := e.put[name]; put && e.at.Sub(at) <= plan.LooksLast+plan.FenceFor {
			continue
		}
		if own := plan.VersionAlias(key.Alias, version); name != own && !e.byHand[name] {
			e.fail("4", "v%d is %s while %s names it", version, what, name)
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
