package rehearsal

import "github.com/keyturn/keyturn/plan"

// kind checks what a pool may write whose plan is about another kind of key than the
// record: no claim but a rollback's, no first confirm of any other generation, no
// mark; and what leaves the alias by such a write is kept.
func (e *observation) kind(i int, old, r *plan.Record) {
	wrote := r.Events[len(r.Events)-1]
	p := e.planOf(i, wrote.Who.Pool)
	c := old.Claim // of the live version, or of what is being made
	if r.Generation > old.Generation || c == nil {
		c = r.Claim
	}
	if c == nil || p.Fits(c.Spec, c.Usage) {
		return
	}
	switch {
	case c.Verb == plan.VerbRollback:
	case r.Generation > old.Generation && r.Step == plan.Claimed:
		e.fail("kind", "generation %d was claimed by a plan of another kind of key", r.Generation)
	case r.Step == plan.Switching && old.Step != plan.Switching:
		e.fail("kind", "a move of the alias was confirmed by a plan of another kind of key")
	}
	for _, d := range r.Draining() {
		was := old.EntryOf(d.KeyID)
		if d.Fence != nil && (was == nil || was.Fence == nil) {
			e.fail("kind", "v%d was marked by a plan of another kind of key", d.Version)
		}
		if !known(old, d.KeyID) && d.AwaitsDisabling() {
			e.fail("kind", "v%d awaits its %s by a plan of another kind of key", d.Version, d.Retire.Action)
		}
	}
}

// planOf returns what the plan of a pool says about a key.
func (e *observation) planOf(i int, pool string) plan.Policy {
	if pool == "newer" && i < len(e.Newer) {
		return e.Newer[i]
	}
	return e.Keys[i]
}
