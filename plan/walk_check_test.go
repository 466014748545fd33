package plan_test

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// What must hold in the world of the walk after every change: the numbered
// invariants of the design, as far as this world can break them.

// checkWrite is about one write of the record.
func (w *world) checkWrite(old, n *plan.Record) string {
	if old == nil {
		return ""
	}
	claimed := n.Generation > old.Generation && n.Step == plan.Claimed
	scheduled := claimed && n.Claim.Verb == plan.VerbSchedule
	return first(
		when(n.Rev != old.Rev+1 || n.Op == old.Op, "6: rev or op"),
		when(n.Generation < old.Generation || n.Window.Before(old.Window), "6: generation or window went back"),
		when(n.Generation > old.Generation+1, "6: a generation was skipped"),
		when(old.Fence != nil && n.Fence != nil && n.Fence.Until.Before(old.Fence.Until), "6: the fence came nearer"),
		when(n.Generation > old.Generation && w.aliveSignature() != nil,
			"7: a generation was begun while a signature was alive"),
		when(scheduled && old.Held(w.now), "claimed under a hold"),
		when(scheduled && !n.Claim.Window.After(old.Window), "9: a window was claimed that is done"),
		when(scheduled && n.Claim.Window.Before(old.Live().Since.Add(w.p.MinInterval)),
			"9: a version younger than min_interval is rotated"),
		w.checkDrains(old, n), w.checkLists(n), w.checkSteady(), w.checkNames(),
		when(maxOf(w.done) > 1, "9: one window was rotated twice"),
	)
}

func maxOf(m map[string]int) (n int) {
	for _, v := range m {
		n = max(n, v)
	}
	return n
}

// checkDrains: a drain never ends earlier, and ends nowhere but in use.
func (w *world) checkDrains(old, n *plan.Record) string {
	for _, d := range old.Draining() {
		kept := n.Active != 0 && n.Live().KeyID == d.KeyID
		for _, e := range n.Draining() {
			if e.KeyID == d.KeyID {
				kept = true
				if e.DrainUntil.Before(d.DrainUntil) {
					return "5: a drain ends earlier"
				}
			}
		}
		if !kept {
			return "8: a draining version was lost"
		}
	}
	if a := old.Live(); a != nil && n.Live().KeyID != a.KeyID && !drains(n, a.KeyID) {
		return "8: the version before does not drain"
	}
	return ""
}

func drains(r *plan.Record, keyID string) bool {
	for _, e := range r.Draining() {
		if e.KeyID == keyID {
			return true
		}
	}
	return false
}

// checkLists: a version stands in one place only. A rollback's target stands
// among the draining ones until it is active.
func (w *world) checkLists(n *plan.Record) string {
	seen := map[string]bool{}
	if n.Active != 0 {
		seen[n.Live().KeyID] = true
	}
	if t := n.Next(); t != nil && t.Version != n.Active && (t.Version == n.Generation && drains(n, t.KeyID) ||
		seen[t.KeyID]) {
		return "8: the target stands in two lists"
	}
	for _, e := range n.Draining() {
		if seen[e.KeyID] {
			return "8: " + e.KeyID + " stands in two lists"
		}
		seen[e.KeyID] = true
	}
	return ""
}

// checkSteady: while steady, the alias names the active version.
func (w *world) checkSteady() string {
	r := w.rec
	return when(!w.byHand && r != nil && r.Step == plan.Steady && r.Live().KeyID != w.alias,
		fmt.Sprintf("2: steady, active is %v, the alias names %s", r.Live(), w.alias))
}

// checkNames: v<n> names the key that the record has for version n.
func (w *world) checkNames() string {
	is := func(n int64, keyID string) string {
		named, ok := w.names[n]
		return when(ok && named.key != keyID, fmt.Sprintf("8: v%d names %s, the record says %s", n, named.key, keyID))
	}
	r := w.rec
	why := first(is(r.Active, r.Live().KeyID))
	if r.Target != 0 {
		why = first(why, is(r.Target, r.Next().KeyID))
	}
	for _, e := range r.Draining() {
		why = first(why, is(e.Version, e.KeyID))
	}
	return why
}

// holds reports whether a run has a confirmed signature that it may still send.
func (r *runner) holds(s signature) bool {
	if r.signed != s.id || r.over != "" {
		return false
	}
	if r.retry != nil {
		return r.retried.Kind == plan.WriteConfirm
	}
	m := r.o.SignedMove
	return m != nil && m.Confirmed && m.Answer == nil && !m.Noted && m.Op == r.rec.Op
}

// aliveSignature finds one that was confirmed and may still move the alias.
func (w *world) aliveSignature() *signature {
	if list := w.aliveSignatures(); len(list) > 0 {
		return &list[0]
	}
	return nil
}

