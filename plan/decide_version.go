package plan

import (
	"fmt"
	"time"
)

// AliasExists is KMS's error code for a name that is taken.
const AliasExists = "AlreadyExistsException"

// version finds or makes the version of the open generation. CreateKey has no idempotency
// token. The version alias takes its place: it can be created once, and the claim tag of
// its key shows for which claim it was made.
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
	case !looked && (taken || (d.o.ClaimedHere != d.r.Claim.ID || d.o.GaveLease) && !mine):
		// A run that has not written the claim looks before it makes anything, and so does
		// one that has freed its lease since.
		return none, d.lookVersion(g)
	case looked && !seen.Missing && mine && d.o.Fresh.KeyID != seen.KeyID:
		// This run's key has lost against another one, of this claim or not.
		return none, d.disableFresh(seen)
	case looked && !seen.Missing && (mine || seen.Claim == d.r.Claim.ID):
		return Made{Generation: g, KeyID: seen.KeyID, CreatedAt: seen.CreatedAt}, nil
	case looked && (seen.Missing && taken || !seen.Missing && seen.Claim == "") && d.propagating():
		return none, d.lookVersion(g) // it exists, and KMS does not show it yet
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

// leftoverKey disables a key of this run if another run has continued the generation
// without it. Before that the run looks at v<n>: the key may be the version itself.
func (d decider) leftoverKey() *Decision {
	f := d.fresh()
	if f == nil || d.o.Failure != nil {
		return nil
	}
	others := d.r.Leased(d.now) && !d.leaseMine()
	movedOn := d.r.movedOn(*f)
	if !others && !movedOn {
		return nil // this run may still name it
	}
	// The name may never exist any more, so the run waits for it only once, whatever it
	// forgets meanwhile and whatever else it waits for.
	wait := movedOn && d.mayStillShow(d.o.LeftoverSince)
	switch seen, looked := d.o.Version[f.Generation]; {
	case !looked && (wait || !movedOn), seen.Missing && wait:
		return d.lookVersion(f.Generation)
	case !seen.Missing && seen.KeyID != f.KeyID:
		return d.disableFresh(seen)
	}
	return nil
}

// movedOn reports whether the record has left the state in which a key can become the
// version of its generation.
func (r *Record) movedOn(m Made) bool { return r.Generation != m.Generation || r.Step != Claimed }

// fresh returns the key that this run has made and not seen named; nil if there is none,
// or if the record has it: then it is a version.
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

// leavesNameless reports whether this run ends with a key of its own that nobody can ever
// use, because it has no name and only this run knows its id. The next run makes another
// one. Left enabled, one such key would remain after every run while KMS refuses the name.
//
// If v<n> exists, it need not name another key: the network may have repeated this run's
// own request before it was answered. The same holds for an attempt without an answer.
// Then only a look at v<n> counts.
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
		Reasons: []Reason{{CodeNameless, f.KeyID + " was made by this run and has no name; nobody can use it"}}}
}

func (d decider) disableFresh(named VersionSeen) *Decision {
	return &Decision{Act: Act{Kind: DisableFresh, Version: named.Version, KeyID: d.o.Fresh.KeyID},
		Reasons: []Reason{{CodeLost, VersionAlias(d.p.Alias, named.Version) + " names " + named.KeyID +
			", made by another run"}}}
}

// nameLeft names an adopted version that a rollback leaves, while the alias proves what it
// is. A failure does not stop the rollback: a person who must leave a version cannot wait
// for its name.
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

// nameAdopted gives an adopted version its v<n>, before the new version gets its own. The
// alias proves that the key is a version; the record alone does not.
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
	return &Decision{Act: Act{Kind: NameVersion, Version: a.Version, KeyID: a.KeyID, Name: name,
		Try: d.o.Tries[NameVersion]}}
}

func (d decider) lookVersion(n int64) *Decision {
	return &Decision{Act: Act{Kind: LookVersion, Version: n, Name: VersionAlias(d.p.Alias, n),
		Try: d.o.Tries[LookVersion] + d.o.Hidden}}
}

// propagating reports whether KMS still has time to show what was made.
func (d decider) propagating() bool { return d.mayStillShow(d.o.WaitingSince) }

// mayStillShow is propagating for a wait that began at since.
func (d decider) mayStillShow(since time.Time) bool {
	return since.IsZero() || !d.o.Self.NoPause && d.now.Sub(since) < PropagationBudget
}

func (d decider) notVisible(what string) *Decision {
	why := fmt.Sprintf("KMS does not show %s yet, %s after it was made", what, FormatDuration(PropagationBudget))
	return stop(Lagging, Reason{CodeLag, why})
}

// targetVersion returns the version that the open generation puts behind the alias. For a
// rollback it is not the generation.
func (d decider) targetVersion() int64 {
	if d.r.Target != 0 {
		return d.r.Target
	}
	return d.r.Generation
}

// targetReady makes sure that the target works: this run has seen it Enabled and of the
// claim's spec and usage, and has tried it. KMS itself accepts a disabled key behind an
// alias, or one with another curve.
func (d decider) targetReady(made Made) *Decision {
	version := d.targetVersion()
	lookTarget := &Decision{Act: Act{Kind: LookTarget, Version: version, KeyID: made.KeyID, Try: d.o.Tries[LookTarget]}}
	t := d.o.Target
	if t == nil || t.KeyID != "" && t.KeyID != made.KeyID {
		return lookTarget
	}
	if t.Missing || t.State == KeyCreating {
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
	return try // after a hard no or too many tries there is a Failure, and this is not reached
}
