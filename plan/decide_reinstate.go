package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// reinstate decides for a person's `reinstate`, which enables a version again. The record
// is written first, so that a later run can finish the work; then come the calls to KMS,
// at once, because decrypt fails.
func (d decider) reinstate() *Decision {
	if version := cmp.Or(d.o.Restored, d.o.VerbVersion); d.o.DidVerb || d.o.Restored != 0 {
		return d.conclude(d.reinstated(version))
	}
	if next := d.lookLeftOut(d.q.Version); next != nil {
		return d.conclude(next)
	}
	w, ref := d.reinstateWhich()
	if ref == nil {
		ref = d.otherThanMeant(w)
	}
	w = d.sinceRebuild(w)
	switch {
	case ref != nil:
		return d.conclude(refuse(*ref))
	case w.done != nil:
		if ref := d.disabledSince(w); ref != nil {
			return d.conclude(refuse(*ref))
		}
		return d.conclude(d.seenEnabled(w.version, w.keyID, *w.done))
	case w.underWay:
		return d.conclude(d.reinstated(w.version))
	}
	old := d.o.old(w.keyID)
	switch {
	case old.Failed != nil:
		return d.conclude(d.notReinstated(*old.Failed))
	case old.Key == nil:
		return &Decision{Act: Act{Kind: LookOld, Version: w.version, KeyID: w.keyID, Try: d.o.Tries[LookOld]}}
	case old.Key.Missing:
		ref := d.goneForGood(w.version, w.keyID)
		ref.Unwritten = true // nothing has begun
		return d.conclude(refuse(ref))
	case d.r.Active != 0 && w.version == d.r.Active:
		if old.Key.State != KeyEnabled {
			return d.conclude(refuse(d.activeDisabled(*old.Key)))
		}
		return d.conclude(stop(Settled, Reason{CodeEnabled, VersionName(w.version) + " is not disabled"}))
	}
	if next := d.trusted(w.version, w.keyID); next != nil {
		return d.conclude(unwritten(next))
	}
	if w.enabled && old.Key.State == KeyEnabled && d.proofOf(w.version, w.keyID) == proven {
		return d.conclude(stop(Settled, Reason{CodeEnabled, VersionName(w.version) + " is not disabled"}))
	}
	reinstate := ReinstateWrite{LookAfter: latest(w.until, d.now), Found: d.ended(w, *old.Key),
		Pending: d.foundPending(w, *old.Key),
		Leaving: Leaving{Drain: d.p.Drain, Retire: d.termsAfter(w, *old.Key)}}
	return &Decision{Act: d.withReason(Writing(w.version, w.keyID, reinstate))}
}

// termsAfter returns the terms of the new drain. A kept version that is enabled lacks only
// its name, and is kept again.
func (d decider) termsAfter(w reinstateTarget, k KeySeen) Retire {
	v := cmp.Or(d.r.Entry(w.version), d.leftOut(w.version))
	if k.State == KeyEnabled && v != nil && v.State == Kept && v.Fence == nil {
		return Retire{Action: RetireKeep}
	}
	return d.p.RetireOf(k.Spec, k.Usage)
}

// ended reports whether somebody else has disabled a version that drains, or has it deleted.
func (d decider) ended(w reinstateTarget, k KeySeen) bool {
	v := d.r.Entry(w.version)
	return k.Down() && v != nil && v.drainsUntouched() &&
		d.now.Sub(v.ReinstatedAt) >= LagAfterSwitch // else it may be seen as it was before
}

// foundPending reports whether KMS is going to delete a version, and the record does not say so.
func (d decider) foundPending(w reinstateTarget, k KeySeen) bool {
	v := d.r.Entry(w.version)
	return k.State == KeyPendingDeletion &&
		(v == nil || v.State != Deleting && d.now.Sub(v.ReinstatedAt) >= LagAfterSwitch)
}

// drainsUntouched reports whether a version drains, and no call of keyturn can have disabled
// it: it sends none without a fence.
func (v Version) drainsUntouched() bool {
	return v.State == Draining && v.Fence == nil && v.LookAfter.IsZero() && v.RetiredBy == ""
}

