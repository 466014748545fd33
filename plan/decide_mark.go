package plan

import (
	"fmt"
	"strings"
	"time"
)

// allowsOldWork reports whether a run may retire old versions before it ends so: the key
// is in order, or what stops it does not concern old versions.
func (n Decision) allowsOldWork() bool {
	if n.Act.Kind != Stop {
		return false
	}
	switch n.Act.Outcome {
	case Settled, Waiting, Frozen:
		return true
	case Refused:
		switch n.Act.Refusal.Code {
		case CodeMaxDraining, CodeOverdue, CodeBeforeSwitch:
			return true
		}
	}
	return false
}

// retireOld ends drains, and deletes versions that were disabled long enough. It never
// stops the steps: a drain that cannot end must not stop a rotation or a rollback. Each
// version is checked once a day; the write that says so also keeps other pools from
// checking. A run begins with OldInRun versions at most. more says how many others are
// due, and which are checked later.
func (d decider) retireOld() (next *Decision, more []Reason) {
	if d.r.Held(d.now) || d.r.Active == 0 {
		return nil, nil
	}
	left := 0
	var later []string
	for _, v := range d.r.Old() {
		switch next := d.retire(v); {
		case next == nil:
		case next.Act.Later != nil:
			later = append(later, VersionName(v.Version))
			which := strings.Join(later, ", ")
			more = []Reason{{CodeLater, "whether " + which + " may retire " + next.Act.Later.Text()}}
		case kinds[next.Act.Kind].beginsOld && d.o.OldBegun >= OldInRun:
			left++
		default:
			return next, nil
		}
	}
	if left > 0 {
		text := Counted(left, "more old version") + " may retire; the next run goes on with that"
		more = append([]Reason{{CodeOldLeft, text}}, more...)
	}
	return nil, more
}

// retire decides about one old version.
func (d decider) retire(v Version) *Decision {
	if v.State == Draining || v.State == Kept && v.Fence != nil {
		return d.endDrain(v)
	}
	return d.endDisabled(v)
}

// endDrain decides about one draining version whose deadline may be over, or about a kept one
// that a person has marked. A version with
// a mark that ran out is checked before its deadline, too: the signed call may have
// disabled it, and a rebuild may have extended the deadline since.
func (d decider) endDrain(e Version) *Decision {
	early := d.now.Before(d.p.DrainEnd(e))
	if early && e.Fence == nil || !e.LookAfter.IsZero() || d.isTarget(e.KeyID) ||
		d.fencedOff(e.Fence, e.KeyID) || d.o.old(e.KeyID).Failed != nil {
		return nil
	}
	terms := Careful(e.Retire, d.p.Retire)
	if e.Fence == nil && terms.Action == RetireKeep {
		return &Decision{Act: Writing(e.Version, e.KeyID, KeptWrite{}),
			Reasons: []Reason{{CodeDrained, VersionName(e.Version) + " has drained; it stays enabled"}}}
	}
	early = early || d.frozen() || e.Held(d.now) // then only a mark that ran out matters
	if early && e.Fence == nil {
		return nil
	}
	old := d.o.old(e.KeyID)
	if !old.checking(e.CheckedAt) {
		return d.check(e)
	}
	if next := d.lookOld(e.Version, e.KeyID); next != nil {
		return next
	}
	switch state := old.Key.State; {
	case old.Key.Missing, state == KeyPendingDeletion:
		return d.foundRetired(e, *old.Key, d.refusalGone(e, *old.Key))
	case state == KeyDisabled:
		return d.foundRetired(e, *old.Key, nil)
	case state != KeyEnabled:
		return nil
	}
	if d.oldUnlike(e.Version, e.KeyID) != nil {
		return d.stillEnabled(e)
	}
	if early || terms.Action == RetireKeep {
		return d.stillEnabled(e)
	}
	if d.proofOf(e.Version, e.KeyID) == notSeenYet {
		return d.prove(e.Version, e.KeyID)
	}
	if d.unproven(e.Version, e.KeyID) != nil || d.needed(e.Version, e.KeyID) != "" {
		return d.stillEnabled(e)
	}
	if !terms.UsageOff {
		if old.Use == nil {
			return &Decision{Act: Act{Kind: LookUse, Version: e.Version, KeyID: e.KeyID}}
		}
		if !old.Use.Quiet(d.now, terms.UnlessUsedWithin) {
			return d.stillEnabled(e)
		}
	}
	return d.mark(FencedDisable, e.Version, e.KeyID)
}

// endDisabled decides about the deletion of a version that was disabled.
func (d decider) endDisabled(t Version) *Decision {
	terms := d.p.Retire // deletion follows today's plan alone
	if t.DisabledAt.IsZero() || !t.DeleteAt.IsZero() || terms.Action != RetireDelete ||
		d.fencedOff(t.Fence, t.KeyID) || d.o.old(t.KeyID).Failed != nil {
		return nil
	}
	old := d.o.old(t.KeyID)
	early := d.now.Before(latest(t.DisabledAt.Add(terms.DeleteAfter), d.p.drainOf(t)))
	may := d.mayDelete() && !t.Held(d.now)
	if !may && !old.checking(t.CheckedAt) && !d.runOut(t) {
		return nil
	}
	if early && !t.seenEnabled() && !old.checking(t.CheckedAt) {
		return nil
	}
	if !old.checking(t.CheckedAt) {
		return d.check(t)
	}
	if next := d.lookOld(t.Version, t.KeyID); next != nil {
		return next
	}
	switch {
	case old.Key.Missing:
		return d.deleting(t, d.now, EventGone)
	// Otherwise keyturn has not done it.
	case old.Key.State == KeyPendingDeletion && !early && !old.Key.DeletionAt.IsZero():
		return d.deleting(t, old.Key.DeletionAt, EventPending)
	case old.Key.State == KeyEnabled && !t.seenEnabled():
		// A person enabled it by hand. It may be in use, so delete_after counts from when
		// it was last seen enabled.
		return &Decision{Act: Writing(t.Version, t.KeyID, UnmarkWrite{})}
	case old.Key.State != KeyDisabled || early || !may:
		return nil
	}
	if d.oldUnlike(t.Version, t.KeyID) != nil {
		return nil
	}
	if d.proofOf(t.Version, t.KeyID) == notSeenYet {
		return d.prove(t.Version, t.KeyID)
	}
	if d.unproven(t.Version, t.KeyID) != nil || d.needed(t.Version, t.KeyID) != "" {
		return nil
	}
	return d.mark(FencedDelete, t.Version, t.KeyID)
}

// runOut reports whether a version has a mark that ran out and was not checked since, or
// not for a day: KMS may have carried out the signed call.
func (d decider) runOut(t Version) bool {
	return t.Fence != nil && (!t.CheckedAt.After(t.Fence.Until) || d.now.Sub(t.CheckedAt) >= checkEvery)
}

// seenEnabled reports whether the last check found the version enabled by hand: only
// then disabled_at is not before checked_at.
func (t Version) seenEnabled() bool {
	return !t.CheckedAt.IsZero() && !t.DisabledAt.Before(t.CheckedAt)
}

// fencedOff reports whether a fence keeps this run from signing a call: it is alive, it
// is not of a shared kind, and it is not for a signature that this run may send.
func (d decider) fencedOff(f *Fence, keyID string) bool {
	own := d.o.SignedOld
	return f.alive(d.now) && !fencings[f.What].shared && (own == nil || own.KeyID != keyID || !d.maySend(own))
}

// isTarget reports whether a key is the target of the open generation.
func (d decider) isTarget(keyID string) bool {
	return d.r.Target != 0 && d.r.Next().KeyID == keyID
}

// check records that this run checks a version today. A version with a mark that ran
// out is checked at once, and soon again if nothing followed: the run that checked may
// have died, and the version may be disabled. While an alias move may arrive or not show,
// the result would be "not now", for a day, so the check waits.
func (d decider) check(v Version) *Decision {
	turn, m := checkEvery, v.Fence
	if m != nil {
		turn = OldTurn
	}
	if !v.CheckedAt.IsZero() && d.now.Sub(v.CheckedAt) < turn && (m == nil || v.CheckedAt.After(m.Until)) {
		return nil
	}
	if next := d.later(v); next != nil {
		return next
	}
	return &Decision{Act: Writing(v.Version, v.KeyID, CheckedWrite{}),
		Reasons: []Reason{{CodeAsk, "may " + VersionName(v.Version) + " retire?"}}}
}

// lookOld looks at an old version, at its aliases, and at the alias itself, as far as
// this run does not know them.
func (d decider) lookOld(version int64, keyID string) *Decision {
	old := d.o.old(keyID)
	act := Act{Version: version, KeyID: keyID, Name: d.p.Alias}
	switch {
	case old.Key == nil:
		act.Kind = LookOld
	case old.Key.Missing:
		return nil
	case !old.Listed:
		act.Kind = LookOldAliases
	case d.o.Alias == nil:
		act.Kind = LookAlias
	default:
		return nil
	}
	return &Decision{Act: act}
}

// mark decides the next act of a fenced call against an old version.
func (d decider) mark(what Fenced, version int64, keyID string) *Decision {
	terms := Terms{What: what, DeletionWindow: d.p.Retire.DeletionWindow}
	return d.fencedCall(d.o.SignedOld, terms, Version{Version: version, KeyID: keyID}, nil)
}

// foundRetired ends the drain of a version that somebody else has disabled or deleted,
// or a call of keyturn without an answer. A deletion that keyturn has not scheduled is
// not recorded as one, so that audit and status report it while it can be cancelled.
func (d decider) foundRetired(e Version, k KeySeen, ref *Refusal) *Decision {
	w := RetiredWrite{Found: did(EventFound), Refusal: ref}
	if ref != nil {
		w.Found = did(EventFound, EventPending)
		if w.Gone = k.Missing; w.Gone {
			w.Found = did(EventFound, EventGone)
		}
		w.Error = d.refusedFor(*ref)
	}
	return &Decision{Act: Writing(e.Version, e.KeyID, w)}
}

func (d decider) deleting(t Version, at time.Time, found EventKind) *Decision {
	return &Decision{Act: Writing(t.Version, t.KeyID, DeletingWrite{DeleteAt: at, Found: did(EventFound, found)})}
}

func (d decider) refusalGone(e Version, k KeySeen) *Refusal {
	v := VersionName(e.Version)
	if k.Missing {
		ref := d.goneForGood(e.Version, e.KeyID)
		return &ref
	}
	return &Refusal{Code: CodeVersionGone, About: v + " " + e.KeyID,
		Version: e.Version,
		What:    fmt.Sprintf("%s (%s) is pending deletion, and keyturn did not ask for it", v, e.KeyID),
		Hint:    d.hintReinstate(v)}
}
