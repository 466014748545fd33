package plan

import (
	"cmp"
	"strings"
	"time"
)

// HoldWrite stops automation on the key, or on the version that it is about.
type HoldWrite struct {
	silent
	Hold Hold
	// Earlier is the hold that it adds to, if that one has another reason or ends later.
	Earlier *Hold
	// Entry is that of the version, which is put back if the list has left it out.
	Entry Version
}

func (HoldWrite) kind() Kind { return WriteHold }

func (w HoldWrite) applyTo(n *Record, a Act) {
	w.Hold.By = a.Caller
	if a.Version == 0 {
		n.Hold = &w.Hold
		return
	}
	for i, v := range n.Versions { // so that ended holds do not add up
		if !v.Held(a.At) {
			n.Versions[i].Hold = nil
		}
	}
	n.listed(w.Entry).Hold = &w.Hold
}

// ReleaseWrite starts automation again, on the key or on the version that it is about.
type ReleaseWrite struct{ silent }

func (ReleaseWrite) kind() Kind { return WriteRelease }

func (ReleaseWrite) applyTo(n *Record, a Act) {
	if a.Version == 0 {
		n.Hold, n.Attempts, n.LastError = nil, nil, nil
		return
	}
	n.Entry(a.Version).Hold = nil
}

// listed returns the entry of a version, which it puts back if the list has left it out.
func (n *Record) listed(v Version) *Version {
	if n.Entry(v.Version) == nil {
		n.put(v)
	}
	return n.Entry(v.Version)
}

// ReinstateWrite makes a retired or marked version drain again, with a new deadline. A
// mark on it becomes the time to look again.
type ReinstateWrite struct {
	Leaving
	LookAfter time.Time
	// Found reports whether it drained, and somebody else had disabled it or had it deleted.
	Found bool
	// Pending reports whether KMS was going to delete it, and the record did not say so.
	Pending bool
}

func (ReinstateWrite) kind() Kind { return WriteReinstate }

func (w ReinstateWrite) words() []EventKind {
	if w.Pending {
		return did(EventFound, EventPending)
	}
	return nil
}

func (w ReinstateWrite) applyTo(n *Record, a Act) {
	// Without an entry it was left out of the list: when it stopped being live is not known.
	v := Version{Version: a.Version, KeyID: a.KeyID, LeftUnknown: true, Retire: w.Retire}
	if was := n.Entry(a.Version); was != nil && was.State == Draining {
		v = *was
	} else if was != nil {
		v.Left, v.LeftUnknown, v.Hold, v.Rest = was.Left, was.LeftUnknown, was.Hold, was.Rest
		v.DrainUntil = was.DrainUntil
	}
	v.RetiredBy = ""
	v.State, v.Fence, v.CheckedAt, v.LookAfter, v.ReinstatedAt = Draining, nil, time.Time{}, w.LookAfter, a.At
	v.DrainUntil = latest(v.DrainUntil, a.At.Add(w.Drain))
	n.put(v)
}

// LookAgainWrite records that this run enables a reinstated version again if necessary;
// from LookAfter on another run may.
type LookAgainWrite struct {
	silent
	LookAfter time.Time
}

func (LookAgainWrite) kind() Kind { return WriteLookAgain }

func (w LookAgainWrite) applyTo(n *Record, a Act) {
	n.change(a, func(v *Version) { v.LookAfter = w.LookAfter })
}

// LookedWrite records that a reinstated version is enabled. Its drain begins only now,
// because KMS may have refused to enable it for days.
type LookedWrite struct {
	silent
	Drain time.Duration
}

func (LookedWrite) kind() Kind { return WriteLooked }

func (w LookedWrite) applyTo(n *Record, a Act) {
	n.change(a, func(v *Version) {
		v.LookAfter, v.DrainUntil = time.Time{}, latest(v.DrainUntil, a.At.Add(w.Drain))
	})
	// It could not be enabled before, or only the record knew it.
	if e := n.LastError; e != nil && strings.HasPrefix(e.About+" ", VersionName(a.Version)+" ") {
		n.LastError = nil
	}
}

// CheckedWrite records that this run checks whether a version may retire, or has found that only
// the record knows a reinstated one.
type CheckedWrite struct{ silent }