// reinstated decides after the write: the run calls KMS until the answer is yes. If
// another run has finished the work, this one looks whether the version is enabled. If
// somebody has disabled it since, the verb fails.
func (d decider) reinstated(version int64) *Decision {
	v := VersionName(version)
	if d.o.MarkRefusal != nil {
		return refuse(*d.o.MarkRefusal)
	}
	e := d.r.Entry(version)
	if e == nil {
		return stop(Failed, Reason{CodeNotKnown,
			"whether " + v + " is enabled is not known: the record does not list it any more"})
	}
	old := d.o.old(e.KeyID)
	switch {
	case e.enabled() && e.Fence != nil:
		return d.reinstateUndone(version, "is being disabled again", EventMark)
	case e.State != Draining && !e.enabled():
		return d.reinstateUndone(version, "has been disabled or deleted since", EventRetired)
	case e.LookAfter.IsZero():
		return d.reinstatedByOther(version, e.KeyID)
	case old.Failed != nil:
		return d.notReinstated(*old.Failed)
	case !old.reinstated(*e):
		return d.restore(*e)
	case !old.EnabledAt.Before(e.LookAfter): // enabled after every earlier signature had expired
		return d.looked(*e)
	case !old.ReadSince: // nothing is written any more that would show what others did meanwhile
		return &Decision{Act: Act{Kind: LookRecord, Version: version, KeyID: e.KeyID}}
	}
	why := fmt.Sprintf("%s is enabled again; a call against it that was signed earlier may still arrive, "+
		"so keyturn run checks it once more after %s", v, Clock(e.LookAfter))
	return stop(Settled, Reason{CodeReinstated, why})
}

// reinstatedByOther ends a reinstate of a version that is enabled by the record. Without a
// yes of its own the run looks.
func (d decider) reinstatedByOther(version int64, keyID string) *Decision {
	done := Reason{CodeReinstated, VersionName(version) + " is enabled again"}
	if d.o.Restored == version || d.o.old(keyID).reinstated(*d.r.Entry(version)) {
		return stop(Settled, done)
	}
	done.Text += d.lastOf(EventLooked, version)
	return d.seenEnabled(version, keyID, done)
}

// seenEnabled ends with success once this run has seen that a version is enabled.
func (d decider) seenEnabled(version int64, keyID string, done Reason) *Decision {
	switch old := d.o.old(keyID); {
	case old.Failed != nil:
		return d.notReinstated(*old.Failed)
	case old.Key == nil:
		return &Decision{Act: Act{Kind: LookOld, Version: version, KeyID: keyID, Try: d.o.Tries[LookOld]}}
	case old.Key.State != KeyEnabled:
		return stop(Failed, Reason{CodeNotKnown, fmt.Sprintf("whether %s is enabled is not known: %s, and KMS "+
			"shows it %s",
			VersionName(version), done.Text, stateText(*old.Key))})
	}
	return stop(Settled, done)
}

// disabledSince refuses to choose a version that was reinstated within the hour and that KMS
// shows disabled: somebody may have meant that, or it is what KMS showed before.
func (d decider) disabledSince(w reinstateTarget) *Refusal {
	k := d.o.old(w.keyID).Key
	if k == nil || k.State == KeyEnabled {
		return nil
	}
	ref := d.nothingToReinstate(fmt.Sprintf("KMS shows %s %s, and %s", VersionName(w.version), stateText(*k),
		w.done.Text))
	ref.Hint = d.nameOne(VerbReinstate, w.version)
	return ref
}

// reinstateUndone refuses a reinstate that somebody else has undone.
func (d decider) reinstateUndone(version int64, how string, k EventKind) *Decision {
	name := VersionName(version)
	ref := d.overtakenBy(fmt.Sprintf("%s was reinstated, and %s%s", name, how, d.lastOf(k, version)))
	if e := d.r.Entry(version); e != nil && !d.o.old(e.KeyID).EnabledAt.IsZero() { // perhaps after it was disabled
		ref.What += "; this run's EnableKey was answered yes, so KMS may have it enabled"
		ref.Hint = Try("keyturn", "retire", d.p.Name+"/"+name, reasonFlag, "...").Noted("if it must not work")
	}
	return refuse(ref)
}

// lastOf describes when the newest event of a kind about a version was and who caused it;
// "" if none is known.
func (d decider) lastOf(k EventKind, version int64) string {
	for _, e := range slices.Backward(d.r.Events) {
		if e.Is(k) && e.Version == version {
			return whoWhen(&e)
		}
	}
	return ""
}

// notReinstated ends a reinstate that KMS did not carry out. The next run continues it.
func (d decider) notReinstated(f Failure) *Decision {
	return stop(Failed, Reason{CodeFailed, f.Text()})
}

// reinstateTarget is the version that a reinstate is about.
type reinstateTarget struct {
	version int64
	keyID   string
	// until is when a mark on the version is over.
	until time.Time
	// enabled reports whether the version is enabled by the record: then there is work
	// only if KMS shows something else.
	enabled bool
	// underWay reports whether the version was reinstated, and a run still has to enable
	// it or to look again.
	underWay bool
	// done is set if there is nothing to do.
	done *Reason
}

