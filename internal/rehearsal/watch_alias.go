package rehearsal

import "github.com/keyturn/keyturn/plan"

// alias checks invariants 1, 2 and 3. A person who moves the alias is excused.
func (e *observation) alias(key plan.Policy, r *plan.Record) {
	behind := e.kms.Names[key.Alias]
	if r.Active == 0 || e.byHand[key.Alias] || e.isLoose(key.Alias) {
		return
	}
	e.served[behind] = key.Alias
	onTarget := r.Step == plan.Switching && r.Target != 0 && behind == r.Next().KeyID
	if behind != r.Live().KeyID && !onTarget {
		n, _ := r.VersionOfKey(behind)
		e.fail("1, 2", "%s names v%d %s, active is v%d, %s", key.Alias, n, behind, r.Active, r.Step)
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
	switch v := r.EntryOf(behind); {
	case v == nil:
	case !v.DisabledAt.IsZero():
		e.fail("3", "%s names v%d, which has been disabled", key.Alias, v.Version)
	case v.Fence != nil, !v.LookAfter.IsZero():
		e.fail("3", "%s names v%d, which is marked", key.Alias, v.Version)
	}
}

// movedTo checks, of an alias that has just moved, that its generation has put
// no other version there before.
func (e *observation) movedTo(key plan.Policy, r *plan.Record, keyID string) {
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

// lists checks invariant 8: a version has one entry, a key that has served has one,
// and a version's own alias names it and no other key. That every entry but the live
// one's and the target's has a state is checked by package ddblock in every read.
func (e *observation) lists(key plan.Policy, r *plan.Record) {
	seen := map[string]bool{}
	for _, v := range r.Versions {
		if seen[v.KeyID] {
			e.fail("8", "%s has two entries", v.KeyID)
		}
		seen[v.KeyID] = true
		named := e.kms.Names[plan.VersionAlias(key.Alias, v.Version)]
		if named != "" && named != v.KeyID && !e.isLoose(key.Alias) && !e.byHand[key.Alias] {
			e.fail("8", "v%d is %s in the record, and its alias names %s", v.Version, v.KeyID, named)
		}
	}
	for id, alias := range e.served {
		if alias == key.Alias && !seen[id] && !e.isLoose(key.Alias) && !e.lost[id] && !e.left[id] {
			e.fail("8", "%s has served and has no entry", id)
		}
	}
}
