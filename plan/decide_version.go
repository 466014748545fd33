package plan

import (
	"fmt"
	"time"
)

// AliasExists is KMS's code for a name that is taken.
const AliasExists = "AlreadyExistsException"

// version finds or makes the version of the open generation. CreateKey has no
// idempotency token, so what makes it idempotent is the version alias: it can
// be created once, and it tells by the claim tag of its key whose it is.
func (d decider) version() (Made, *Decision) {
	none := Made{}
	if t := d.r.Next(); t != nil {
		if next := d.nameLeft(); next != nil {
			return none, next
		}
		if next := d.targetNamed(*t); next != nil {
			return none, next
		}
		return Made{Generation: d.r.Generation, KeyID: t.KeyID, CreatedAt: t.CreatedAt}, nil
	}
	if a := d.r.Live(); a != nil && a.Adopted {
		if next := d.nameAdopted(*a); next != nil {
			return none, next
		}
	}
	g := d.r.Generation
	if m := d.o.Made; m != nil && m.Generation == g {
		return *m, nil
	}
	taken := d.o.Naming[g] == NameTaken
	seen, looked := d.o.Version[g]
	mine := d.o.Fresh != nil && d.o.Fresh.Generation == g
	switch {
	case !looked && (taken || d.o.ClaimedHere != d.r.Claim.ID && !mine):
		// A run that did not write the claim itself looks before it makes anything.
		return none, d.lookVersion(g)
	case looked && !seen.Missing && mine && d.o.Fresh.KeyID != seen.KeyID:
		// Ours has lost, be it to this claim's or to a foreign one.
		return none, d.disableFresh(seen)
	case looked && !seen.Missing && (mine || seen.Claim == d.r.Claim.ID):
		return Made{Generation: g, KeyID: seen.KeyID, CreatedAt: seen.CreatedAt}, nil
	case looked && (seen.Missing && taken || !seen.Missing && seen.Claim == "") && d.propagating():
		return none, d.lookVersion(g) // it is there, and cannot be read yet
	case looked && !seen.Missing:
		return none, refuse(d.foreignVersion(seen))
	case looked && taken:
		return none, d.notVisible(VersionAlias(d.p.Alias, g))
	}
	if mine {
		return none, &Decision{Act: Act{Kind: NameVersion, Version: g, KeyID: d.o.Fresh.KeyID,
			Name: VersionAlias(d.p.Alias, g), Try: d.o.Tries[NameVersion]}}
	}
	if next := d.newKeyReady(); next != nil {
		return none, next
	}
	if next := d.mayMake(); next != nil {
		return none, next
	}
	return none, d.createKey(g)
}

// leftoverKey deals with a key this run made for a generation that another run
// has gone on with. It is disabled at once, but only after it was read whom
// v<n> names: until then it may be the version itself.
func (d decider) leftoverKey() *Decision {
	f := d.fresh()
	if f == nil || d.o.Failure != nil {
		return nil
	}
	others := d.r.Leased(d.now) && !d.leaseMine()
	movedOn := d.r.movedOn(*f)
	if !others && !movedOn {
		return nil // still ours to name
	}
	// Nobody may ever have that name any more, so it is waited for once, whatever is
	// forgotten meanwhile and whatever else this run waits for.
	wait := movedOn && d.mayStillShow(d.o.LeftoverSince)
	switch seen, looked := d.o.Version[f.Generation]; {
	case !looked && (wait || !movedOn), seen.Missing && wait:
		return d.lookVersion(f.Generation)
	case !seen.Missing && seen.KeyID != f.KeyID:
		return d.disableFresh(seen)
	}
	return nil
}

// movedOn tells whether the record has gone on from the generation a key was made
// for.
func (r *Record) movedOn(m Made) bool { return r.Generation != m.Generation || r.Step != Claimed }

// fresh is the key this run has made and not seen named, unless the record knows
// it: then it is a version, whatever this run has seen of its name.
func (d decider) fresh() *Made {
	f := d.o.Fresh
	if f == nil {
		return nil
	}
	if _, known := d.r.VersionOfKey(f.KeyID); known {
		return nil
	}
	return f
}

// leavesNameless tells whether this run is about to end with a key of its own
// that nobody can ever use, because no name leads to it and its id is known to
// this run alone. The next run makes another one; to leave this one enabled would
// leave one behind at every run for as long as KMS refuses the name.
//
// That v<n> exists does not say that another key has it: the network may have
// repeated this run's own request before it was answered. Neither does an attempt
// without an answer. Then only who was read behind v<n> counts.
func (d decider) leavesNameless() bool {
	f := d.fresh()
	if f == nil || d.q.Interrupted {
		return false
	}
	if seen, looked := d.o.Version[f.Generation]; looked && !seen.Missing {
		return seen.KeyID != f.KeyID
	}
	return !d.o.FreshUnsure && d.o.Naming[f.Generation] != NameTaken
}

