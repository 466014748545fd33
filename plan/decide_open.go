package plan

import (
	"fmt"
	"time"
)

// underLease makes sure that work on an open generation continues only under this run's
// own lease: it puts a takeover or a renewal before the next act.
func (d decider) underLease(next *Decision) *Decision {
	k := next.Act.Kind
	switch {
	case d.r.Leased(d.now) && !d.leaseMine() && (k != Stop || next.Act.Refuses() != nil):
		return d.standBy() // also before a refusal: the other run may have seen more
	case k == Stop:
		return d.conclude(next)
	case k == AskGate:
		return next // before_switch has no side effects, so every pool may run it without a lease
	case !d.leaseMine():
		return &Decision{Act: d.onBehalf(Writing(d.r.Generation, "", LeaseWrite{})), Reasons: d.takeoverReason()}
	case !k.Writes() && k != SendMove && !d.o.JustWrote && d.r.Lease.Until.Sub(d.now) < RenewUnder:
		// SendMove comes straight after the confirming write, which set the lease. Where a
		// write takes so long that too little is left after it, another one leaves no more.
		return &Decision{Act: Writing(d.r.Generation, "", LeaseWrite{Renew: true})}
	}
	return next
}

// withReason adds the person's reason to a write.
func (d decider) withReason(a Act) Act {
	a.Reason = d.q.Reason
	return a
}

// onBehalf adds the person's reason to a write of an open generation, and the verb if it
// is not the claim's: the generation may be cron's.
func (d decider) onBehalf(a Act) Act {
	if d.q.Verb == VerbSchedule {
		return a
	}
	a.Reason = d.q.Reason
	if d.q.Verb != d.r.Claim.Verb {
		a.Verb = d.q.Verb
	}
	return a
}

func (d decider) takeoverReason() []Reason {
	if d.r.Lease == nil {
		return nil
	}
	l := d.r.Lease
	why := fmt.Sprintf("the lease of %s/%s ended at %s", l.Pool, l.Host, Clock(l.Until))
	return []Reason{{CodeTakeover, why}}
}

// open decides what comes next for an open generation, as if the lease were
// this run's.
func (d decider) open() *Decision {
	if d.r.Held(d.now) && !d.outlivesHold() && !d.person() {
		return d.held()
	}
	if d.patient() && d.r.Step != Switching {
		if f, frozen := d.p.FrozenAt(d.now); frozen {
			return stop(Frozen, frozenReason(f))
		}
	}
	if next := d.claimFits(); next != nil {
		return next
	}
	if d.r.Step == Created {
		if next := d.waited(); next != nil {
			return next
		}
	}
	if d.r.Active != 0 {
		if next := d.aliasAt(d.r.Claim.Expects); next != nil {
			return next
		}
	}
	made, next := d.version()
	if next != nil {
		return next
	}
	if next := d.ensureRotation(made); next != nil {
		return next
	}
	if d.r.Step == Claimed && d.mustWait() {
		w := CreatedWrite{Target: made.entry()}
		return &Decision{Act: Writing(d.r.Generation, w.Target.KeyID, w)}
	}
	if next := d.targetReady(made); next != nil {
		return next
	}
	if d.r.Active == 0 {
		return d.firstAlias(made)
	}
	if next := d.policyUnchanged(made); next != nil {
		return next
	}
	return d.move(made)
}

// outlivesHold reports whether this run goes on with the open generation although the key is
// held.
func (d decider) outlivesHold() bool {
	if d.q.Verb == VerbAdopt && !d.r.Hold.Self && d.r.Claim.Verb != VerbSchedule { // a person wants it now
		return true
	}
	return d.r.outlivesHold()
}

// outlivesHold reports whether any run goes on with the open generation although the key is
// held: a person's verb that was claimed under the hold is finished by any run, until the hold
// is set again. That also applies to a self-hold, unless its cause is this generation, which was
// claimed before.
func (r *Record) outlivesHold() bool {
	switch {
	case r.Claim == nil || r.Claim.Verb == VerbSchedule:
		return false
	case r.Hold.Self:
		return r.Claim.At.After(r.Hold.Since)
	}
	return !r.Claim.At.Before(r.Hold.Since)
}

// HeldBack reports whether a hold keeps runs from doing anything with the key. A generation that
// a person has begun under the hold goes on all the same.
func (r *Record) HeldBack(now time.Time) bool {
	return r.Held(now) && (r.Step == Steady || !r.outlivesHold())
}

// mustWait reports whether the version of a scheduled generation waits before its
// switch.
func (d decider) mustWait() bool {
	return d.patient() && (d.r.Claim.Prepublish > 0 || len(d.p.BeforeSwitch) > 0)
}

