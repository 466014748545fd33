package rehearsal

import "github.com/keyturn/keyturn/plan"

// alias checks invariants 1, 2 and 3. A person who moves the alias is excused.
func (e *eye) alias(key plan.Policy, r *plan.Record) {
	behind := e.kms.Names[key.Alias]
	if r.Active == nil || e.byHand[key.Alias] || e.isLoose(key.Alias) {
		return
	}
	e.served[behind] = key.Alias
	onTarget := r.Step == plan.Switching && r.Target != nil && behind == r.Target.KeyID
	if behind != r.Active.KeyID && !onTarget {
		n, _ := r.VersionOfKey(behind)
		e.fail("1, 2", "%s names v%d %s, active is v%d, %s", key.Alias, n, behind, r.Active.Version, r.Step)
	}
	if was := e.behind[key.Alias]; was != "" && was != behind {
		e.movedTo(key, r, behind)
	}
	e.behind[key.Alias] = behind
	if e.strange[behind] {
		e.fail("8", "%s names %s, which another table's keyturn has made", key.Alias, behind)
	}
	if s := e.kms.State[behind]; s != "Enabled" && !e.byHand[behind] {
		e.fail("3", "%s names a key that is %s", key.Alias, s)
	}
	for _, d := range r.Draining {
		if d.KeyID == behind && (d.Mark != nil || !d.LookAfter.IsZero()) {
			e.fail("3", "%s names v%d, which is marked", key.Alias, d.Version)
		}
	}
	for _, d := range r.Retired {
		if d.KeyID == behind && !d.DisabledAt.IsZero() {
			e.fail("3", "%s names v%d, which has been disabled", key.Alias, d.Version)
		}
	}
}

// movedTo checks, of an alias that has just moved, that its generation has put
// no other version there before.
func (e *eye) movedTo(key plan.Policy, r *plan.Record, keyID string) {
	of := e.moved[key.Alias]
	if of == nil {
		of = map[int64]string{}
		e.moved[key.Alias] = of
	}
	if was := of[r.Generation]; was != "" && was != keyID {
		e.fail("2", "generation %d put %s behind %s, and now %s", r.Generation, was, key.Alias, keyID)
	}
	of[r.Generation] = keyID
}

// lists checks invariant 8: a version stands in one list, what has served
// stands in one, and a version's own alias names it and no other key.
func (e *eye) lists(key plan.Policy, r *plan.Record) {
	seen := map[string]bool{}
	add := func(version int64, id string) {
		if seen[id] {
			e.fail("8", "%s stands in two lists", id)
		}
		seen[id] = true
		named := e.kms.Names[plan.VersionAlias(key.Alias, version)]
		if named != "" && named != id && !e.isLoose(key.Alias) && !e.byHand[key.Alias] {
			e.fail("8", "v%d is %s in the record, and its alias names %s", version, id, named)
		}
	}
	if r.Active != nil {
		add(r.Active.Version, r.Active.KeyID)
	}
	for _, d := range r.Draining {
		add(d.Version, d.KeyID)
	}
	for _, d := range r.Retired {
		add(d.Version, d.KeyID)
	}
	if t := r.Target; t != nil && !seen[t.KeyID] {
		add(t.Version, t.KeyID)
	}
	for id, alias := range e.served {
		if alias == key.Alias && !seen[id] && !e.isLoose(key.Alias) && !e.lost[id] && !e.left[id] {
			e.fail("8", "%s has served and is in no list", id)
		}
	}
}