func (w *world) aliveSignatures() (list []signature) {
	for _, s := range w.sigs {
		if !s.alive(w.now) {
			continue
		}
		held := s.flying
		for _, r := range w.runs {
			held = held || r.holds(s)
		}
		if held {
			list = append(list, s)
		}
	}
	return list
}

// checkSignatures: the fence counts every signature that may still move the
// alias, and stands at least as long.
func (w *world) checkSignatures() string {
	if w.ways.harmOnly {
		return ""
	}
	list := w.aliveSignatures()
	f := w.rec.Fence
	for _, s := range list {
		if f == nil || f.Until.Before(s.date.Add(signatureLife)) {
			return fmt.Sprintf("7: no fence around signature %d, which is alive", s.id)
		}
	}
	return when(f != nil && len(list) > f.Signers, "7: more signatures are alive than the fence counts")
}

// checkMove is about an UpdateAlias that arrives.
func (w *world) checkMove(s signature) string {
	k := w.key(s.key)
	was, again := w.served[s.gen]
	entry := ""
	for _, e := range w.rec.Draining() {
		if e.KeyID == s.key && e.Fence != nil {
			entry = "marked"
		}
	}
	return first(
		when(!s.confirmed, "7: an alias move that no write names"),
		when(!w.byHand && s.gen < w.aliasOf,
			fmt.Sprintf("1: the alias went from generation %d back to %d", w.aliasOf, s.gen)),
		when(again && was != s.key, "2: a second version of one generation behind the alias"),
		when(w.rec.Generation == s.gen && w.rec.Target != 0 && w.rec.Next().KeyID != s.key,
			"2: not the recorded version"),
		when(k == nil || k.disabled || entry != "", "3: the alias names a version that is disabled or marked"),
	)
}

// checkIntent: nothing is made in KMS that no write has announced.
func (w *world) checkIntent(claim, what string) string {
	return when(!w.claims[claim], "7: "+what+" without a claim")
}

// checkDisable: what may be in use is never disabled.
func (w *world) checkDisable(keyID string) string {
	r := w.rec
	used := keyID == w.alias || r.Live().KeyID == keyID || r.Target != 0 && r.Next().KeyID == keyID || drains(r, keyID)
	for _, n := range w.names {
		used = used || n.key == keyID
	}
	for _, s := range w.served {
		used = used || s == keyID
	}
	return when(used, "4: a version in use is disabled")
}

// checkDone: who typed a verb that makes a generation is told that it is done only
// if the claim that the run wrote was finished, or else the one that it joined.
func (w *world) checkDone(r *runner, o plan.Outcome) string {
	if r.q.Verb == plan.VerbSchedule || o != plan.Settled && o != plan.Adopted {
		return ""
	}
	id := r.o.Joined
	if own := "claim-" + r.id; w.claims[own] {
		id = own
	}
	done, over := w.ended[id]
	return when(id != "" && !(over && done),
		fmt.Sprintf("13: %s of %s is told to be done, and its claim %s was not finished", r.q.Verb, r.id, id))
}

// checkDrift: nobody is blamed for a move that a run made, or for a read that lags.
func (w *world) checkDrift(a plan.Act) string {
	return when(codeOf(a) == " drift" && w.key("kx") == nil, "2: drift is told, and nobody moved the alias")
}

// checkEnds is liveness: once faults, leases and fences are over, one more run
// completes what is open. Held keys, drift and versions that wait are not its
// business.
func (w *world) checkEnds() string {
	c := w.clone()
	c.left = budget{}
	for _, r := range c.runs {
		if r.over == "" {
			c.kill(r)
		}
	}
	c.tick(max(31*time.Minute, c.rec.NextKey().Sub(c.now)))
	if c.rec.Held(c.now) || c.byHand {
		return ""
	}
	r := c.start(len(c.runs), plan.VerbSchedule)
	for range 60 {
		a := c.next(r)
		if a.Kind == plan.Stop && a.Outcome == plan.Waiting {
			c.tick(5 * time.Minute) // its time comes, and so does another run
			r = c.start(len(c.runs), plan.VerbSchedule)
			continue
		}
		n := c.rec.Attempts
		if a.Kind == plan.Stop && c.rec.Held(c.now) && n != nil && n.Keys+1 >= int64(c.p.MaxAttempts) {
			return "" // so many runs have set out to make its key, and died, that it waits for a person
		}
		if a.Kind == plan.Stop {
			return when(c.rec.Step != plan.Steady,
				fmt.Sprintf("10: one more run ends %q with step %s", a.Outcome, c.rec.Step))
		}
		if a.Kind == plan.Wait {
			return "10: one more run waits with leases and fences over"
		}
		if why := c.outcomes(a)[0].do(c, r, a); why != "" {
			return why
		}
	}
	return "10: one more run does not end"
}
