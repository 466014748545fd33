package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// person reports whether a person wants this change of the alias now. Such a change does
// not wait for windows, freezes, holds or before_switch.
func (d decider) person() bool {
	return d.q.Verb == VerbRotate || d.q.Verb == VerbRollback
}

// patient reports whether the open generation waits for the schedule.
func (d decider) patient() bool {
	return d.r.Claim.Verb == VerbSchedule && !d.person()
}

// rotate decides for a person's `rotate`. It finishes an open generation of schedule or
// rotate and claims no other. Another open one stops it, unless --abandon gives it up.
// With none open it claims a new one, but not twice within the hour.
func (d decider) rotate() *Decision {
	if d.r.Active == 0 {
		return d.conclude(refuse(d.notYetMade()))
	}
	if next := d.pursued(); next != nil {
		return next
	}
	if d.r.Step != Steady {
		if !d.mayAbandon() {
			return d.conclude(refuse(d.openOther()))
		}
		return d.abandon(d.newClaim(VerbRotate), nil)
	}
	if ref := d.nothingToAbandon(); ref != nil {
		return d.conclude(refuse(*ref))
	}
	if d.doneMeanwhile(VerbSchedule, VerbRotate) {
		return d.alreadyDone()
	}
	if !d.q.Again && d.carriedOut(VerbSchedule, VerbRotate) {
		return d.alreadyDone(Reason{CodeAgain, "to rotate once more: --again"})
	}
	return d.claimByPerson(d.newClaim(VerbRotate), nil)
}

// carriedOut reports whether the last generation was of one of these verbs and was done
// within the hour, by any run: if a verb is typed twice, by one or two persons, it is
// wanted once.
func (d decider) carriedOut(verbs ...Verb) bool {
	if d.r.Claim == nil || d.r.Step != Steady || d.r.Claim.Expects != "" || d.now.Sub(d.doneAt()) >= AgainWithin {
		return false
	}
	for _, v := range verbs {
		if d.r.Claim.Verb == v {
			return true
		}
	}
	return false
}

// doneMeanwhile reports whether a generation of one of these verbs was claimed and
// finished since this run began. Then it counts for this run's verb, too: two persons
// who type --again at once want one more, and not two. The claim of a steady record is
// the one that was finished last.
func (d decider) doneMeanwhile(verbs ...Verb) bool {
	return d.o.First != nil && d.r.Generation > *d.o.First.Done() &&
		d.r.Claim != nil && slices.Contains(verbs, d.r.Claim.Verb)
}

// nothingToAbandon refuses --abandon if the generation was finished since this run began:
// the person did not want that, and must know.
func (d decider) nothingToAbandon() *Refusal {
	if !d.q.Abandon || d.o.First == nil || d.o.First.openClaim() == "" {
		return nil
	}
	end, by := d.claimEndOf(d.o.First.Claim.ID)
	if end != finished {
		return nil
	}
	ref := d.overtakenBy(fmt.Sprintf("generation %d was finished%s, so there is nothing to give up; %s",
		d.o.First.Generation, whoWhen(by), d.standsNow()))
	return &ref
}

// doneAt returns when the last generation was done: at its switch, or for a rollback
// that only had to give an open switch up, when it was claimed.
func (d decider) doneAt() time.Time {
	if d.r.Claim == nil {
		return d.r.SwitchedAt
	}
	return latest(d.r.SwitchedAt, d.r.Claim.At)
}

// doneReason describes what is live, since when, and who did that.
func (d decider) doneReason() Reason {
	at, by := d.doneAt(), ""
	for _, e := range slices.Backward(d.r.Events) {
		if e.At.Equal(at) && (e.Is(EventFinish) || e.Is(EventAbandon) || e.Is(EventAdopt)) {
			by = " by " + e.byText()
			break
		}
	}
	live := VersionName(d.r.Active)
	if at.After(d.r.SwitchedAt) && d.r.Step == Steady {
		given := fmt.Sprintf("generation %d", d.r.Generation)
		if d.r.Knows(d.r.Generation) { // else it made no version
			given = "the switch to " + VersionName(d.r.Generation)
		}
		return Reason{CodeDone, fmt.Sprintf("%s is live; %s was given up at %s%s", live, given, Stamp(at), by)}
	}
	return Reason{CodeDone, fmt.Sprintf("%s has been live since %s%s", live, Stamp(d.r.Live().Since), by)}
}

// alreadyDone ends a verb that is done as far as the record knows. Somebody else may have
// changed the alias since, so the run must see it on the live version, and that version
// enabled. An alias on the version before does not count as lag here: it may have been
// moved back.
func (d decider) alreadyDone(more ...Reason) *Decision { return d.doneIfSeen(nothingDone, more...) }

