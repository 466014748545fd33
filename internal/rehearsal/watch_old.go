package rehearsal

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// down checks invariants 4 and 7 of a key that is not enabled any more.
func (e *observation) down(id, state string) {
	for i, key := range e.Keys {
		r := e.all[key.Key()]
		if r == nil {
			continue
		}
		v := r.EntryOf(id)
		if v == nil {
			if e.served[id] == key.Alias {
				e.fail("4", "a key that has served is %s", state)
			}
			continue
		}
		e.unnamed(key, v.Version, id, state)
		e.wentDown[id] = true
		if v.State == plan.Kept && v.RetiredBy == "" {
			e.fail("4", "v%d is %s, and is kept", v.Version, state)
		}
		// What was signed before a reinstate may still arrive; look_after stands for it. A person
		// retires a version before its time.
		if v.State == plan.Draining && v.LookAfter.IsZero() && v.RetiredBy == "" {
			if e.at.Before(v.DrainUntil) {
				e.fail("4", "v%d is %s before its drain_until", v.Version, state)
			}
			e.unused(i, *v, state)
		}
		if v.Fence == nil && v.LookAfter.IsZero() {
			e.fail("7", "v%d is %s without a mark", v.Version, state)
		}
	}
}

// deleting checks of a version that is to be deleted that the plan says so, that
// it was disabled for as long as it asks (invariants 4 and 12), that a mark says
// so (7), and that nothing else names it.
func (e *observation) deleting(id string) {
	for i, key := range e.Keys {
		r := e.all[key.Key()]
		if r == nil {
			continue
		}
		v := r.EntryOf(id)
		if v == nil {
			if e.served[id] == key.Alias {
				e.fail("12", "a key that has served is to be deleted, and the record does not know it")
			}
			continue
		}
		e.unnamed(key, v.Version, id, "to be deleted")
		if !e.anyPlan(i, func(p plan.Policy) bool { return p.Retire.Action == plan.RetireDelete }) {
			e.fail("12", "v%d is to be deleted, and no plan says so", v.Version)
		}
		if due := e.at.Add(key.Retire.DeletionWindow); e.frozen(i, due) {
			e.fail("freeze", "v%d is to be deleted in a freeze, at %s", v.Version, stamp(due))
		}
		if v.State.Retired() && !e.anyPlan(i, func(p plan.Policy) bool {
			return !e.at.Before(v.DisabledAt.Add(p.Retire.DeleteAfter))
		}) {
			e.fail("4", "v%d is to be deleted; it was disabled %s ago", v.Version, e.at.Sub(v.DisabledAt))
		}
		if v.State.Retired() && e.at.Before(v.DrainUntil) {
			e.fail("4", "v%d is to be deleted before its drain_until", v.Version)
		}
		if v.Held(e.at) && v.Fence != nil && !v.Fence.Since.Before(v.Hold.Since) {
			e.fail("hold", "v%d is to be deleted, and it is held", v.Version)
		}
		marked := v.State.Retired() && v.Fence != nil
		if !marked && v.LookAfter.IsZero() { // look_after stands for what was sent before a reinstate
			e.fail("7", "v%d is to be deleted without a mark", v.Version)
		}
	}
}

// unnamed checks of a version that goes down that no alias but its own names it
// (invariant 4). What a person has made since it was looked for, nobody can know.
func (e *observation) unnamed(key plan.Policy, version int64, id, what string) {
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
func (e *observation) unused(i int, d plan.Version, state string) {
	at, ever := e.used[d.KeyID]
	if !ever {
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