func (CheckedWrite) kind() Kind { return WriteChecked }

func (CheckedWrite) applyTo(n *Record, a Act) { n.change(a, func(v *Version) { v.CheckedAt = a.At }) }

// KeptWrite ends the drain of a version that stays enabled.
type KeptWrite struct{ silent }

func (KeptWrite) kind() Kind { return WriteKept }

func (KeptWrite) applyTo(n *Record, a Act) {
	n.retire(a.Version, Kept, false, func(v *Version) { v.KeptAt = a.At })
}

// MarkWrite records that a call against an old version was signed and is about to be
// sent.
type MarkWrite struct {
	What Fenced
	// Signed is the X-Amz-Date of the signature.
	Signed time.Time
	// Retires reports whether a person wants the version disabled now. Entry is then that of
	// the version, which is put back if the list has left it out.
	Retires bool
	Entry   Version
}

func (MarkWrite) kind() Kind           { return WriteMark }
func (w MarkWrite) words() []EventKind { return did(EventKind(w.What)) }

func (w MarkWrite) applyTo(n *Record, a Act) {
	if w.Retires {
		n.retireBy(w.Entry, a)
	}
	n.change(a, func(v *Version) {
		if v.Fence = v.Fence.signed(w.What, w.Signed, a); w.What == FencedDisable && !w.Retires {
			v.RetiredBy = ""
		}
	})
}

// retireBy records on the entry of a version who wants it disabled now. One that was
// disabled is enabled again, by hand: so it is as good as kept.
func (n *Record) retireBy(entry Version, a Act) {
	v := n.listed(entry)
	if !v.enabled() {
		was := *v
		n.put(Version{Version: was.Version, KeyID: was.KeyID, State: Kept, KeptAt: a.At, Left: was.Left,
			LeftUnknown: was.LeftUnknown, DrainUntil: was.DrainUntil, ReinstatedAt: was.ReinstatedAt, Hold: was.Hold,
			Fence: was.Fence, Rest: was.Rest})
		v = n.Entry(entry.Version)
	}
	if v.Fence = v.outstanding(a.At); v.Fence == nil && !v.LookAfter.IsZero() {
		// Nothing is out, but the version may not be enabled yet: see refused.
		v.Fence = &Fence{What: FencedDisable, Since: v.ReinstatedAt, Until: a.At.Add(time.Second)}
	}
	v.RetiredBy, v.LookAfter = a.Caller, time.Time{}
}

// refused takes back what retireBy changed, for a retire that came to nothing: a reinstated
// version is looked at again, once what else was signed against it has expired.
func (v *Version) refused(before *Fence, at time.Time) {
	v.RetiredBy = ""
	if before == nil || !before.Since.Equal(v.ReinstatedAt) {
		return
	}
	if v.LookAfter = at; v.Fence != nil {
		v.LookAfter, v.Fence = v.Fence.Until, nil
	}
}

// outstanding returns the fence of what may still arrive. Of a reinstated version look_after
// stands for it, and a retire makes a signer of it: its bytes are out all the same.
func (v Version) outstanding(at time.Time) *Fence {
	if v.Fence == nil && v.LookAfter.After(at) {
		since := v.ReinstatedAt
		if since.IsZero() { // the record is older than that attribute
			since = v.LookAfter.Add(-FenceFor)
		}
		return &Fence{What: FencedDisable, Since: since, Until: v.LookAfter, Signers: 1}
	}
	return v.Fence
}

// MarkNoWrite records that the call was refused, with an Error, or never sent.
type MarkNoWrite struct {
	What  Fenced
	Error *LastError
	// Was is the entry that the mark has replaced, if the version was retired already: it is
	// so still, and by whom it was.
	Was Version
}

func (MarkNoWrite) kind() Kind { return WriteMarkNo }

func (w MarkNoWrite) words() []EventKind {
	if w.Error == nil {
		return did(EventKind(w.What), EventUnsent)
	}
	return did(EventKind(w.What))
}