// SwitchDue returns when the wait of a created version ends: when its window opens, and
// not before prepublish has passed. Zero if none waits.
func (r *Record) SwitchDue() time.Time {
	if r.Target == 0 || r.Claim == nil {
		return time.Time{}
	}
	return latest(r.Claim.Window, r.Next().CreatedAt.Add(r.Claim.Prepublish))
}

// waited stops a created version that still waits for its window or before_switch.
func (d decider) waited() *Decision {
	if !d.patient() {
		return nil
	}
	v := VersionName(d.r.Target)
	at := d.r.SwitchDue()
	// Without prepublish the window is open, and the creation date, which is by KMS's
	// clock, may lie after now.
	if d.r.Claim.Prepublish > 0 && d.now.Before(at) {
		return stop(Waiting, Reason{CodePrepublished, fmt.Sprintf("%s waits until %s", v, Stamp(at))})
	}
	if len(d.p.BeforeSwitch) == 0 {
		return nil
	}
	keyID := d.r.Next().KeyID
	switch g := d.o.Gate; {
	case g == nil, g.KeyID != keyID: // of another version a yes says nothing
		return &Decision{Act: Act{Kind: AskGate, Version: d.r.Target, KeyID: keyID, Writer: Writer{At: d.now}}}
	case !g.Open && d.p.Unfrozen(at, d.now) > GatePatience:
		return refuse(d.gateStuck()) // the same in every pool, whatever the command printed
	case g.Failed != "":
		why := fmt.Sprintf("before_switch could not be asked about %s: %s%s", v, g.Failed, said(g.Said))
		return stop(Failed, Reason{CodeBeforeSwitch, why})
	case !g.Open:
		return stop(Waiting, Reason{CodeBeforeSwitch, fmt.Sprintf("%s waits: before_switch says not yet%s", v,
			said(g.Said))})
	}
	return nil
}

func said(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// aliasInPlace makes sure that the alias is where the record says. Reads lag, so an
// older version of the record shortly after a switch is lag and not drift.
func (d decider) aliasInPlace() *Decision { return d.aliasAt("") }

// aliasAt is aliasInPlace for a claim that takes the alias away from where somebody else
// has put it: from is the key that a person was shown behind it, "" for other claims. On
// any third key the alias was moved once more, and nobody has been shown that.
func (d decider) aliasAt(from string) *Decision {
	a := d.o.Alias
	switch {
	case a == nil:
		return &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias}}
	case a.Missing:
		return refuse(d.aliasMissing())
	case a.KeyID == d.r.Live().KeyID && a.Down() && d.cronsAlone():
		return refuse(d.switchedOff(*a))
	case a.KeyID == d.r.Live().KeyID:
		return nil
	case d.r.Step == Switching && a.KeyID == d.r.Next().KeyID:
		return nil
	}
	expected := from != "" && a.KeyID == from
	if expected && !d.mayLag(*a) {
		return d.activeSeen()
	}
	switch lags, next := d.lagOrDrift(*a); {
	case next != nil:
		return next
	case !lags && !expected:
		return refuse(d.drift())
	case expected || d.person() || d.r.Step != Steady && d.r.Claim.Verb != VerbSchedule:
		return d.activeSeen() // a person who takes back a bad switch cannot wait for KMS
	}
	return d.lag(*a)
}

// lagOrDrift reports whether an alias that is not where the record says may lag. Its date
// is looked at first, where that can make a difference.
func (d decider) lagOrDrift(a KeySeen) (lags bool, next *Decision) {
	lags = d.mayLag(a)
	if d.o.Moved == nil && (!lags || d.lateEnough(d.o.AliasAt)) {
		return false, &Decision{Act: Act{Kind: LookMoved, Name: d.p.Alias, KeyID: a.KeyID}}
	}
	return lags && (d.o.Moved == nil || !d.lateEnough(d.o.Moved.MovedAt)), nil
}

// lateEnough reports whether a move of the alias with this date is certainly somebody
// else's: it is later than the last switch, and later than KMS can have applied any move
// that was signed for this generation. Then it is drift, however soon after a switch.
func (d decider) lateEnough(date time.Time) bool {
	return date.Sub(d.r.SwitchedAt) > AliasDateSlack && date.Sub(d.r.MovesUntil) > AliasDateSlack
}

// cronsAlone reports whether only cron wants the change, and it can still be left undone.
func (d decider) cronsAlone() bool {
	return d.q.Verb == VerbSchedule && (d.r.Step == Steady || d.r.Step != Switching && d.r.Claim.Verb == VerbSchedule)
}