// otherThanMeant refuses a reinstate without a version named if the default has changed
// since this run began.
func (d decider) otherThanMeant(w reinstateTarget) *Refusal {
	if d.q.Version != 0 || d.o.First == nil {
		return nil
	}
	first := d
	first.r = d.o.First
	meant, ref := first.reinstateWhich()
	if ref != nil || meant.version == w.version {
		return nil
	}
	other := d.overtakenBy(fmt.Sprintf("when this reinstate began, it was one of %s; by now it would be one of %s",
		VersionName(meant.version), VersionName(w.version)))
	other.Hint = d.nameOne(VerbReinstate, meant.version)
	return &other
}

// nameOne returns the hint to type a verb again with a version named.
func (d decider) nameOne(verb Verb, version int64) Hint {
	return Try("keyturn", string(verb), d.p.Name+"/"+VersionName(version), reasonFlag, "...").Noted(
		"name the version that you mean")
}

// stateText returns the state of a key in a word.
func stateText(k KeySeen) string {
	if k.Missing {
		return "missing"
	}
	return k.State
}

// reinstateWhich returns the version to reinstate: the one named, otherwise the one
// retired last. If the verb is typed twice, by one or two persons, one version is
// wanted: so one that is under way, or was reinstated within the hour, comes first.
func (d decider) reinstateWhich() (reinstateTarget, *Refusal) {
	if d.q.Version != 0 {
		return d.reinstateNamed(d.q.Version)
	}
	var best *Version
	var last time.Time
	old := d.r.Old()
	for i, v := range old {
		at := v.DisabledAt
		switch gone := !v.DeleteAt.IsZero() && !d.now.Before(v.DeleteAt); {
		case !v.LookAfter.IsZero():
			return reinstateOf(v), nil
		case v.enabled() && v.Fence != nil:
			at = v.Fence.Since
		case v.State == Draining:
			if done, ok := d.reinstatedLately(v); ok && !d.q.Again {
				return reinstateTarget{version: v.Version, keyID: v.KeyID, done: &done}, nil
			}
			continue
		case gone, v.seenEnabled(): // there is nothing to enable
			continue
		}
		if at.After(last) {
			best, last = &old[i], at
		}
	}
	switch {
	case best == nil:
		return reinstateTarget{}, d.nothingToReinstate("keyturn has disabled no version of " + d.p.Name +
			"; one that somebody else has disabled is to be named")
	case best.RetiredBy != "":
		ref := d.nothingToReinstate(fmt.Sprintf("%s was retired last, by %s: a person did not want it to work any more",
			VersionName(best.Version), best.RetiredBy))
		ref.Hint = d.nameOne(VerbReinstate, best.Version)
		return reinstateTarget{}, ref
	case best.DisabledUnknown:
		return reinstateTarget{}, d.whichUnknown(best.Version)
	}
	return reinstateOf(*best), nil
}

// reinstateOf returns a version as the target of a reinstate.
func reinstateOf(v Version) reinstateTarget {
	w := reinstateTarget{version: v.Version, keyID: v.KeyID, underWay: !v.LookAfter.IsZero(),
		enabled: v.enabled() && v.Fence == nil}
	if v.Fence != nil {
		w.until = v.Fence.Until
	}
	return w
}

// whichUnknown refuses to choose if it is not known when a version was disabled: the
// person may mean another one.
func (d decider) whichUnknown(version int64) *Refusal {
	ref := d.nothingToReinstate(fmt.Sprintf("which version of %s was disabled last is not known: "+
		"keyturn only found %s disabled", d.p.Name, VersionName(version)))
	ref.Hint = d.nameOne(VerbReinstate, version)
	return ref
}

func (d decider) reinstateNamed(version int64) (reinstateTarget, *Refusal) {
	if v := d.r.Entry(version); v != nil && (v.State != "" || version == d.r.Active) {
		return reinstateOf(*v), nil
	}
	if v := d.leftOut(version); v != nil {
		return reinstateOf(*v), nil
	}
	if d.r.Forgotten(version) {
		return reinstateTarget{}, d.notLeftOut(CodeNothingToReinstate, version)
	}
	if d.r.Opens(version) {
		ref := d.openOther()
		return reinstateTarget{}, &ref
	}
	return reinstateTarget{}, d.nothingToReinstate(VersionName(version) + " is no version of " + d.p.Name)
}

