//go:build unix

package interrupted

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// broken returns which of the numbered invariants of docs/protocol.md a story breaks:
// those on the alias, on drains and on the record's own course. What a state
// alone shows is asked of `keyturn audit` at the end.
func broken(begun *snapshot, scenes []scene) []string {
	c := checker{last: begun, moved: moves{of: map[int64]string{}, by: map[string]int64{}},
		windows: map[time.Time]int64{}, wrote: map[string]*plan.Record{}}
	for _, s := range scenes {
		if s.after == nil {
			continue
		}
		c.scene = s
		c.alias()
		c.move()
		c.written()
		c.down()
		c.last = s.after
	}
	return c.found
}

// checker goes through a story.
type checker struct {
	scene scene
	// last is the state before the scene.
	last  *snapshot
	moved moves
	// windows has the generation that claimed each scheduled window.
	windows map[time.Time]int64
	// wrote has what each process last wrote.
	wrote map[string]*plan.Record
	found []string
}

// moves are the alias moves that AWS has carried out.
type moves struct {
	// latest is the latest generation.
	latest int64
	// of has the key that each generation put behind the alias.
	of map[int64]string
	// by has the generation of the last move of each process.
	by map[string]int64
}

func (c *checker) fail(invariant int, format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf("invariant %d, after %s: %s", invariant, c.scene,
		fmt.Sprintf(format, args...)))
}

// alias: the alias names the active version, or the target of an open switch;
// and that is enabled and not about to be disabled.
func (c *checker) alias() {
	w, r := c.scene.after, c.scene.after.record
	if w.behind() != r.Live().KeyID && (r.Step != plan.Switching || w.behind() != r.Next().KeyID) {
		c.fail(2, "the alias names %s, active is %s", w.behind(), r.Live().KeyID)
	}
	if state := w.kms.State[w.behind()]; state != "Enabled" {
		c.fail(3, "the alias names a key that is %s", state)
	}
	if e := r.EntryOf(w.behind()); e != nil && (e.Fence != nil || !e.LookAfter.IsZero()) {
		c.fail(3, "the alias names %s, which is marked", plan.VersionName(e.Version))
	}
}

// move: an alias move is of the generation for which the process that sent it
// last wrote the record, however long ago that was. Generations behind the
// alias never go back, and each stands for one key.
func (c *checker) move() {
	if c.scene.operation != "UpdateAlias" {
		return
	}
	confirmed := c.wrote[c.scene.pool]
	if confirmed == nil || confirmed.Step != plan.Switching {
		c.fail(7, "the alias was moved without an intent in the record")
		return
	}
	g, key := confirmed.Generation, c.scene.after.behind()
	if key != confirmed.Next().KeyID {
		c.fail(2, "generation %d put %s behind the alias, the record says %s", g, key, confirmed.Next().KeyID)
	}
	if was := c.moved.of[g]; was != "" && was != key {
		c.fail(2, "generation %d put two keys behind the alias", g)
	}
	if g < c.moved.latest {
		c.fail(1, "generation %d is behind the alias after generation %d", g, c.moved.latest)
	}
	if now := c.scene.after.record.Generation; g != now {
		c.fail(7, "a move of generation %d was alive when generation %d was claimed", g, now)
	}
	c.moved.latest, c.moved.of[g], c.moved.by[c.scene.pool] = max(g, c.moved.latest), key, g
}

// written: what one write may do to the record.
func (c *checker) written() {
	if c.scene.operation != "UpdateItem" {
		return
	}
	old, r := c.last.record, c.scene.after.record
	c.wrote[c.scene.pool] = r
	if r.Rev != old.Rev+1 {
		c.fail(6, "rev %d after %d", r.Rev, old.Rev)
	}
	if r.Generation < old.Generation || r.Window.Before(old.Window) {
		c.fail(6, "generation or window went back")
	}
	if old.Fence != nil && r.Fence != nil && r.Fence.Until.Before(old.Fence.Until) {
		c.fail(6, "the fence came nearer")
	}
	for _, was := range old.Draining() {
		e := r.EntryOf(was.KeyID)
		if e != nil && e.State == plan.Draining && e.DrainUntil.Before(was.DrainUntil) {
			c.fail(5, "%s drains until %s, it was %s", plan.VersionName(e.Version), e.DrainUntil, was.DrainUntil)
		}
	}
	for id, mark := range marks(r) {
		if was := marks(old)[id]; was != nil && was.Run != mark.Run && c.scene.at.Before(was.Until) {
			c.fail(7, "the mark on %s was taken over, alive until %s", id, was.Until)
		}
	}
	if r.Generation <= old.Generation {
		finished := old.Step == plan.Switching && r.Step == plan.Steady && r.Live().KeyID == old.Next().KeyID
		if finished && c.moved.by[c.scene.pool] != r.Generation {
			c.fail(6, "generation %d was ended by a process that had not moved the alias itself", r.Generation)
		}
		return
	}
	if old.Fenced(c.scene.at) {
		c.fail(7, "generation %d was claimed under a fence", r.Generation)
	}
	if r.Claim.Verb != plan.VerbSchedule {
		return
	}
	if g := c.windows[r.Claim.Window]; g != 0 || !r.Claim.Window.After(old.Window) {
		c.fail(9, "window %s was claimed by generation %d and before", r.Claim.Window, r.Generation)
	}
	c.windows[r.Claim.Window] = r.Generation
}

// marks returns the marks of a record, by key.
func marks(r *plan.Record) map[string]*plan.Fence {
	on := map[string]*plan.Fence{}
	for _, e := range r.Versions {
		if e.Fence != nil {
			on[e.KeyID] = e.Fence
		}
	}
	return on
}

// down: a version that is not enabled any more has drained, and it was written
// down that it would go.
func (c *checker) down() {
	for id, state := range c.scene.after.kms.State {
		if was := c.last.kms.State[id]; was == state || was == "" || state == "Enabled" {
			continue
		}
		// Before the change: the record does not change in the same call.
		e := c.last.record.EntryOf(id)
		if e == nil {
			continue // a key that lost to another before it had a place in the record
		}
		// What was signed before a reinstate may still arrive: look_after stands for it.
		v, again := plan.VersionName(e.Version), !e.LookAfter.IsZero()
		if e.State == plan.Draining && !again && c.scene.at.Before(e.DrainUntil) {
			c.fail(4, "%s is %s and drains until %s", v, state, e.DrainUntil)
		}
		if e.Fence == nil && !again {
			c.fail(7, "%s is %s without a mark", v, state)
		}
	}
}
