package plan_test

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// coder writes a world down so that two worlds with the same future have the
// same bytes: revisions, nonces and the ledger are left out but for what the
// decision reads in them, and moments count from now, as far back as any rule
// looks.
type coder struct {
	b   []byte
	now time.Time
}

const longAgo = 15 * time.Minute

func (c *coder) n(n int64) { c.b = binary.AppendVarint(c.b, n) }

func (c *coder) s(s string) { c.n(int64(len(s))); c.b = append(c.b, s...) }

func (c *coder) t(t time.Time) {
	ago := c.now.Sub(t)
	if t.IsZero() || ago > longAgo {
		ago = longAgo
	}
	c.n(int64(ago / time.Second))
}

func (c *coder) is(b bool) {
	if b {
		c.b = append(c.b, 1)
	} else {
		c.b = append(c.b, 0)
	}
}

// encode writes the world; without runs, only what outlives every run.
func (w *world) encode(runs bool) []byte {
	c := &coder{b: make([]byte, 0, 512), now: w.now}
	c.t(w.p.Schedule.Window(w.now, w.rec.Anchor).Start)
	c.record(w.rec)
	c.s(w.alias)
	c.lately(w, w.movedAt)
	if w.lately(w.movedAt) {
		c.s(w.before)
	}
	c.n(w.aliasOf)
	c.is(w.byHand)
	for _, k := range w.keys {
		c.s(k.claim)
		c.lately(w, k.at)
		c.is(k.disabled)
	}
	for n := int64(1); n <= w.rec.Generation+1; n++ {
		c.s(w.names[n].key)
		c.lately(w, w.names[n].at)
		c.s(w.served[n])
	}
	if !runs {
		return c.b
	}
	for _, s := range w.sigs {
		if s.alive(w.now) {
			c.n(s.gen)
			c.s(s.key)
			c.t(s.date)
			c.is(s.flying)
		}
	}
	for _, n := range []int{w.left.clock, w.left.faults, w.left.lags, w.left.crashes, w.left.pauses, w.left.starts,
		w.left.person, w.left.switches, w.turn} {
		c.n(int64(n))
	}
	for _, r := range w.runs {
		c.run(w, r)
	}
	return c.b
}

// lately writes a moment that matters only while KMS may still lag behind it.
func (c *coder) lately(w *world, t time.Time) {
	if !w.lately(t) {
		t = time.Time{}
	}
	c.t(t)
}

// live writes a moment that matters only until it has come.
func (c *coder) live(t time.Time) {
	if !c.now.Before(t) {
		t = time.Time{}
	}
	c.t(t)
}

func (c *coder) record(r *plan.Record) {
	c.n(r.Generation)
	c.s(string(r.Step))
	c.t(r.Window)
	if r.Claim != nil {
		c.s(r.Claim.ID)
		c.s(string(r.Claim.Verb))
		if r.Hold != nil {
			c.is(r.Claim.At.Before(r.Hold.Since))
		}
		c.t(r.Claim.Window)
		c.s(r.Claim.Expects)
	}
	if r.Active != 0 {
		c.n(r.Active)
		c.s(r.Live().KeyID)
		c.t(r.Live().Since)
	}
	if r.Target != 0 {
		c.n(r.Target)
		c.s(r.Next().KeyID)
	}
	for _, e := range r.Draining() {
		c.s(e.KeyID)
	}
	if r.Lease != nil {
		c.s(r.Lease.Run)
		c.live(r.Lease.Until)
	}
	if r.Fence != nil {
		c.live(r.Fence.Until)
		c.n(int64(r.Fence.Signers))
	}
	c.t(latestOf(r.SwitchedAt, r.MovesUntil)) // nothing is compared with the earlier one
	c.t(r.SwitchedAt)
	c.s(r.SwitchedFrom)
	if h := r.Hold; h != nil {
		c.is(h.Self)
		c.is(h.Self && h.By != "keyturn") // then a person's stays when its own is over
		c.live(h.Until)
	}
	if r.Attempts != nil {
		c.n(int64(r.Attempts.Count))
		c.n(r.Attempts.Keys)
		c.live(r.NextKey())
	}
	if r.LastError != nil {
		c.s(string(r.LastError.Code))
		c.s(r.LastError.About)
		c.s(r.LastError.Message)
	}
	if r.Told != nil {
		c.n(r.Told.Generation)
		for _, what := range r.Told.What {
			c.s(what)
		}
	}
	c.s("|")
}