func (w MarkNoWrite) applyTo(n *Record, a Act) {
	n.change(a, func(v *Version) {
		before := v.Fence
		if v.Fence = before.struck(); w.What == FencedDisable {
			v.refused(before, a.At)
		}
		if w.Was.State != "" && v.State == Kept {
			was := w.Was
			was.Fence, was.Hold = v.Fence, v.Hold
			*v = was
		}
	})
	n.failed(w.Error)
}

// UnmarkWrite records that a version was seen enabled: its mark is over, or somebody
// has enabled it.
type UnmarkWrite struct{ silent }

func (UnmarkWrite) kind() Kind { return WriteUnmark }

func (UnmarkWrite) applyTo(n *Record, a Act) {
	n.change(a, func(v *Version) {
		v.Fence, v.RetiredBy = nil, ""
		if !v.enabled() {
			v.DisabledAt, v.DisabledUnknown = a.At, false
		}
	})
}

// RetiredWrite ends the drain of a version that is disabled, or the time in which it was
// kept: on this run's own yes, or because it was found so.
type RetiredWrite struct {
	Answered bool
	// Found has the words for how it was found; empty if this run has disabled it.
	Found []EventKind
	// Gone reports whether it was found deleted.
	Gone bool
	// Refusal is set if a person must know how it was found.
	Refusal *Refusal
	Error   *LastError
	// Retires reports whether a person wants it disabled, and it was found so. Entry is then
	// that of the version, which is put back if the list has left it out.
	Retires bool
	Entry   Version
}

func (RetiredWrite) kind() Kind           { return WriteRetired }
func (w RetiredWrite) words() []EventKind { return w.Found }

func (w RetiredWrite) applyTo(n *Record, a Act) {
	if w.Retires {
		v := n.listed(w.Entry)
		v.RetiredBy = cmp.Or(v.RetiredBy, a.Caller)
	}
	n.change(a, func(v *Version) {
		if v.Fence = v.outstanding(a.At); w.Answered {
			v.Fence = v.Fence.struck()
		}
	})
	state := Disabled
	if w.Gone {
		state = Gone
	}
	n.retire(a.Version, state, !w.Answered, func(v *Version) {
		v.DisabledAt = a.At
		if w.Gone {
			v.DeleteAt = a.At // the same time as DisabledAt: keyturn never schedules a deletion that early
		}
		v.DisabledUnknown = !w.Answered && v.Fence == nil // keyturn had sent no call: somebody else did it
		if v.Fence != nil && !v.Fence.alive(a.At) {
			v.Fence = nil
		}
	})
	n.failed(w.Error)
}

// DeletingWrite records that the deletion of a version is scheduled, or was found so.
type DeletingWrite struct {
	Answered bool
	Found    []EventKind
	// DeleteAt is when KMS deletes it; now for one that was found deleted.
	DeleteAt time.Time
}

func (DeletingWrite) kind() Kind           { return WriteDeleting }
func (w DeletingWrite) words() []EventKind { return w.Found }

func (w DeletingWrite) applyTo(n *Record, a Act) {
	n.change(a, func(v *Version) {
		if w.Answered {
			v.Fence = v.Fence.struck()
		}
		v.State, v.DeleteAt = Deleting, w.DeleteAt
		if !w.DeleteAt.After(a.At) {
			v.State = Gone
		}
	})
}

// change changes the entry of the old version that a write is about.
func (n *Record) change(a Act, how func(*Version)) {
	if v := n.Entry(a.Version); v != nil && v.KeyID == a.KeyID && v.State != "" {
		how(v)
	}
}

// retire ends the drain of a version, or the time in which it was kept. Of one that was found
// disabled the deadline stays: it may have been disabled before that, and before the one of
// a longer drain in a later plan.
func (n *Record) retire(version int64, state State, found bool, change func(*Version)) {
	was := n.Entry(version)
	if was == nil || was.State != Draining && was.State != Kept {
		return
	}
	v := Version{Version: was.Version, KeyID: was.KeyID, State: state, Left: was.Left, LeftUnknown: was.LeftUnknown,
		ReinstatedAt: was.ReinstatedAt, Hold: was.Hold, Fence: was.Fence, Rest: was.Rest}
	if v.RetiredBy = was.RetiredBy; found || v.RetiredBy != "" {
		v.DrainUntil = was.DrainUntil
	}
	change(&v)
	n.put(v)
}
