package plan

import (
	"fmt"
	"time"
)

// A person's `retire` disables one version now, because it is compromised. It ends a drain
// before its deadline, whoever uses or holds the version, and in a freeze. It changes
// nothing else: the version is not deleted earlier. What could break the live key stays
// checked as for cron: no other alias names the version, the alias is seen where the record
// says, and no alias move may still arrive or not show yet.
//
// The intent and the mark are one write. So no run but one of this verb ever disables a
// version early, whatever somebody writes into a record.

// retireNow decides for a person's `retire`.
func (d decider) retireNow() *Decision {
	if d.r.Active == 0 {
		return d.conclude(refuse(d.notYetMade()))
	}
	v, next := d.versionNamed(CodeNoVersion)
	if next != nil {
		return d.conclude(next)
	}
	if d.r.Step == Switching && v.Version == d.r.Active && d.o.Alias == nil { // the alias may have left it
		return d.conclude(look(LookAlias))
	}
	if ref := d.notRetirable(*v); ref != nil {
		return d.conclude(refuse(*ref))
	}
	return d.conclude(d.retireVersion(*v))
}

// notRetirable refuses a version that the alias names or may name soon, and one that
// somebody has reinstated since this run began.
func (d decider) notRetirable(v Version) *Refusal {
	name := VersionName(v.Version)
	ref := &Refusal{Code: CodeNotRetirable, Unwritten: true, Version: v.Version}
	switch {
	case v.Version == d.r.Active && d.r.Step == Switching && d.o.Alias.KeyID == d.r.Next().KeyID:
		ref.What = fmt.Sprintf("the record has %s as live, and the alias is on %s already: the switch of generation "+
			"%d is not finished", name, VersionName(d.targetVersion()), d.r.Generation)
		ref.Hint = RunNow(d.p).Noted("finishes the switch; then type it again")
	case v.Version == d.r.Active:
		ref.What = fmt.Sprintf("%s is live: without it nobody can encrypt", name)
		ref.Hint = Try("keyturn", "rotate", d.p.Name, "--again", reasonFlag, "...").Noted(
			"leaves it behind; then retire it")
	case v.State == "" || d.isTarget(v.KeyID):
		ref.What = fmt.Sprintf("generation %d is open and puts the alias onto %s", d.r.Generation, name)
		ref.Hint = Try("keyturn", "rotate", d.p.Name, "--abandon", reasonFlag, "...").Noted("gives it up for a new " +
			"version; then retire " + name)
	case d.reinstatedSince(v):
		over := d.overtakenBy(fmt.Sprintf("%s was reinstated%s, after this retire began", name,
			d.lastOf(EventReinstate, v.Version)))
		return &over
	default:
		return nil
	}
	return ref
}

// reinstatedSince reports whether a version was reinstated since this run began.
func (d decider) reinstatedSince(v Version) bool {
	var before time.Time
	if d.o.First == nil {
		return false
	}
	if was := d.o.First.Entry(v.Version); was != nil {
		before = was.ReinstatedAt
	}
	return v.ReinstatedAt.After(before)
}

// enabledLately reports whether keyturn may have enabled a version so lately that KMS shows
// its state before. An EnableKey has no fence: it may arrive long after its reinstate was
// typed, and after a retire. KMS refuses to disable a key that is pending deletion.
func (d decider) enabledLately(v Version, k KeySeen) bool {
	return d.now.Sub(v.ReinstatedAt) < LagAfterSwitch || k.State == KeyDisabled && !v.ReinstatedAt.IsZero()
}

