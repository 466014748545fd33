package plan

import (
	"fmt"
	"time"
)

// underLease puts the lease's discipline around the next act of an open
// generation: work goes on only under this run's own live lease.
func (d decider) underLease(next *Decision) *Decision {
	k := next.Act.Kind
	switch {
	case d.r.Leased(d.now) && !d.leaseMine() && (k != Stop || next.Act.Refuses() != nil):
		return d.standBy() // also before a refusal: the other run may know better
	case k == Stop:
		return d.conclude(next)
	case k == AskGate:
		return next // a question without side effects: every pool may ask, under no lease
	case !d.leaseMine():
		return &Decision{Act: d.onBehalf(Writing(d.r.Generation, "", LeaseWrite{})), Reasons: d.takeoverReason()}
	case (k.Changes() && k != SendMove || k == SignMove) && d.r.Lease.Until.Sub(d.now) < RenewUnder:
		// SendMove comes straight after the confirming write, which set the lease.
		return &Decision{Act: Writing(d.r.Generation, "", LeaseWrite{Renew: true})}
	}
	return next
}

// withReason puts into a write why a person asked for it.
func (d decider) withReason(a Act) Act {
	a.Reason = d.q.Reason
	return a
}

// onBehalf puts into a write of an open generation why a person's verb makes it,
// and which verb, if it is not the claim's: the generation may be cron's.
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
	return []Reason{{CodeTakeover, fmt.Sprintf("the lease of %s/%s ended at %s", d.r.Lease.Pool, d.r.Lease.Host,
		Clock(d.r.Lease.Until))}}
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
		if next := d.aliasInPlace(); next != nil {
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
		return &Decision{Act: Writing(d.r.Generation, "", CreatedWrite{Target: Version{Version: d.r.Generation, KeyID: made.KeyID, CreatedAt: made.CreatedAt}})}
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

// outlivesHold tells whether the open generation goes on although the key is
// held: a person's verb that was claimed under the hold is finished by any
// run, until the hold is set again. What the key holds itself for is no
// exception, unless it is this very generation, which was claimed before.
func (d decider) outlivesHold() bool {
	switch {
	case d.r.Claim.Verb == VerbSchedule:
		return false
	case d.q.Verb == VerbAdopt && !d.r.Hold.Self: // a person asks for it now
		return true
	case d.r.Hold.Self:
		return d.r.Claim.At.After(d.r.Hold.Since)
	}
	return !d.r.Claim.At.Before(d.r.Hold.Since)
}

// mustWait tells whether the version of a scheduled generation waits between
// its making and its switch.
func (d decider) mustWait() bool {
	return d.patient() && (d.r.Claim.Prepublish > 0 || len(d.p.BeforeSwitch) > 0)
}

// SwitchDue is when a created version has waited long enough: when its window
// opens, and for prepublish at least. Zero if none waits.
func (r *Record) SwitchDue() time.Time {
	if r.Target == 0 || r.Claim == nil {
		return time.Time{}
	}
	return latest(r.Claim.Window, r.Next().CreatedAt.Add(r.Claim.Prepublish))
}

// waited answers whether what a created version waits for has come.
func (d decider) waited() *Decision {
	if !d.patient() {
		return nil
	}
	v := VersionName(d.r.Target)
	at := d.r.SwitchDue()
	// Without prepublish the window is open, and by KMS's clock the version may have
	// been made a moment from now.
	if d.r.Claim.Prepublish > 0 && d.now.Before(at) {
		return stop(Waiting, Reason{CodePrepublished, fmt.Sprintf("%s waits until %s", v, Stamp(at))})
	}
	if len(d.p.BeforeSwitch) == 0 {
		return nil
	}
	switch g := d.o.Gate; {
	case g == nil:
		return &Decision{Act: Act{Kind: AskGate, Version: d.r.Target, KeyID: d.r.Next().KeyID}}
	case !g.Open && d.p.Unfrozen(at, d.now) > GatePatience:
		return refuse(d.gateStuck()) // in the same words, whatever it said or failed with in this pool
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

// aliasInPlace answers whether the alias is where the record says. Reads lag,
// so one of our own versions shortly after a switch is lag and not drift.
func (d decider) aliasInPlace() *Decision {
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
	if d.mayLag(*a) {
		if d.person() || d.r.Step != Steady && d.r.Claim.Verb != VerbSchedule {
			return d.activeSeen() // a person who takes back a bad switch cannot wait for KMS
		}
		return d.lag(*a)
	}
	if d.o.Moved == nil {
		return &Decision{Act: Act{Kind: LookMoved, Name: d.p.Alias, KeyID: a.KeyID}}
	}
	return refuse(d.drift())
}

// cronsAlone tells whether nobody but cron wants what is decided, and it can
// still be left undone.
func (d decider) cronsAlone() bool {
	return d.q.Verb == VerbSchedule && (d.r.Step == Steady || d.r.Step != Switching && d.r.Claim.Verb == VerbSchedule)
}

// activeSeen answers whether the active version was described by its id: what
// lags is the alias, and a new version must not be made like the one before. Who
// goes back makes none: where KMS does not show the active version itself yet,
// that must not keep a person from leaving it.
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

// goesBack tells whether what is asked for, or open, is a rollback.
func (d decider) goesBack() bool {
	return d.q.Verb == VerbRollback || d.r.Step != Steady && d.r.Claim.Verb == VerbRollback
}

// mayLag tells whether what the alias is seen on may be an older state of it:
// one of our own versions, shortly after a switch. What counts is when it was
// seen: a run that was paused since does not know any better.
func (d decider) mayLag(a KeySeen) bool {
	_, ours := d.r.VersionOfKey(a.KeyID)
	return ours && d.o.AliasAt.Sub(d.r.SwitchedAt) < LagAfterSwitch
}

func (d decider) lag(a KeySeen) *Decision {
	v, _ := d.r.VersionOfKey(a.KeyID)
	return stop(Lagging, Reason{CodeLag, fmt.Sprintf("KMS still shows the alias on %s, switched away from at %s",
		VersionName(v), Clock(d.r.SwitchedAt))})
}

// move decides the switch: signed, then confirmed, then sent. An alias that is
// seen on the target already is moved all the same: reads lag, and only an own
// yes says that the move of this generation is done.
func (d decider) move(made Made) *Decision {
	target := &Version{Version: d.r.Generation, KeyID: made.KeyID, CreatedAt: made.CreatedAt}
	if d.r.Target != 0 {
		target = clone(d.r.Next())
	}
	// Whoever has moved the alias meanwhile is not moved over, so the last thing
	// before a signature is a look; what is to wait waits before it.
	var before *Decision
	if d.o.AliasOld {
		before = &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias,
			Try: d.o.Tries[SignMove] + d.o.Tries[SendMove] + d.o.Tries[LookAlias]}}
	}
	return d.fencedCall(d.o.SignedMove, Terms{What: FencedMove}, *target, before)
}

// policyUnchanged answers whether a version has the key policy that one made now would
// get: it may have waited for weeks, and whom somebody has shut out meanwhile, or
// let in, the switch must not let in again or shut out. What this run has made a
// moment ago has it.
func (d decider) policyUnchanged(made Made) *Decision {
	if d.r.Step == Switching || d.r.Claim.Verb == VerbRollback {
		return nil
	}
	s := d.o.Policy
	if s == nil || s.KeyID != made.KeyID {
		if !d.propagating() {
			return d.notVisible("the policy of " + VersionName(d.targetVersion()))
		}
		return &Decision{Act: Act{Kind: LookPolicy, Version: d.targetVersion(), KeyID: made.KeyID, Try: d.o.Tries[LookPolicy] + d.o.Hidden}}
	}
	if s.differ(d.o.Like().ARN, d.targetARN()) {
		return refuse(d.policyChanged())
	}
	return nil
}

// targetARN is the ARN of the target as this run has described it.
func (d decider) targetARN() string {
	if d.o.Target == nil {
		return ""
	}
	return d.o.Target.ARN
}

// firstAlias ends adopt --create: CreateAlias succeeds once, so it needs no
// fence.
func (d decider) firstAlias(made Made) *Decision {
	create := &Decision{Act: Act{Kind: CreateAlias, Version: d.r.Generation, KeyID: made.KeyID, Name: d.p.Alias, Try: d.o.Tries[CreateAlias]}}
	done := d.o.FirstAlias
	if done == nil {
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
	return &Decision{Act: d.onBehalf(Writing(d.r.Generation, made.KeyID, FinishWrite{
		Target: &Version{Version: d.r.Generation, KeyID: made.KeyID, CreatedAt: made.CreatedAt},
		Window: latest(d.r.Window, d.p.Schedule.Window(d.now, d.r.Anchor).Start)}))}
}