func (d decider) disableNameless() *Decision {
	f := d.o.Fresh
	return &Decision{Act: Act{Kind: DisableFresh, Version: f.Generation, KeyID: f.KeyID},
		Reasons: []Reason{{CodeNameless, fmt.Sprintf("%s was made by this run and has no name; nobody can use it",
			f.KeyID)}}}
}

func (d decider) disableFresh(named VersionSeen) *Decision {
	return &Decision{Act: Act{Kind: DisableFresh, Version: named.Version, KeyID: d.o.Fresh.KeyID},
		Reasons: []Reason{{CodeLost, fmt.Sprintf("%s names %s, made by another run",
			VersionAlias(d.p.Alias, named.Version), named.KeyID)}}}
}

// nameLeft names an adopted version that a rollback leaves, while the alias shows
// what it is. Where that cannot be, the rollback goes on: the one who has to leave
// a version must not wait for its name.
func (d decider) nameLeft() *Decision {
	a := d.r.Live()
	if a == nil || !a.Adopted || d.r.Claim.Verb != VerbRollback || d.o.old(a.KeyID).Failed != nil {
		return nil
	}
	next := d.nameAdopted(*a)
	if next == nil || next.Act.Kind == Stop || d.o.Naming[a.Version] == NameTaken {
		return nil
	}
	next.Act.Optional = true
	return next
}

// nameAdopted gives an adopted version its v<n>, before the new one's. That the
// alias names it is what shows that it is a version; the record alone does not.
func (d decider) nameAdopted(a Version) *Decision {
	name := VersionAlias(d.p.Alias, a.Version)
	old := d.o.old(a.KeyID)
	switch {
	case d.o.Alias.KeyID != a.KeyID:
		return d.lag(*d.o.Alias)
	case old.Failed != nil:
		return stop(Failed, Reason{CodeFailed, old.Failed.Text()})
	case !old.Listed:
		return d.prove(a.Version, a.KeyID)
	case d.proofOf(a.Version, a.KeyID) == proven:
		return nil
	}
	for _, other := range old.Aliases {
		if of, _, _ := SplitVersion(other.Name); of == d.p.Alias {
			return refuse(d.namedOtherwise(a.Version, a.KeyID, other.Name))
		}
	}
	switch d.o.Naming[a.Version] {
	case NameMade:
		return nil
	case NameTaken:
		switch seen, looked := d.o.Version[a.Version]; {
		case looked && !seen.Missing && seen.KeyID == a.KeyID:
			return nil
		case looked && !seen.Missing:
			return refuse(d.foreignVersion(seen))
		case looked && !d.propagating():
			return d.notVisible(name)
		}
		return d.lookVersion(a.Version)
	}
	return &Decision{Act: Act{Kind: NameVersion, Version: a.Version, KeyID: a.KeyID, Name: name, Try: d.o.Tries[NameVersion]}}
}

func (d decider) lookVersion(n int64) *Decision {
	return &Decision{Act: Act{Kind: LookVersion, Version: n, Name: VersionAlias(d.p.Alias, n), Try: d.o.Tries[LookVersion] + d.o.Hidden}}
}

// propagating tells whether KMS may still be given time to show what was made.
func (d decider) propagating() bool { return d.mayStillShow(d.o.WaitingSince) }

// mayStillShow is the same of a wait of its own.
func (d decider) mayStillShow(since time.Time) bool {
	return since.IsZero() || !d.o.Self.NoPause && d.now.Sub(since) < PropagationBudget
}

func (d decider) notVisible(what string) *Decision {
	return stop(Lagging, Reason{CodeLag, fmt.Sprintf("KMS does not show %s yet, %s after it was made", what,
		FormatDuration(PropagationBudget))})
}

// targetVersion is the version that the open generation puts behind the alias.
// A rollback's is not its own number.
func (d decider) targetVersion() int64 {
	if d.r.Target != 0 {
		return d.r.Target
	}
	return d.r.Generation
}

// targetReady answers whether the target may stand behind the alias: in this
// run described Enabled, of the frozen spec and usage, and tried. KMS itself
// refuses neither a disabled target nor another curve.
func (d decider) targetReady(made Made) *Decision {
	version := d.targetVersion()
	lookTarget := &Decision{Act: Act{Kind: LookTarget, Version: version, KeyID: made.KeyID, Try: d.o.Tries[LookTarget]}}
	t := d.o.Target
	if t == nil || t.KeyID != "" && t.KeyID != made.KeyID {
		return lookTarget
	}
	if t.Missing || t.State == "Creating" {
		if d.propagating() {
			return lookTarget
		}
		return d.notVisible(made.KeyID)
	}
	if ref := d.unfitTarget(*t); ref != nil {
		return refuse(*ref)
	}
	if !d.p.Probe {
		return nil
	}
	try := &Decision{Act: Act{Kind: TryTarget, Version: version, KeyID: made.KeyID, Try: d.o.Tries[TryTarget]}}
	switch a := d.o.Probe; {
	case a == nil:
		return try
	case a.Verdict == Yes:
		return nil
	case a.Missing && !d.propagating():
		return d.notVisible(made.KeyID)
	}
	return try // hard noes and too many tries became a Failure when they were learnt
}