// doneIfSeen ends a verb that is done by the record, if the alias is seen so.
func (d decider) doneIfSeen(first string, more ...Reason) *Decision {
	if a := d.o.Alias; a != nil && a.KeyID != d.r.Live().KeyID && d.mayLag(*a) {
		switch lags, next := d.lagOrDrift(*a); {
		case next != nil:
			return next
		case lags:
			end := d.lag(*a)
			end.Reasons[0].Text = first + end.Reasons[0].Text
			return d.conclude(end)
		}
	}
	if next := d.aliasInPlace(); next != nil {
		return d.conclude(next)
	}
	if k := *d.o.Alias; k.State != KeyEnabled {
		return d.conclude(refuse(d.activeDisabled(k)))
	}
	done := d.doneReason()
	done.Text = first + done.Text
	return d.conclude(stop(Settled, append([]Reason{done}, more...)...))
}

// nothingDone begins the text for a verb that was carried out already, so that nobody takes it
// for a change that was just made.
const nothingDone = "nothing to do: "

// newClaim returns the claim of a person's verb. Spec and usage are added once the run
// has looked at the alias.
func (d decider) newClaim(verb Verb) Claim {
	return Claim{ID: d.o.Self.ClaimID, At: d.now, Verb: verb, Drain: d.p.Drain, Reason: d.q.Reason}
}

// claimByPerson claims a generation for a person's verb. A lease or a fence stops it; a
// hold or a freeze does not.
func (d decider) claimByPerson(c Claim, target *Version) *Decision {
	switch {
	case d.r.Leased(d.now) && !d.leaseMine():
		return d.standBy()
	case d.r.Fenced(d.now):
		return d.waitForFence()
	}
	if next := d.aliasAt(c.Expects); next != nil {
		return d.conclude(next)
	}
	if ref := d.unsupported(*d.o.Like()); ref != nil {
		return d.conclude(refuse(*ref))
	}
	if next := d.targetOrNewKey(target); next != nil {
		return d.conclude(next)
	}
	c.Spec, c.Usage = d.termsOfKey()
	if target == nil {
		d.freezeRotation(&c)
	}
	return &Decision{Act: d.withReason(Writing(d.r.Generation+1, "", ClaimWrite{Claim: c, Target: target})),
		Reasons: []Reason{{Code(c.Verb), d.q.Reason}}}
}

// targetOrNewKey makes sure before a claim that its target can be used, or for nil, that
// a version can be made.
func (d decider) targetOrNewKey(target *Version) *Decision {
	if target != nil {
		return d.candidateReady(*target)
	}
	if ref := d.otherKind(*d.o.Like()); ref != nil {
		return refuse(*ref)
	}
	return d.newKeyReady()
}

// termsOfKey returns the spec and usage that a target must have: those of the live
// version.
func (d decider) termsOfKey() (spec, usage string) {
	live := d.o.Like()
	return live.Spec, live.Usage
}

// abandon gives an open generation up for a person's verb. The same write makes the new
// claim. If the alias is on its target already, there is none, and the key is steady
// again. The version of the open generation drains with a full deadline, because it may
// have served.
func (d decider) abandon(c Claim, target *Version) *Decision {
	switch {
	case d.r.Leased(d.now) && !d.leaseMine():
		return d.standBy()
	case d.r.Step == Switching && d.r.Fenced(d.now):
		return d.waitForFence()
	}
	made, next := d.madeSoFar()
	if next != nil {
		return d.conclude(next)
	}
	w := AbandonWrite{Claim: &c, Target: target, Dropped: made,
		Leaving: Leaving{Drain: d.p.Drain, Retire: d.p.RetireOf(d.r.Claim.Spec, d.r.Claim.Usage)}}
	if next := d.aliasAt(c.Expects); next != nil {
		return d.conclude(next)
	}
	moved := d.r.Step == Switching && d.o.Alias.KeyID == d.r.Next().KeyID &&
		d.r.Next().KeyID != d.r.Live().KeyID && !d.showsBefore(*d.o.Alias)
	if moved {
		w.Moved, w.Dropped = true, nil
	}
	behind := d.r.Live().KeyID
	switch {
	case moved:
		behind, c.Expects = d.r.Next().KeyID, ""
	case d.drifted(): // on c.Expects, and nowhere else
		behind = d.o.Alias.KeyID
	default:
		c.Expects = ""
	}
	if target != nil && target.KeyID == behind {
		w.Claim, w.Target = nil, nil // the alias is there already: there is nothing more to do
		c.Spec, c.Usage = d.termsOfKey()
		w.Ended = &c
	}
	if w.Claim != nil {
		if next := d.targetOrNewKey(target); next != nil {
			return d.conclude(next)
		}
		c.Spec, c.Usage = d.termsOfKey()
		if target == nil {
			d.freezeRotation(&c)
		}
	}
	w.Window = latest(d.r.Window, d.r.Claim.Window, d.p.Schedule.Window(d.now, d.r.Anchor).Start)
	why := []Reason{{Code(d.q.Verb), d.q.Reason}}
	leaves := w.Claim != nil && target != nil && target.Version != d.r.Active // the live version, and not one moved to
	if leaves && d.q.Verb == VerbRollback && d.q.Version == 0 && d.r.Claim.Verb != VerbRollback {
		why = append(why, Reason{CodeNeverLive, VersionName(d.r.Generation) + " was never live"})
	}
	return &Decision{Act: d.withReason(Writing(d.r.Generation, "", w)), Reasons: why}
}

