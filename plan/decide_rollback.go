package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// rollback decides for a person's `rollback`: the alias back onto a version
// that was there before, as a new generation. Nothing is ever set back.
func (d decider) rollback() *Decision {
	if d.r.Active == nil {
		return d.ending(refuse(d.notYetMade()))
	}
	if next := d.pursued(); next != nil {
		return next
	}
	if d.r.Step != Steady {
		return d.rollbackOver()
	}
	if d.q.Version == d.r.Active.Version {
		return d.doneBefore()
	}
	if d.q.Version == 0 && d.doneMeanwhile(VerbRollback) && d.wanted() == d.r.Active.Version {
		return d.ending(stop(Settled, d.doneReason()))
	}
	if d.q.Version == 0 && !d.q.Again && d.carriedOut(VerbRollback) {
		return d.doneBefore(Reason{CodeAgain, "to roll back once more: --again, or name the version"})
	}
	target, ref := d.rollbackTarget()
	if ref == nil {
		ref = d.anotherDefault(target.Version)
	}
	if ref != nil {
		return d.ending(refuse(*ref))
	}
	return d.claimByPerson(d.newClaim(VerbRollback), target)
}

// rollbackOver gives an open generation up for a rollback. Over an open switch
// the default is the version that was active before it; over a version that
// still waits the alias has not moved, so there the default is the one before,
// as ever.
func (d decider) rollbackOver() *Decision {
	a := d.r.Active
	if d.q.Version == a.Version || d.q.Version == 0 && d.r.Step == Switching {
		if ref := d.anotherDefault(a.Version); ref != nil {
			return d.ending(refuse(*ref))
		}
		return d.abandon(d.newClaim(VerbRollback), &Target{Version: a.Version, KeyID: a.KeyID})
	}
	if d.r.Target != nil && d.q.Version == d.r.Target.Version {
		return d.ending(refuse(d.openOther()))
	}
	target, ref := d.rollbackTarget()
	if ref == nil {
		ref = d.anotherDefault(target.Version)
	}
	if ref != nil {
		return d.ending(refuse(*ref))
	}
	return d.abandon(d.newClaim(VerbRollback), target)
}

// anotherDefault refuses a rollback that names no version where that is by now
// another one than when this run began: the person meant the one from then.
func (d decider) anotherDefault(version int64) *Refusal {
	meant := d.wanted()
	if d.q.Version != 0 || meant == 0 || meant == version {
		return nil
	}
	ref := d.overtakenBy(fmt.Sprintf("when this rollback began, it was one to %s; by now it would be one to %s, for %s",
		VersionName(meant), VersionName(version), d.standsNow()))
	ref.Hint = fmt.Sprintf(`name the one you mean: keyturn rollback %s/%s --reason "..."`, d.p.Name, VersionName(meant))
	return &ref
}

// rollbackTarget finds the version to go back to: the one named, else of the
// usable ones below the active one that which was active last.
func (d decider) rollbackTarget() (*Target, *Refusal) {
	if d.q.Version != 0 {
		return d.namedTarget(d.q.Version)
	}
	var best *Target
	var since time.Time
	tied, unknown := false, false
	usable := d.usable()
	for _, u := range usable { // in their order: of two that left at one moment the later version stays
		if u.version >= d.r.Active.Version || u.left.IsZero() || u.left.Before(since) {
			continue
		}
		tied = best != nil && u.left.Equal(since)
		best, since, unknown = &Target{Version: u.version, KeyID: u.keyID}, u.left, u.unknown
	}
	if best == nil && len(d.r.Draining)+len(d.r.Retired) == 0 { // nothing to reinstate either
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true, Safe: safeAll,
			What: fmt.Sprintf("there is no version before %s", VersionName(d.r.Active.Version)),
			Hint: "keyturn rotate " + d.p.Name + ` --reason "..."`}
	}
	if best == nil && len(usable) > 0 {
		names := make([]string, len(usable))
		for i, u := range usable {
			names[i] = VersionName(u.version)
		}
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true, Safe: safeAll,
			What: fmt.Sprintf("no version before %s can be used; later ones can: %s", VersionName(d.r.Active.Version), strings.Join(names, ", ")),
			Hint: fmt.Sprintf(`name the one you mean: keyturn rollback %s/%s --reason "..."`, d.p.Name, names[len(names)-1])}
	}
	if best == nil {
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true, Safe: safeAll,
			What: fmt.Sprintf("no version before %s can be used: none is draining or kept", VersionName(d.r.Active.Version)),
			Hint: "keyturn reinstate " + d.p.Name + ", then again"}
	}
	if tied || unknown {
		return nil, &Refusal{Code: CodeNoVersion, Unwritten: true, Safe: safeAll,
			What: fmt.Sprintf("which version was live before %s is not known: the record was rebuilt from KMS", VersionName(d.r.Active.Version)),
			Hint: fmt.Sprintf(`name the one you mean: keyturn rollback %s/%s --reason "..."`, d.p.Name, VersionName(best.Version))}
	}
	return best, nil
}

// usable is a version that a rollback can put back.
type usable struct {
	version int64
	keyID   string
	left    time.Time // when it stopped being active; zero: it never was
	unknown bool      // left is only when the record was rebuilt
}

// usable lists them, the oldest first.
func (d decider) usable() []usable {
	var all []usable
	for _, e := range d.r.Draining {
		if e.LookAfter.IsZero() && e.Mark == nil {
			all = append(all, usable{e.Version, e.KeyID, e.Since, e.LeftUnknown})
		}
	}
	for _, t := range d.r.Retired {
		if !t.KeptAt.IsZero() && t.Mark == nil {
			all = append(all, usable{t.Version, t.KeyID, t.Since, t.LeftUnknown})
		}
	}
	slices.SortFunc(all, func(a, b usable) int { return cmp.Compare(a.version, b.version) })
	return all
}

// namedTarget checks a version that a person named.
func (d decider) namedTarget(version int64) (*Target, *Refusal) {
	v := VersionName(version)
	no := func(what, hint string) (*Target, *Refusal) {
		return nil, &Refusal{Code: CodeBadTarget, Unwritten: true, Safe: safeAll, What: v + " " + what, Hint: hint}
	}
	reinstate := fmt.Sprintf("keyturn reinstate %s/%s", d.p.Name, v)
	for _, e := range d.r.Draining {
		switch {
		case e.Version != version:
		case e.Mark != nil:
			return no("is being disabled", reinstate)
		case !e.LookAfter.IsZero():
			return no("was reinstated and is seen to once more after "+Stamp(e.LookAfter), "wait until then, and keyturn run")
		default:
			return &Target{Version: version, KeyID: e.KeyID}, nil
		}
	}
	for _, t := range d.r.Retired {
		switch {
		case t.Version != version:
		case t.Mark != nil && d.now.Before(t.Mark.Until):
			return no("is being disabled or deleted", reinstate)
		case t.KeptAt.IsZero():
			return no("is disabled", reinstate+", then again")
		default:
			return &Target{Version: version, KeyID: t.KeyID}, nil
		}
	}
	return no("is no version of "+d.p.Name, "keyturn status")
}
