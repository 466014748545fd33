package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// rollback decides for a person's `rollback`: a new generation moves the alias back to an
// earlier version. No number is ever counted down.
func (d decider) rollback() *Decision {
	if d.r.Active == 0 {
		return d.conclude(refuse(d.notYetMade()))
	}
	if next := d.pursued(); next != nil {
		return next
	}
	if d.r.Step != Steady {
		return d.rollbackOver()
	}
	if d.q.Version == d.r.Active {
		return d.putBack()
	}
	if d.q.Version == 0 && d.doneMeanwhile(VerbRollback) && d.rollbackVersion() == d.r.Active {
		return d.alreadyDone()
	}
	if d.q.Version == 0 && !d.q.Again && d.carriedOut(VerbRollback) && d.asMeant() {
		return d.alreadyDone(Reason{CodeAgain, "to roll back once more: --again, or name the version"})
	}
	if next := d.lookLeftOut(d.q.Version); next != nil {
		return d.conclude(next)
	}
	target, ref := d.rollbackTarget()
	if ref == nil {
		ref = d.anotherDefault(target.Version)
	}
	if ref != nil {
		return d.conclude(refuse(*ref))
	}
	return d.claimByPerson(d.newClaim(VerbRollback), target)
}

// asMeant reports whether the last rollback is the one that a second one without a version
// asks for: it was over when this one began, or it came to the same version.
func (d decider) asMeant() bool {
	first, meant := d.o.First, d.rollbackVersion()
	return meant == 0 || meant == d.r.Active ||
		first != nil && first.Step == Steady && first.Claim != nil && first.Claim.ID == d.r.Claim.ID
}

// putBack decides for a rollback to the version that is live by the record. If the alias is
// on it, that is done. If somebody else has moved the alias, a new generation puts it back,
// from the key that the person was shown.
func (d decider) putBack() *Decision {
	if !d.drifted() {
		return d.alreadyDone()
	}
	c := d.newClaim(VerbRollback)
	c.Expects = d.shownOn()
	return d.claimByPerson(c, clone(d.r.Live()))
}

// shownOn returns the key on which the person was shown the alias: in a question that this
// verb asked, otherwise where this run first saw it.
func (d decider) shownOn() string { return cmp.Or(d.q.Expects, d.o.FoundOn) }

// drifted reports whether the alias was seen where somebody else has put it.
func (d decider) drifted() bool {
	a := d.o.Alias
	switch {
	case a == nil || a.Missing || a.KeyID == d.r.Live().KeyID:
		return false
	case d.r.Step == Switching && a.KeyID == d.r.Next().KeyID:
		return false
	}
	return !d.mayLag(*a) || d.o.Moved != nil && d.lateEnough(d.o.Moved.MovedAt)
}

// putBackMeant reports whether an open put-back is what a rollback to its target wants: the
// alias is where both persons were shown it, or on the target already. A person who was
// shown it on another key wants another one.
func (d decider) putBackMeant() bool {
	from, a := d.r.Claim.Expects, d.o.Alias
	switch {
	case from == "":
		return true
	case d.q.Version == 0: // if it was the default when this verb began
		return d.o.First == nil || d.rollbackVersion() == d.r.Target
	}
	return a != nil && (a.KeyID == d.r.Live().KeyID || a.KeyID == from && from == d.shownOn())
}

// rollbackOver gives an open generation up for a rollback. In an open switch the default
// target is the live version. Before the switch the alias has not moved, so the default
// is the version before the live one, as without an open generation.
func (d decider) rollbackOver() *Decision {
	a := d.r.Live()
	if d.r.Claim.Expects != "" && d.o.Alias == nil { // see putBackMeant
		return &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias}}
	}
	if d.q.Version == a.Version || d.q.Version == 0 && d.r.Step == Switching {
		if ref := d.anotherDefault(a.Version); ref != nil {
			return d.conclude(refuse(*ref))
		}
		c := d.newClaim(VerbRollback)
		if d.q.Version == a.Version {
			c.Expects = d.shownOn()
		}
		return d.abandon(c, &Version{Version: a.Version, KeyID: a.KeyID})
	}
	if d.r.Opens(d.q.Version) {
		return d.conclude(refuse(d.openOther()))
	}
	if next := d.lookLeftOut(d.q.Version); next != nil {
		return d.conclude(next)
	}
	target, ref := d.rollbackTarget()
	if ref == nil {
		ref = d.anotherDefault(target.Version)
	}
	if ref != nil {
		return d.conclude(refuse(*ref))
	}
	return d.abandon(d.newClaim(VerbRollback), target)
}

// anotherDefault refuses a rollback without a version named if the default has changed
// since this run began: the person meant the earlier one.
func (d decider) anotherDefault(version int64) *Refusal {
	meant := d.rollbackVersion()
	if d.q.Version != 0 || meant == 0 || meant == version {
		return nil
	}
	ref := d.overtakenBy(fmt.Sprintf("when this rollback began, it was one to %s; by now it would be one to %s, for %s",
		VersionName(meant), VersionName(version), d.standsNow()))
	ref.Hint = d.nameOne(VerbRollback, meant)
	return &ref
}