// reinstatedLately reports whether a draining version was reinstated within the hour, and
// returns who did that.
func (d decider) reinstatedLately(e Version) (Reason, bool) {
	if e.ReinstatedAt.IsZero() || d.now.Sub(e.ReinstatedAt) >= AgainWithin {
		return Reason{}, false
	}
	by := cmp.Or(d.lastOf(EventReinstate, e.Version), " at "+Stamp(e.ReinstatedAt))
	return Reason{CodeReinstated, fmt.Sprintf("%s was reinstated%s; to reinstate another one, name it: %s/v<n>",
		VersionName(e.Version), by, d.p.Name)}, true
}

// checkReinstated looks again at reinstated versions, and enables them if necessary: a
// disabling that was signed before may have arrived after the enabling. A hold does not
// stop it. The write before the calls says which run does it, so that pools which start
// together do not all call.
func (d decider) checkReinstated() *Decision {
	for _, e := range d.r.Draining() {
		if e.LookAfter.IsZero() {
			continue
		}
		old := d.o.old(e.KeyID)
		switch mine := old.SeesTo.Equal(e.LookAfter); {
		case mine && d.unproven(e.Version, e.KeyID) != nil:
			// Only a person can change that, so it is enough to look once a day.
			return &Decision{Act: Writing(e.Version, e.KeyID, CheckedWrite{}),
				Reasons: []Reason{{CodeVersionUnproven, d.unproven(e.Version, e.KeyID).What}}}
		case old.Failed != nil, d.unproven(e.Version, e.KeyID) != nil:
			// Reported at the end of the run; it must not stop a rotation.
		case mine && !old.EnabledAt.IsZero():
			return d.looked(e)
		case mine:
			return d.restore(e)
		case !d.now.Before(e.NextLook()):
			return &Decision{Act: Writing(e.Version, e.KeyID, LookAgainWrite{LookAfter: d.now.Add(OldTurn)}),
				Reasons: []Reason{{CodeLookAgain, VersionName(e.Version) + " was reinstated: look at it again"}}}
		}
	}
	return nil
}

// restore decides the next call that enables a version. It cancels a pending deletion
// first, which leaves the key disabled.
func (d decider) restore(e Version) *Decision {
	old := d.o.old(e.KeyID)
	act := Act{Version: e.Version, KeyID: e.KeyID, Writer: Writer{At: d.now}}
	switch {
	case old.Key == nil:
		act.Kind, act.Try = LookOld, d.o.Tries[LookOld]
		return &Decision{Act: act}
	case old.Key.Missing:
		ref := d.goneForGood(e.Version, e.KeyID)
		return d.foundRetired(e, *old.Key, &ref)
	}
	if next := d.trusted(e.Version, e.KeyID); next != nil {
		return next
	}
	pending := old.Key.State == KeyPendingDeletion && !old.Cancelled
	if !pending { // a key that is pending deletion takes no name
		if next := d.nameOld(e.Version, e.KeyID); next != nil {
			return next
		}
	}
	switch {
	case pending:
		act.Kind = CancelDeletion
	default:
		act.Kind = EnableKey
	}
	act.Try = d.o.Tries[act.Kind]
	return &Decision{Act: act}
}

func (d decider) looked(e Version) *Decision {
	return &Decision{Act: Writing(e.Version, e.KeyID, LookedWrite{Drain: d.p.Drain})}
}

func (d decider) nothingToReinstate(what string) *Refusal {
	return &Refusal{Code: CodeNothingToReinstate, Unwritten: true, What: what,
		Hint: Try("keyturn", "status", d.p.Name)}
}

func (d decider) goneForGood(version int64, keyID string) Refusal {
	return Refusal{Code: CodeVersionGone, About: VersionName(version) + " " + keyID,
		Version: version,
		What:    fmt.Sprintf("%s (%s) does not exist any more", VersionName(version), keyID),
		Hint: Try("keyturn", "history", d.p.Name).Noted("a deleted key cannot be brought back; CloudTrail says who " +
			"deleted it")}
}

// activeDisabled refuses a disabled live version, which keyturn never disables.
func (d decider) activeDisabled(k KeySeen) Refusal {
	hint := Repair(d.p, k)
	return Refusal{Code: CodeActiveDisabled, About: kindOf(k), Unwritten: true, Version: d.r.Active,
		What: fmt.Sprintf("%s (%s) is live and is %s, and keyturn did not do that",
			VersionName(d.r.Active), k.KeyID, k.State),
		Hint: hint}
}

// switchedOff is activeDisabled for cron: somebody may want that nothing is encrypted, and
// a scheduled rotation would undo that. A person may rotate.
func (d decider) switchedOff(k KeySeen) Refusal {
	ref := d.activeDisabled(k)
	ref.Unwritten = false
	ref.Hint = ref.Hint.Noted("type it if nobody meant that; a rotate would leave the key behind as it is")
	return ref
}
