package plan

import "time"

// A record is rebuilt from what KMS shows, and KMS shows no deadlines, no terms and no
// signed calls. An older record counts where it is the more careful: it may be an older
// state, never a newer one.

// remember joins an entry that was made from what KMS shows with what the older
// record knows of that key. One that drains keeps its terms, if the older record
// knows them, joined with today's. One that is not enabled is counted as disabled
// from now on: nobody knows whether it was all the while. A mark that was alive when
// the key was seen is kept, and the next run looks again.
func remember(now, seen time.Time, old *Record, today Retire, v Version) Version {
	was := old.EntryOf(v.KeyID)
	if was == nil {
		return v
	}
	v.Hold, v.ReinstatedAt = clone(was.Hold), was.ReinstatedAt
	if was.State == "" {
		return v
	}
	if v.DrainUntil = latest(v.DrainUntil, was.DrainUntil); v.State.Retired() {
		v.RetiredBy = was.RetiredBy
	}
	v.Left, v.LeftUnknown, v.Rest, v.Fence = was.Left, was.LeftUnknown, was.Rest, unexpired(seen, was.Fence)
	if f := v.Fence; f != nil && f.What == FencedDisable { // perhaps a person's retire is under way
		v.RetiredBy = was.RetiredBy
	}
	if v.State == Draining && was.State == Draining {
		v.Retire, v.LookAfter = Careful(was.Retire, today), was.LookAfter
	}
	return v
}

// awaitsCheck reports whether a version was reinstated and must be looked at again: then
// it drains, whatever its state in KMS.
func (r *Record) awaitsCheck(keyID string) bool {
	v := r.EntryOf(keyID)
	return v != nil && v.State == Draining && !v.LookAfter.IsZero()
}

// keeps reports whether a version is kept enabled by the record.
func (r *Record) keeps(keyID string) bool {
	v := r.EntryOf(keyID)
	return v != nil && (v.State == Kept || v.State == Draining && rank(v.Retire.Action) == 0)
}

// rememberUnnamed adds versions of the older record without a version alias. Versions
// that were adopted, and replaced by hand, never had one.
func (r *Record) rememberUnnamed(now time.Time, old *Record, drain time.Duration, terms Retire) {
	for _, v := range old.Versions {
		live := v.Version == old.Active
		if r.Knows(v.Version) || r.EntryOf(v.KeyID) != nil || v.State == "" && !live {
			continue
		}
		switch {
		case v.State == Deleting && !v.DeleteAt.After(now): // its alias went with its key
			v.State, v.DeleteAt = Gone, now
		case live:
			v = Version{Version: v.Version, KeyID: v.KeyID, State: Draining, Left: now, LeftUnknown: true,
				DrainUntil: now.Add(drain), Retire: terms, ReinstatedAt: v.ReinstatedAt, Hold: v.Hold, Rest: v.Rest}
		}
		r.put(v)
	}
}

// unexpired returns a mark, or nil if it was over by then.
func unexpired(by time.Time, m *Fence) *Fence {
	if m == nil || !by.Before(m.Until) {
		return nil
	}
	return clone(m)
}

// stillMarked refuses to make a key live against which a signed call may still arrive, as
// far as the older record or the ledger tells.
func (d decider) stillMarked() *Refusal {
	d.r = d.recall().record
	v := d.r.EntryOf(d.o.Alias.KeyID)
	out := v != nil && v.State != "" && (unexpired(d.o.AliasAt, v.Fence) != nil || d.o.AliasAt.Before(v.LookAfter))
	if !out {
		return nil
	}
	ref := d.markedFound(*d.o.Alias)
	ref.Hint = Noted("type it again in " + FormatDuration(FenceFor) +
		": what was signed against it can no longer take effect then")
	return &ref
}

// sinceRebuild returns the target of a reinstate as one that may be marked, while the fence of a
// rebuild is alive: what was signed before is not known.
func (d decider) sinceRebuild(w reinstateTarget) reinstateTarget {
	if f := d.r.Fence; f.alive(d.now) && f.Run == "" {
		w.until, w.enabled = latest(w.until, f.Until), false
		if k := d.o.old(w.keyID).Key; k != nil && k.State == KeyEnabled { // else somebody may have meant that
			w.done = nil
		}
		e := d.r.Entry(w.version)
		w.underWay = w.underWay && e != nil && !e.LookAfter.Before(f.Until)
	}
	return w
}