// madeSoFar returns the version that was made for the open generation; nil if none was.
// A run may have made the version and died before it recorded it.
func (d decider) madeSoFar() (*Version, *Decision) {
	switch {
	case d.r.Target != 0 && d.r.Target == d.r.Active:
		return nil, nil // a put-back: it is the live version, and does not drain
	case d.r.Step != Claimed || d.r.Target != 0:
		return clone(d.r.Next()), nil
	}
	switch seen, looked := d.o.Version[d.r.Generation]; {
	case !looked:
		return nil, d.lookVersion(d.r.Generation)
	case seen.Missing:
		return nil, nil
	case seen.Claim != d.r.Claim.ID:
		return nil, refuse(d.foreignVersion(seen))
	default:
		return &Version{Version: d.r.Generation, KeyID: seen.KeyID, CreatedAt: seen.CreatedAt}, nil
	}
}

// showsBefore reports whether the alias, seen on the target of an open rollback, may be
// seen as it was before the last switch: then it is still on the live version. So soon
// after a switch there is no fence only if every move of the rollback was refused. A
// version that a generation has made itself was never behind the alias before.
func (d decider) showsBefore(a KeySeen) bool {
	return d.r.Target != d.r.Generation && d.mayLag(a)
}

// candidateReady makes sure that a version can be the target of a claim: this run has seen
// it Enabled, and it is of the live version's kind.
func (d decider) candidateReady(t Version) *Decision {
	if next := d.trusted(t.Version, t.KeyID); next != nil {
		return unwritten(next)
	}
	k := d.o.Target
	if k == nil || k.KeyID != "" && k.KeyID != t.KeyID {
		return &Decision{Act: Act{Kind: LookTarget, Version: t.Version, KeyID: t.KeyID}}
	}
	spec, usage := d.termsOfKey()
	v := VersionName(t.Version)
	what, hint := "", Try("keyturn", "status", d.p.Name, "-v").Noted("shows the others")
	switch {
	case k.Missing:
		what = "does not exist any more"
	case k.State != KeyEnabled && t.Version == d.r.Active:
		return refuse(d.activeDisabled(*k))
	case k.State != KeyEnabled:
		what, hint = "is "+k.State, d.reinstateFirst(v)
	case k.Spec != spec || k.Usage != usage:
		what = fmt.Sprintf("is %s for %s, and the live version is %s for %s", k.Spec, k.Usage, spec, usage)
	default:
		return nil
	}
	return refuse(Refusal{Code: CodeBadTarget, Unwritten: true, Version: t.Version,
		What: fmt.Sprintf("%s (%s) %s", v, t.KeyID, what),
		Hint: hint})
}

func (d decider) openOther() Refusal {
	return Refusal{Code: CodeOpenGeneration, Unwritten: true,
		What: fmt.Sprintf("generation %d is open: a %s to %s", d.r.Generation, d.r.Claim.Verb, d.openTarget()),
		Hint: Try("keyturn", "run", "--key", d.p.Name).Noted("finishes it; rotate with --abandon gives it up")}
}

func (d decider) openTarget() string { return VersionName(cmp.Or(d.r.Target, d.r.Generation)) }

// Opens reports whether a version is that which the open generation is to make live. Until it
// is recorded the record has no entry of it.
func (r *Record) Opens(version int64) bool {
	return r.Step != Steady && version != 0 && version == cmp.Or(r.Target, r.Generation)
}

func (d decider) notYetMade() Refusal {
	return Refusal{Code: CodeNotMade, Unwritten: true,
		What: d.p.Alias + " is being created",
		Hint: Try("keyturn", "run", "--key", d.p.Name).Noted(
			"finishes it; adopt with --create begins again, with another spec or usage in the plan")}
}

// checkEvery is how often a run checks whether a version may retire.
const checkEvery = 24 * time.Hour

// NextLook returns from when on a run looks again at a reinstated version; zero if none has to.
// One that only the record knows is looked at once a day.
func (v Version) NextLook() time.Time {
	if v.LookAfter.IsZero() {
		return time.Time{}
	}
	return latest(v.LookAfter, v.NextCheck())
}

// NextCheck returns when a run may check the version again; zero if none has checked it.
func (v Version) NextCheck() time.Time {
	if v.CheckedAt.IsZero() {
		return time.Time{}
	}
	return v.CheckedAt.Add(checkEvery)
}