func (c *coder) run(w *world, r *runner) {
	c.s(r.id)
	c.s(string(r.over))
	if r.over != "" {
		return
	}
	c.s(string(r.q.Verb))
	c.is(r.rec == w.rec)
	if r.rec != w.rec {
		c.record(r.rec)
	}
	c.is(r.retry != nil)
	c.is(r.retry == w.rec)
	if r.retry != nil {
		c.s(string(r.retried.Kind))
	}
	c.is(r.signed > 0)
	if r.pending != nil {
		c.s(string(r.pending.Kind))
		c.t(r.pending.At)
	}
	c.observed(r.rec, r.o)
	if r.q.Verb == plan.VerbSchedule {
		return
	}
	c.record(r.o.First) // what the person meant
	c.n(r.q.Version)
	c.s(r.o.FoundOn)
	c.s(r.o.Joined)
	for _, id := range []string{"claim-" + r.id, r.o.Joined} {
		done, over := w.ended[id]
		c.is(w.claims[id])
		c.is(over)
		c.is(done)
	}
	c.is(r.o.Told != nil)
	c.is(r.o.DidVerb)
	if h, was := r.rec.Hold, r.o.First.Hold; h != nil && was != nil {
		c.is(h.Since.Equal(was.Since))
	}
}

// hasUnknownWrite reports whether the record has a write of the run that it does not
// know of.
func hasUnknownWrite(rec *plan.Record, o plan.Observed) bool {
	for _, e := range rec.Events {
		if e.Run == o.Self.Run && e.Rev > o.SignedMove.Revs[0] && !slices.Contains(o.SignedMove.Revs, e.Rev) {
			return true
		}
	}
	return false
}

func (c *coder) observed(rec *plan.Record, o plan.Observed) {
	key := func(k *plan.KeySeen) {
		c.is(k != nil)
		if k != nil {
			c.s(k.KeyID)
			c.s(k.State)
		}
	}
	answer := func(a *plan.Answer) {
		c.is(a != nil)
		if a != nil {
			c.s(string(a.Verdict))
			c.s(a.Code)
		}
	}
	key(o.Alias)
	c.t(o.AliasAt)
	c.is(o.AliasOld)
	key(o.Active)
	key(o.Target)
	answer(o.Probe)
	c.is(o.Moved != nil)
	if o.Moved != nil {
		c.t(o.Moved.MovedAt)
	}
	c.is(o.Source != nil)
	c.is(o.Policy != nil)
	if o.Policy != nil {
		c.s(o.Policy.KeyID)
	}
	c.is(o.Gate != nil && o.Gate.Open)
	c.is(o.Gate != nil)
	if o.Gate != nil {
		c.s(o.Gate.KeyID)
		c.t(o.Gate.At)
	}
	c.s(o.ClaimedHere)
	c.s(o.MayMake)
	c.n(o.Unnamed)
	c.s(o.KeyUnsure)
	c.t(o.NamingSince)
	c.is(o.AdoptedHere)
	c.t(o.WaitingSince)
	c.t(o.LeftoverSince)
	for _, m := range []*plan.Made{o.Fresh, o.Made} {
		c.is(m != nil)
		if m != nil {
			c.n(m.Generation)
			c.s(m.KeyID)
		}
	}
	if m := o.SignedMove; m != nil {
		c.n(m.Generation)
		c.t(m.Date)
		c.is(m.Confirmed)
		c.is(m.Noted)
		c.is(m.Op == rec.Op)
		c.is(len(m.Revs) > 0 && hasUnknownWrite(rec, o))
		answer(m.Answer)
	}
	if f := o.Failure; f != nil {
		c.s(f.Doing)
		c.is(f.Noted)
	}
	for n := int64(1); n <= rec.Generation; n++ {
		c.s(string(o.Naming[n]))
		v, ok := o.Version[n]
		c.is(ok)
		c.s(v.KeyID)
	}
	for _, id := range slices.Sorted(maps.Keys(o.Old)) { // what is known of how it is named
		c.s(id)
		c.is(o.Old[id].Listed)
		c.n(o.Old[id].Named)
	}
	for _, id := range slices.Sorted(maps.Keys(o.Rotations)) {
		c.s(id)
		c.n(int64(o.Rotations[id].Every))
	}
	c.s(o.NotRotated)
	c.n(o.NotRotatedOf)
	c.n(int64(o.Hidden))
	tries := make([]string, 0, 4)
	for k, n := range o.Tries {
		tries = append(tries, string(k)+string(rune('0'+n)))
	}
	slices.Sort(tries)
	for _, s := range tries {
		c.s(s)
	}
}