// activeSeen makes sure that the run has looked at the live version by its id: the alias
// lags, and a new version must not be made like the version before. A rollback makes no
// version, so a person can leave the live version even if KMS does not show it yet.
func (d decider) activeSeen() *Decision {
	switch k := d.o.Active; {
	case k == nil, !k.Missing && k.KeyID != d.r.Live().KeyID:
		return &Decision{Act: Act{Kind: LookActive, Version: d.r.Active, KeyID: d.r.Live().KeyID}}
	case d.goesBack():
	case k.Missing:
		return d.lag(*d.o.Alias)
	case d.proofOf(d.r.Active, k.KeyID) == notSeenYet:
		return d.prove(d.r.Active, k.KeyID)
	case d.proofOf(d.r.Active, k.KeyID) != proven: // a new version would be made like it
		return d.lag(*d.o.Alias)
	}
	return nil
}

// goesBack reports whether the verb or the open generation is a rollback.
func (d decider) goesBack() bool {
	return d.q.Verb == VerbRollback || d.r.Step != Steady && d.r.Claim.Verb == VerbRollback
}

// mayLag reports whether the alias may have been seen in an older state: on a version of
// the record, or on the key from which it was put back, shortly after a switch. The time
// of the look counts, because the run may have been paused since.
func (d decider) mayLag(a KeySeen) bool {
	_, ours := d.r.VersionOfKey(a.KeyID)
	before := d.r.SwitchedFrom != "" && a.KeyID == d.r.SwitchedFrom
	return (ours || before) && d.o.AliasAt.Sub(d.r.SwitchedAt) < LagAfterSwitch
}

func (d decider) lag(a KeySeen) *Decision {
	on := a.KeyID
	if v, ours := d.r.VersionOfKey(a.KeyID); ours {
		on = VersionName(v)
	}
	return stop(Lagging, Reason{CodeLag, fmt.Sprintf("KMS still shows the alias on %s, switched away from at %s",
		on, Clock(d.r.SwitchedAt))})
}

// move decides the next act of the switch. An alias that is seen on the target already
// is moved all the same: reads lag, and only this run's own yes proves that the move of
// this generation is done.
func (d decider) move(made Made) *Decision {
	target := made.entry()
	if d.r.Target != 0 {
		target = *d.r.Next()
	}
	// Somebody else may have moved the alias meanwhile, so the last act before a
	// signature is a look at it.
	var before *Decision
	if d.o.AliasOld {
		before = &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias,
			Try: d.o.Tries[SignMove] + d.o.Tries[SendMove] + d.o.Tries[LookAlias]}}
	}
	return d.fencedCall(d.o.SignedMove, Terms{What: FencedMove}, target, before)
}

// policyUnchanged refuses a target whose key policy differs from the one that a version
// made now would get. The target may have waited for weeks, and the switch must not give
// access back to somebody who lost it since, or take new access away. A version that
// this run has just made has the right policy.
func (d decider) policyUnchanged(made Made) *Decision {
	if d.r.Step == Switching || d.r.Claim.Verb == VerbRollback {
		return nil
	}
	s := d.o.Policy
	if s == nil || s.KeyID != made.KeyID {
		if !d.propagating() {
			return d.notVisible("the policy of " + VersionName(d.targetVersion()))
		}
		return &Decision{Act: Act{Kind: LookPolicy, Version: d.targetVersion(), KeyID: made.KeyID,
			Try: d.o.Tries[LookPolicy] + d.o.Hidden}}
	}
	if s.differ(d.o.Like().ARN, d.targetARN()) {
		return refuse(d.policyChanged())
	}
	return nil
}

// targetARN returns the ARN of the target; "" if this run has not looked at it.
func (d decider) targetARN() string {
	if d.o.Target == nil {
		return ""
	}
	return d.o.Target.ARN
}

// firstAlias ends adopt --create: CreateAlias succeeds once, so it needs no
// fence.
func (d decider) firstAlias(made Made) *Decision {
	create := &Decision{Act: Act{Kind: CreateAlias, Version: d.r.Generation, KeyID: made.KeyID, Name: d.p.Alias,
		Try: d.o.Tries[CreateAlias]}}
	done := d.o.FirstAlias
	if done == nil || d.o.FirstAliasOf != d.r.Generation {
		return create
	}
	if done.Code == AliasExists {
		switch a := d.o.Alias; {
		case a != nil && a.Missing && !d.propagating():
			return d.notVisible(d.p.Alias)
		case a == nil || a.Missing:
			return &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias, Try: d.o.Tries[LookAlias]}}
		case a.KeyID != made.KeyID:
			return refuse(d.aliasTaken())
		}
	}
	target := made.entry()
	w := FinishWrite{Target: &target, Window: latest(d.r.Window, d.p.Schedule.Window(d.now, d.r.Anchor).Start)}
	return &Decision{Act: d.onBehalf(Writing(d.r.Generation, made.KeyID, w))}
}
