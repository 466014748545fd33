package plan

import (
	"slices"
	"time"
)

// A record is rebuilt from what KMS shows, and KMS shows no deadline, no terms
// and nothing that is still under way. If there is an older record, what it
// knows of a version counts where it is the more careful: it may be a copy from
// before, never one from after.

// rememberDraining joins an entry that was made from what KMS shows with what
// the older record knows of that key: its terms, if it knows them, joined with
// today's.
func rememberDraining(now time.Time, old *Record, today Retire, e Draining) Draining {
	if old == nil {
		return e
	}
	for _, was := range old.Draining {
		if was.KeyID != e.KeyID {
			continue
		}
		e.Since, e.LeftUnknown, e.Rest = was.Since, was.LeftUnknown, was.Rest
		e.DrainUntil = latest(e.DrainUntil, was.DrainUntil)
		e.Retire = Careful(was.Retire, today)
		e.Mark, e.LookAfter = alive(now, was.Mark), was.LookAfter
	}
	for _, was := range old.Retired {
		if was.KeyID != e.KeyID {
			continue
		}
		e.Since, e.LeftUnknown = was.Since, was.LeftUnknown
		e.Rest, e.Mark = was.Rest, alive(now, was.Mark)
	}
	return e
}

// rememberRetired does the same for a version that is not enabled. It is
// counted as disabled from now on: nobody knows whether it was all the while.
func rememberRetired(now time.Time, old *Record, t Retired) Retired {
	if old == nil {
		return t
	}
	for _, was := range old.Draining {
		if was.KeyID == t.KeyID {
			t.Since, t.LeftUnknown = was.Since, was.LeftUnknown
			t.Rest, t.Mark = was.Rest, alive(now, was.Mark)
		}
	}
	for _, was := range old.Retired {
		if was.KeyID == t.KeyID {
			t.Since, t.LeftUnknown = was.Since, was.LeftUnknown
			t.Rest, t.Mark = was.Rest, alive(now, was.Mark)
		}
	}
	return t
}

// owes tells whether a version was reinstated and is still to be seen to: then
// it drains, whatever state it is in.
func (r *Record) owes(keyID string) bool {
	return r != nil && slices.ContainsFunc(r.Draining, func(e Draining) bool { return e.KeyID == keyID && !e.LookAfter.IsZero() })
}

// keeps tells whether the record knows that a version is kept enabled.
func (r *Record) keeps(keyID string) bool {
	return r != nil && (slices.ContainsFunc(r.Draining, func(e Draining) bool { return e.KeyID == keyID && rank(e.Retire.Action) == 0 }) ||
		slices.ContainsFunc(r.Retired, func(t Retired) bool { return t.KeyID == keyID && !t.KeptAt.IsZero() }))
}

// rememberUnnamed adds what the older record knows and no version alias names:
// versions that were adopted and replaced by hand never had one.
func (r *Record) rememberUnnamed(now time.Time, old *Record, drain time.Duration, terms Retire) {
	if old == nil {
		return
	}
	unknown := func(version int64, keyID string) bool {
		taken := r.Active.Version == version || r.Active.KeyID == keyID || r.listed(keyID)
		for _, e := range r.Draining {
			taken = taken || e.Version == version
		}
		for _, e := range r.Retired {
			taken = taken || e.Version == version
		}
		return !taken
	}
	if a := old.Active; a != nil && unknown(a.Version, a.KeyID) {
		r.Draining = append(r.Draining, Draining{Version: a.Version, KeyID: a.KeyID, Since: now, LeftUnknown: true,
			DrainUntil: now.Add(drain), Retire: terms, Rest: a.Rest})
	}
	for _, e := range old.Draining {
		if unknown(e.Version, e.KeyID) {
			r.Draining = append(r.Draining, e)
		}
	}
	for _, t := range old.Retired {
		if unknown(t.Version, t.KeyID) {
			r.Retired = append(r.Retired, t)
		}
	}
}

// alive gives a mark, unless it is over: then nothing is out any more.
func alive(now time.Time, m *Mark) *Mark {
	if m == nil || !now.Before(m.Until) {
		return nil
	}
	return clone(m)
}

// markedStill refuses to make a key active against which something is still
// out, as far as the older record knows.
func (d decider) markedStill() *Refusal {
	if d.r == nil {
		return nil
	}
	id := d.o.Alias.KeyID
	out := slices.ContainsFunc(d.r.Draining, func(e Draining) bool {
		return e.KeyID == id && (alive(d.now, e.Mark) != nil || d.now.Before(e.LookAfter))
	}) || slices.ContainsFunc(d.r.Retired, func(t Retired) bool { return t.KeyID == id && alive(d.now, t.Mark) != nil })
	if !out {
		return nil
	}
	ref := d.markedFound(*d.o.Alias)
	ref.Hint = "wait " + FormatDuration(FenceFor) + ", then again: what was signed against it is dead by then"
	return &ref
}