// retireVersion looks at the version and marks it. It ends with success only if the version
// was seen disabled, or on this run's own yes.
func (d decider) retireVersion(v Version) *Decision {
	old, name := d.o.old(v.KeyID), VersionName(v.Version)
	if s := d.o.SignedOld; s != nil && s.KeyID == v.KeyID && s.Answer != nil && s.Answer.Verdict == Yes &&
		!v.enabled() {
		return stop(Settled, Reason{CodeRetired, name + " is disabled"})
	}
	unsure := old.Failed != nil && old.Failed.Kind == SendMark && old.Failed.Answer.Verdict == Unknown
	switch {
	case old.Failed != nil && !unsure:
		return stop(Failed, Reason{CodeFailed, old.Failed.Text()})
	case old.Key == nil:
		return &Decision{Act: Act{Kind: LookOld, Version: v.Version, KeyID: v.KeyID, Try: d.o.Tries[LookOld]}}
	case old.Key.Missing, old.Key.Down() && !d.enabledLately(v, *old.Key):
		return d.downAlready(v, *old.Key)
	case unsure:
		return stop(Failed, Reason{CodeNotKnown, fmt.Sprintf("whether %s is disabled is not known: %s; KMS shows it %s",
			name, old.Failed.Text(), old.Key.State)})
	case d.fencedOff(v.Fence, v.KeyID):
		why := fmt.Sprintf("run %s has signed a call to %s %s; it may arrive until %s", v.Fence.Run, v.Fence.What, name,
			Stamp(v.Fence.Until))
		wait := waitUntil(v.Fence.Until, Reason{CodeFenced, why})
		signed := v.Fence.Until.Add(-FenceFor)
		wait.Act.Fenced = d.now.Sub(signed) >= LeaseFor // before that the run may write the answer down
		return wait
	}
	if l := d.later(v); l != nil {
		return waitUntil(l.Act.Until, Reason{CodeLater, "whether " + name + " may retire " + l.Act.Later.Text()})
	}
	if next := d.lookOld(v.Version, v.KeyID); next != nil {
		return next
	}
	if next := d.trusted(v.Version, v.KeyID); next != nil {
		return unwritten(next)
	}
	if next := d.aliasInPlace(); next != nil {
		return next
	}
	if why := d.needed(v.Version, v.KeyID); why != "" {
		hint := Noted("move or delete that alias first: whoever uses it would fail")
		if d.o.Alias.KeyID != d.r.Live().KeyID { // on the target of an open switch
			hint = RunNow(d.p).Noted("finishes the switch; then type it again")
		}
		return refuse(Refusal{Code: CodeNotRetirable, Unwritten: true, Version: v.Version, Hint: hint,
			What: fmt.Sprintf("%s stays enabled: %s", name, why)})
	}
	if next := d.nameOld(v.Version, v.KeyID); next != nil { // last: the mark records the call
		return next
	}
	next := d.mark(FencedDisable, v.Version, v.KeyID)
	if w, marks := next.Act.Write.(MarkWrite); marks {
		w.Retires, w.Entry = true, v
		next.Act.Write, next.Act.Verb = w, VerbRetire
		next.Act = d.withReason(next.Act)
		next.Reasons = []Reason{{CodeRetired, d.q.Reason}}
	}
	return next
}

// downAlready ends a retire of a version that works no more. What it found is recorded, and
// that a person wants it so; not again where the record says that already.
func (d decider) downAlready(v Version, k KeySeen) *Decision {
	listed := d.r.Entry(v.Version)
	if enabled := listed != nil && listed.enabled(); enabled ||
		v.RetiredBy == "" && !k.Missing && !d.o.DidVerb {
		var ref *Refusal
		if enabled && k.State != KeyDisabled {
			ref = d.refusalGone(v, k)
		}
		next := d.foundRetired(v, k, ref)
		w, _ := next.Act.Write.(RetiredWrite)
		if k.State == KeyPendingDeletion {
			w.Found = did(EventFound, EventPending)
		}
		w.Retires, w.Entry = !k.Missing, v
		next.Act.Write, next.Act.Verb = w, VerbRetire
		next.Act = d.withReason(next.Act)
		return next
	}
	text := VersionName(v.Version) + " is disabled, and was retired" + d.lastOf(EventRetired, v.Version)
	if k.State != KeyDisabled {
		text = fmt.Sprintf("%s (%s) is %s", VersionName(v.Version), v.KeyID, stateText(k))
	}
	return stop(Settled, Reason{CodeRetired, text})
}