// rollbackTarget returns the version to go back to: the one named, otherwise the one that
// was live last of the usable ones before the live version.
func (d decider) rollbackTarget() (*Version, *Refusal) {
	if d.q.Version != 0 {
		return d.namedTarget(d.q.Version)
	}
	var best *Version
	tied := false
	usable := d.usable()
	for i, v := range usable { // in order: of two that left at the same time the later version stays
		if v.Version >= d.r.Active || v.Left.IsZero() || best != nil && v.Left.Before(best.Left) {
			continue
		}
		tied = best != nil && v.Left.Equal(best.Left)
		best = &usable[i]
	}
	if n := d.r.LeftOutBelow(d.r.Active); best == nil && n > 0 {
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true,
			What: fmt.Sprintf("the record lists no version before %s that can be used; it has left out older ones, "+
				"up to %s", VersionName(d.r.Active), VersionName(n)),
			Hint: d.nameOne(VerbRollback, n)}
	}
	if best == nil && len(d.r.Old()) == 0 { // nothing to reinstate either
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true,
			What: fmt.Sprintf("there is no version before %s", VersionName(d.r.Active)),
			Hint: d.hintRotate()}
	}
	if best == nil && len(usable) > 0 {
		names := make([]string, len(usable))
		for i, u := range usable {
			names[i] = VersionName(u.Version)
		}
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true,
			What: fmt.Sprintf("no version before %s can be used; later ones can: %s",
				VersionName(d.r.Active), strings.Join(names, ", ")),
			Hint: d.nameOne(VerbRollback, usable[len(usable)-1].Version)}
	}
	if best == nil {
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true,
			What: fmt.Sprintf("no version before %s can be used: none is draining or kept", VersionName(d.r.Active)),
			Hint: d.reinstateAny()}
	}
	// The kept versions that were left out were live before those that are listed, as far as
	// the order of their numbers is that in which they were live.
	certain := best.Version > d.r.LeftOutBelow(d.r.Active) || !best.Left.Before(d.r.SwitchedAt)
	if tied || best.LeftUnknown || !certain {
		why := "the record was rebuilt from KMS"
		switch {
		case tied && !best.LeftUnknown:
			why = fmt.Sprintf("%s and another one stopped being live at the same time", VersionName(best.Version))
		case !best.LeftUnknown:
			why = "the record has left out others"
		}
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true,
			What: fmt.Sprintf("which version was live before %s is not known: %s", VersionName(d.r.Active), why),
			Hint: d.nameOne(VerbRollback, best.Version)}
	}
	return best, nil
}

// reinstateAny returns the hint for a rollback to which no version is left: the default of
// reinstate, or where that is refused, the version that its refusal names.
func (d decider) reinstateAny() Hint {
	if _, ref := d.reinstateWhich(); ref != nil {
		return ref.Hint
	}
	return d.reinstateFirst("")
}

// usable returns the versions that a rollback can go back to, the oldest first.
func (d decider) usable() []Version {
	all := slices.DeleteFunc(d.r.Old(), func(v Version) bool {
		enabled := v.State == Draining && v.LookAfter.IsZero() || v.State == Kept
		return !enabled || v.Fence != nil
	})
	slices.SortFunc(all, func(a, b Version) int { return cmp.Compare(a.Version, b.Version) })
	return all
}

// namedTarget checks a version that a person named.
func (d decider) namedTarget(version int64) (*Version, *Refusal) {
	v := VersionName(version)
	no := func(what string, hint Hint) (*Version, *Refusal) {
		return nil, &Refusal{Code: CodeBadTarget, Unwritten: true, Version: version, What: v + " " + what, Hint: hint}
	}
	reinstate := d.reinstateFirst(v)
	e := cmp.Or(d.r.Entry(version), d.leftOut(version))
	switch {
	case e == nil && d.r.Forgotten(version):
		return nil, d.notLeftOut(CodeBadTarget, version)
	case e == nil || e.State == "":
	case e.enabled() && e.Fence != nil:
		return no("is being disabled", reinstate)
	case !e.LookAfter.IsZero() && !e.CheckedAt.IsZero(): // see checkReinstated
		return no("was reinstated, and only the record knows it", reinstate)
	case !e.LookAfter.IsZero():
		return no("was reinstated and is looked at again after "+Stamp(e.LookAfter),
			Noted("type it again after the first keyturn run later than that"))
	case e.Fence != nil && d.now.Before(e.Fence.Until):
		return no("is being disabled or deleted", reinstate)
	case e.State != Draining && e.State != Kept:
		return no("is disabled or to be deleted, by the record", reinstate)
	default:
		return e, nil
	}
	return no("is no version of "+d.p.Name, Try("keyturn", "status", d.p.Name))
}
