package rehearsal

import (
	"maps"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// written checks invariants 5, 6, 7 and 9 of one write, and what the guards of
// a claim promise.
func (e *observation) written(i int, old, r *plan.Record) {
	rebuilt := isRebuilt(r)
	switch {
	case rebuilt && (r.Rev < old.Rev+plan.RevGap || r.Generation <= old.Generation):
		e.fail("6", "a record was rebuilt as rev %d, generation %d, after rev %d, generation %d", r.Rev,
			r.Generation, old.Rev, old.Generation)
	case !rebuilt && r.Rev != old.Rev+1:
		e.fail("6", "rev %d after %d", r.Rev, old.Rev)
	}
	if !rebuilt && !legal(old, r) {
		e.fail("6", "%s of generation %d after %s of %d is no edge", r.Step, r.Generation, old.Step, old.Generation)
	}
	if r.Generation < old.Generation || r.Window.Before(old.Window) {
		e.fail("6", "generation or window went back")
	}
	if old.Fence != nil && r.Fence != nil && r.Fence.Until.Before(old.Fence.Until) {
		e.fail("6", "the fence came nearer")
	}
	for _, was := range old.Draining() {
		d := r.EntryOf(was.KeyID)
		if d == nil || !d.DrainUntil.Before(was.DrainUntil) {
			continue
		}
		// One that was found disabled is not deleted before its deadline either.
		early := r.Events[len(r.Events)-1].At.Before(was.DrainUntil)
		if d.State == plan.Draining || early && (d.State == plan.Disabled || d.State == plan.Deleting) {
			e.fail("5", "v%d has until %s, it was %s", d.Version, stamp(d.DrainUntil), stamp(was.DrainUntil))
		}
	}
	if r.Step == plan.Steady && old.Step == plan.Switching && !rebuilt {
		e.finished(e.Keys[i].Key(), old)
	}
	if r.Generation > old.Generation && !rebuilt {
		e.claimed(i, old, r)
	}
	e.ends(old, r)
	e.overHand(e.Keys[i], old, r)
	e.freshDrains(i, old, r)
	e.freshRetired(old, r)
	e.permitted(i, old, r)
	e.getsOn(e.Keys[i].Key(), old, r)
	e.kind(i, old, r)
}

// overHand checks that no alias move is confirmed over a person's own which its run must have
// seen: but for one that takes the alias away from where another person was shown it.
func (e *observation) overHand(key plan.Policy, old, r *plan.Record) {
	wrote := r.Events[len(r.Events)-1]
	if !wrote.Is(plan.EventConfirm) || !e.putBefore(key, r) {
		return
	}
	behind := e.kms.Names[key.Alias]
	onTarget := old.Step == plan.Switching && behind == old.Next().KeyID
	if behind != r.Live().KeyID && !onTarget && behind != r.Claim.Expects {
		e.fail("by hand", "%s was moved to %s, and %s is about to move it to v%d", key.Alias, behind, wrote.Run,
			r.Target)
	}
}

// isRebuilt reports whether a record is what `adopt --from-kms` has just made.
func isRebuilt(r *plan.Record) bool { return r.Events[len(r.Events)-1].Is(plan.EventRebuild) }

// legal reports whether one write may lead from one record to the next: the edges
// as protocol.md lists them.
func legal(old, r *plan.Record) bool {
	open := old.Step != plan.Steady
	switch r.Generation - old.Generation {
	case 0:
		switch r.Step {
		case plan.Created:
			return old.Step == plan.Created || old.Step == plan.Claimed
		case plan.Switching:
			return open
		}
		return r.Step == old.Step || r.Step == plan.Steady
	case 1:
		return r.Step == plan.Claimed || r.Step == plan.Steady && r.Live().KeyID != old.Live().KeyID
	}
	return false
}

// taken takes in what a write has shown for the first time. When a person has had
// keyturn take a key as it is, by a rebuild or an adopt, no earlier intervention
// excuses anything any more; nor when a key that was never rotated is
// adopted again, for what was made for it has not served.
func (e *observation) taken(key plan.Policy, old, r *plan.Record) {
	if r.Claim != nil {
		e.claims[r.Claim.ID] = r.Claim.Head
	}
	e.shown[key.Alias] = max(e.shown[key.Alias], r.Generation)
	for _, d := range r.Draining() {
		if !d.LookAfter.IsZero() {
			e.meant[d.KeyID] = true
		}
	}
	asItIs := old != nil && r.Step == plan.Steady && r.Generation == old.Generation+1
	firstRecord := e.first(key, r) && old == nil && !e.everNamed(key)
	for id, alias := range e.served {
		if (isRebuilt(r) || firstRecord) && alias == key.Alias && len(e.of[id]) == 0 {
			e.lost[id] = true
		}
	}
	if old != nil && putBack(old, r) {
		if e.putBefore(key, r) {
			e.mind(key, r)
		}
		return
	}
	if !isRebuilt(r) && !asItIs && !firstRecord {
		return
	}
	if e.isLoose(key.Alias) {
		// A generation that made no version leaves no trace: its number may be given again.
		maps.DeleteFunc(e.moved[key.Alias], func(g int64, _ string) bool { return g >= r.Generation })
	}
	delete(e.loose, key.Alias)
	e.mind(key, r)
}

// putBack reports whether a write says that an alias is back where the record had it.
func putBack(old, r *plan.Record) bool {
	return old.Step == plan.Switching && r.Step == plan.Steady && r.Generation == old.Generation &&
		old.Claim.Expects != "" && r.Claim.ID == old.Claim.ID && r.SwitchedAt.After(old.SwitchedAt)
}

// putBefore reports whether a person's last move of an alias was before all that the run has
// seen which wrote a record last.
func (e *observation) putBefore(key plan.Policy, r *plan.Record) bool {
	put, ok := e.put[key.Alias]
	return ok && e.sight != nil && put.Before(e.sight(r.Events[len(r.Events)-1].Run))
}

// mind ends the excuse of a person's move of the alias.
func (e *observation) mind(key plan.Policy, r *plan.Record) {
	delete(e.behind, key.Alias)
	if put, ok := e.put[key.Alias]; !ok || e.sight == nil || !put.After(e.sight(r.Events[len(r.Events)-1].Run)) {
		delete(e.byHand, key.Alias) // moved later, it may have been seen where it was before
	}
}

// first reports whether a record is the first of its key, and no copy of such a
// one that was put back.
func (e *observation) first(key plan.Policy, r *plan.Record) bool {
	by := key.Alias + " " + r.Events[len(r.Events)-1].Run
	if r.Rev != 1 || e.born[by] {
		return false
	}
	e.born[by] = true
	return true
}

// everNamed reports whether KMS shows that a key was rotated: a version alias is on
// another key than the one behind the alias, and that one has served.
func (e *observation) everNamed(key plan.Policy) bool {
	for id, alias := range e.served {
		if alias == key.Alias && id != e.kms.Names[alias] && len(e.of[id]) > 0 {
			return true
		}
	}
	return false
}

// rebuilt checks a record whose last write rebuilt it: in the place of
// another, or of one that was lost.
func (e *observation) rebuilt(r *plan.Record) {
	wrote := r.Events[len(r.Events)-1]
	if isRebuilt(r) && (r.Fence == nil || r.Fence.Until.Before(wrote.At.Add(plan.FenceFor))) {
		e.fail("7", "a record was rebuilt, and no fence says that nobody knows what was signed before")
	}
}

// permitted checks that a write was this run's to make: under no live lease of
// another, and nothing new signed under a hold, in a freeze, or for a window
// that has not opened.
func (e *observation) permitted(i int, old, r *plan.Record) {
	wrote := r.Events[len(r.Events)-1]
	if old.Leased(wrote.At) && r.Lease != nil && r.Lease.Run != old.Lease.Run {
		e.fail("6", "%s took the lease of %s, which is live", wrote.Run, old.Lease.Run)
	}
	e.versionHolds(old, r, wrote)
	for _, version := range freshMarks(old, r) {
		if wrote.Is(byRetire) { // a person's, whatever stops cron
			continue
		}
		if v := old.Entry(version); v != nil && v.Held(wrote.At) {
			e.fail("hold", "v%d was marked, and it is held", version)
		}
		// A mark for a deletion leaves in place who had it disabled.
		if v := r.Entry(version); v.RetiredBy != "" && (v.State == plan.Draining || v.RetiredBy != retiredBy(old, v)) {
			e.fail("retire", "v%d was marked as retired, and no person did that", version)
		}
		if old.Held(wrote.At) {
			e.fail("hold", "v%d was marked under a hold", version)
		}
		if e.frozen(i, wrote.At) {
			e.fail("freeze", "v%d was marked in a freeze", version)
		}
	}
	if h := old.Hold; h != nil && !h.Self && r.Hold == nil && wrote.Who.Pool != "person" && !isRebuilt(r) {
		e.fail("hold", "%s took away the hold of %s", wrote.Run, h.By)
	}
	if h := old.Hold; h != nil && h.Self && (r.Hold == nil || !r.Hold.Self) && !releases(old, r) && !isRebuilt(r) &&
		(old.Step == plan.Steady || old.Claim.At.After(h.Since)) {
		e.fail("hold", "%s took away the hold of %s, which no open generation has caused", wrote.Run, stamp(h.Since))
	}
	if r.Step != plan.Switching || r.Claim.Verb != plan.VerbSchedule || wrote.Who.Pool == "person" ||
		signers(r.Fence) <= signers(old.Fence) {
		return
	}
	if old.Held(wrote.At) {
		e.fail("hold", "a move of the alias was signed under a hold")
	}
	if old.Step == plan.Switching { // what a person began is carried on
		return
	}
	// A yes may be acted on for a while.
	if shut := e.gate(); !shut.IsZero() && wrote.At.Sub(shut) > plan.GateLasts {
		e.fail("before_switch", "a move of the alias was signed though before_switch said not yet")
	}
	if wrote.At.Before(r.Claim.Window) {
		e.fail("window", "a move of the alias was signed before window %s", stamp(r.Claim.Window))
	}
	if e.frozen(i, wrote.At) {
		e.fail("freeze", "a move of the alias was signed in a freeze")
	}
}

// releases reports whether a write is a person's release of the key. The events of others that
// end a hold have the same word.
func releases(old, r *plan.Record) bool {
	wrote := r.Events[len(r.Events)-1]
	return wrote.Is(plan.EventRelease) && !wrote.HoldsVersion() && r.Step == old.Step && r.Generation == old.Generation
}

// byRetire is the word of a write that a person's retire makes.
const byRetire = plan.EventKind("by-" + string(plan.VerbRetire))

// versionHolds checks that no write takes a hold off a version but its release.
func (e *observation) versionHolds(old, r *plan.Record, wrote plan.Event) {
	if isRebuilt(r) { // from what the ledger has, and it may have been lost
		return
	}
	for _, was := range old.HeldVersions(wrote.At) {
		released := wrote.Is(plan.EventRelease) && wrote.HoldsVersion() && wrote.Version == was.Version
		if v := r.Entry(was.Version); !released && (v == nil || v.Hold == nil) {
			e.fail("hold", "%s took away the hold of v%d", wrote.Run, was.Version)
		}
	}
}

// freshMarks returns the versions that a write has marked.
func freshMarks(old, r *plan.Record) (versions []int64) {
	for _, v := range r.Versions {
		if was := old.EntryOf(v.KeyID); v.Fence != nil && (was == nil || was.Fence == nil) {
			versions = append(versions, v.Version)
		}
	}
	return versions
}

// retiredBy returns the person who had a version disabled by a record; "" if there is none.
func retiredBy(r *plan.Record, v *plan.Version) string {
	if was := r.EntryOf(v.KeyID); was != nil {
		return was.RetiredBy
	}
	return ""
}

// frozen reports whether a moment lies in a freeze of every pool's plan.
func (e *observation) frozen(i int, at time.Time) bool {
	return !e.anyPlan(i, func(p plan.Policy) bool { _, frozen := p.FrozenAt(at); return !frozen })
}

func signers(f *plan.Fence) int {
	if f == nil {
		return 0
	}
	return f.Signers
}

// finished checks invariant 9: no window is rotated for twice.
func (e *observation) finished(key string, old *plan.Record) {
	if old.Claim == nil || old.Claim.Verb != plan.VerbSchedule {
		return
	}
	of := e.done[key]
	if of == nil {
		of = map[time.Time]int64{}
		e.done[key] = of
	}
	if g, twice := of[old.Claim.Window]; twice {
		e.fail("9", "window %s was rotated for by generation %d, and now by %d",
			stamp(old.Claim.Window), g, old.Generation)
	}
	of[old.Claim.Window] = old.Generation
}

// claimed checks a write that has begun a generation.
func (e *observation) claimed(i int, old, r *plan.Record) {
	wrote := r.Events[len(r.Events)-1].At
	if old.Fenced(wrote) {
		e.fail("7", "generation %d was begun under a fence", r.Generation)
	}
	c := r.Claim
	if c == nil || c.Verb != plan.VerbSchedule || r.Step != plan.Claimed {
		return
	}
	if adopted := old.Events[0]; adopted.Is(plan.EventAdopt) && adopted.Run == r.Events[len(r.Events)-1].Run {
		e.fail("adopt", "generation %d was claimed by %s, which had just adopted the key", r.Generation, adopted.Run)
	}
	if e.frozen(i, wrote) {
		e.fail("freeze", "generation %d was claimed in a freeze", r.Generation)
	}
	if !c.Window.After(old.Window) {
		e.fail("9", "window %s was claimed again", stamp(c.Window))
	}
	if old.Held(wrote) {
		e.fail("hold", "generation %d was claimed under a hold", r.Generation)
	}
	if old.Leased(wrote) && old.Lease.Run != r.Events[len(r.Events)-1].Run {
		e.fail("lease", "generation %d was claimed under the lease of %s", r.Generation, old.Lease.Run)
	}
	if !e.anyPlan(i, func(p plan.Policy) bool {
		w := p.Schedule.Window(c.Window, old.Anchor)
		return !c.Window.Before(old.Live().Since.Add(p.MinIntervalAt(w, old.Anchor)))
	}) {
		e.fail("9", "v%d, live since %s, is rotated for window %s: it is younger than min_interval",
			old.Active, stamp(old.Live().Since), stamp(c.Window))
	}
	awaiting := 0
	for _, d := range old.Draining() {
		// A hold on a version stops no rotation.
		if (d.Retire.Action == plan.RetireDisable || d.Retire.Action == plan.RetireDelete) && !d.Held(wrote) {
			awaiting++
		}
	}
	if !e.anyPlan(i, func(p plan.Policy) bool { return awaiting < p.MaxDraining }) {
		e.fail("max_draining", "generation %d was claimed while %d versions await disabling", r.Generation, awaiting)
	}
}

// freshDrains checks that a version which has just begun to drain drains for as
// long as the plan says.
func (e *observation) freshDrains(i int, old, r *plan.Record) {
	wrote := r.Events[len(r.Events)-1].At
	for _, d := range r.Draining() {
		if known(old, d.KeyID) || !d.LookAfter.IsZero() {
			continue
		}
		if !e.anyPlan(i, func(p plan.Policy) bool { return !d.DrainUntil.Before(wrote.Add(p.Drain)) }) {
			e.fail("5", "v%d begins to drain and has until %s only", d.Version, stamp(d.DrainUntil))
		}
	}
}

// freshRetired checks that a version which has just been written down as disabled
// is. Of one that a person enables later nothing is said.
func (e *observation) freshRetired(old, r *plan.Record) {
	for _, t := range r.Retired() {
		was := old.EntryOf(t.KeyID)
		fresh := was == nil || !was.State.Retired()
		if t.RetiredBy != "" && e.meant[t.KeyID] { // an EnableKey from before the retire may have arrived
			continue
		}
		if fresh && !t.DisabledAt.IsZero() && e.kms.State[t.KeyID] == "Enabled" && !e.byHand[t.KeyID] {
			e.fail("7", "v%d is enabled, and the record says that it was disabled", t.Version)
		}
	}
}

// known reports whether a key drained or was retired before.
func known(r *plan.Record, keyID string) bool {
	v := r.EntryOf(keyID)
	return v != nil && v.State != ""
}

// anyPlan reports whether something holds by the plan of one pool at least: two
// pools may have two versions of it.
func (e *observation) anyPlan(i int, holds func(plan.Policy) bool) bool {
	return holds(e.Keys[i]) || i < len(e.Newer) && holds(e.Newer[i])
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }
