package plan

import (
	"fmt"
	"time"
)

// allowsOldWork tells whether a decision is an end after which old versions may
// be retired: the key is in order, or what keeps it is not about them.
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

// retireOld ends drains and deletes what was disabled long enough. It runs beside
// the steps, never in their way: a drain that cannot end must not keep a key
// from being rotated or rolled back. Each version is asked about once a day;
// the write that says so is also what keeps other pools from asking. A run begins
// with OldInRun versions at most; left is how many others are due.
func (d decider) retireOld() (next *Decision, left int) {
	if d.r.Held(d.now) || d.r.Active == 0 {
		return nil, 0
	}
	mine := func(n *Decision) bool {
		if n != nil && kinds[n.Act.Kind].beginsOld && d.o.OldBegun >= OldInRun {
			left++
			return false
		}
		return n != nil
	}
	for _, v := range d.r.Old() {
		end := d.endDisabled
		if v.State == Draining {
			end = d.endDrain
		}
		if next := end(v); mine(next) {
			return next, 0
		}
	}
	return nil, left
}

// endDrain decides about one draining version whose deadline may be over. One
// with a mark that ran out is asked about before its deadline too, for a rebuild
// may have made that a later one: what was signed may have disabled it.
func (d decider) endDrain(e Version) *Decision {
	early := d.now.Before(d.p.DrainEnd(e))
	if early && e.Fence == nil || !e.LookAfter.IsZero() || d.isTarget(e.KeyID) ||
		d.closed(e.Fence, e.KeyID) || d.o.old(e.KeyID).Failed != nil {
		return nil
	}
	terms := Careful(e.Retire, d.p.Retire)
	if e.Fence == nil && terms.Action == RetireKeep {
		return &Decision{Act: Writing(e.Version, e.KeyID, KeptWrite{}),
			Reasons: []Reason{{CodeDrained, VersionName(e.Version) + " has drained; it stays enabled"}}}
	}
	early = early || d.frozen() // then only what ran out is looked at
	if early && e.Fence == nil {
		return nil
	}
	old := d.o.old(e.KeyID)
	if !old.asks(e.CheckedAt) {
		return d.ask(e.Version, e.KeyID, e.CheckedAt, e.Fence)
	}
	if next := d.lookOld(e.Version, e.KeyID); next != nil {
		return next
	}
	switch state := old.Key.State; {
	case old.Key.Missing, state == statePending:
		return d.foundRetired(e, *old.Key, d.refusalGone(e, *old.Key))
	case state == stateDisabled:
		return d.foundRetired(e, *old.Key, nil)
	case state != stateEnabled:
		return nil
	}
	if d.oldUnlike(e.Version, e.KeyID) != nil {
		return d.stillEnabled(e)
	}
	if early || terms.Action == RetireKeep {
		return d.stillEnabled(e)
	}
	if d.proofOf(e.Version, e.KeyID) == notAsked {
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
		d.closed(t.Fence, t.KeyID) || d.o.old(t.KeyID).Failed != nil {
		return nil
	}
	old := d.o.old(t.KeyID)
	early := d.now.Before(t.DisabledAt.Add(terms.DeleteAfter))
	if !d.mayDelete() && !old.asks(t.CheckedAt) && !d.runOut(t) {
		return nil
	}
	if early && !t.seenEnabled() && !old.asks(t.CheckedAt) {
		return nil
	}
	if !old.asks(t.CheckedAt) {
		return d.ask(t.Version, t.KeyID, t.CheckedAt, t.Fence)
	}
	if next := d.lookOld(t.Version, t.KeyID); next != nil {
		return next
	}
	switch {
	case old.Key.Missing:
		return d.deleting(t, d.now, EventGone)
	case old.Key.State == statePending && !early && !old.Key.DeletionAt.IsZero(): // else it is not keyturn's doing
		return d.deleting(t, old.Key.DeletionAt, EventPending)
	case old.Key.State == stateEnabled && !t.seenEnabled():
		// A person enabled it by hand: reported, and left alone. It may be used, so
		// delete_after counts from when it was last seen so.
		return &Decision{Act: Writing(t.Version, t.KeyID, UnmarkWrite{})}
	case old.Key.State != stateDisabled || early || !d.mayDelete():
		return nil
	}
	if d.oldUnlike(t.Version, t.KeyID) != nil {
		return nil
	}
	if d.proofOf(t.Version, t.KeyID) == notAsked {
		return d.prove(t.Version, t.KeyID)
	}
	if d.unproven(t.Version, t.KeyID) != nil || d.needed(t.Version, t.KeyID) != "" {
		return nil
	}
	return d.mark(FencedDelete, t.Version, t.KeyID)
}

// runOut reports whether a version has a mark that ran out and was not looked at since,
// or not for a day: what was signed for it may have been done.
func (d decider) runOut(t Version) bool {
	return t.Fence != nil && (!t.CheckedAt.After(t.Fence.Until) || d.now.Sub(t.CheckedAt) >= askEvery)
}

// seenEnabled tells whether a version, when it was last asked whether it may be
// deleted, had been enabled by hand: only then disabled_at is the later one.
func (t Version) seenEnabled() bool {
	return !t.CheckedAt.IsZero() && !t.DisabledAt.Before(t.CheckedAt)
}

// closed reports whether a fence keeps this run from a call: it is alive, one of its
// kind is not joined, and it is not that of a signature that this run may send.
func (d decider) closed(f *Fence, keyID string) bool {
	own := d.o.SignedOld
	return f.alive(d.now) && !fencings[f.What].joined && (own == nil || own.KeyID != keyID || !d.toSend(own))
}

// isTarget tells whether a key is what an open generation puts behind the
// alias.
func (d decider) isTarget(keyID string) bool {
	return d.r.Target != 0 && d.r.Next().KeyID == keyID
}

// moving tells whether an alias move may still arrive, or may not show yet: then
// no look at the alias says that an old version is not needed.
func (d decider) moving() bool {
	return d.r.Fenced(d.now) || d.now.Sub(d.r.SwitchedAt) < LagAfterSwitch
}

// ask writes down that this run asks about a version today. A mark that ran
// out without an answer is asked about at once, and soon again if nothing came
// of it: whoever asked may have died, and the version may be down.
func (d decider) ask(version int64, keyID string, checked time.Time, m *Fence) *Decision {
	if d.moving() {
		return nil // the answer would be "not now", for a day
	}
	turn := askEvery
	if m != nil {
		turn = LeaseFor
	}
	if !checked.IsZero() && d.now.Sub(checked) < turn && (m == nil || checked.After(m.Until)) {
		return nil
	}
	return &Decision{Act: Writing(version, keyID, CheckedWrite{}),
		Reasons: []Reason{{CodeAsk, "may " + VersionName(version) + " retire?"}}}
}

// lookOld describes an old version, lists its aliases, and looks where the
// alias itself is, as far as this run does not know.
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

// mark decides the fenced call against an old version.
func (d decider) mark(what Fenced, version int64, keyID string) *Decision {
	terms := Terms{What: what, DeletionWindow: d.p.Retire.DeletionWindow}
	return d.through(d.o.SignedOld, terms, Version{Version: version, KeyID: keyID}, nil)
}

// foundRetired takes a version out of the draining ones that somebody else has
// disabled or deleted, or a call of ours whose answer was lost. A deletion that
// keyturn has not scheduled is not written down as one: audit and status go on
// telling of it for as long as it can be cancelled.
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
	return &Refusal{Code: CodeVersionGone, About: v + " " + e.KeyID, Safe: "encrypt works; what only " + v + " can decrypt cannot be read",
		What: fmt.Sprintf("%s (%s) is pending deletion, and keyturn did not ask for it", v, e.KeyID),
		Hint: fmt.Sprintf("keyturn reinstate %s/%s", d.p.Name, v)}
}
