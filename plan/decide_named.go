package plan

import (
	"fmt"
	"slices"
)

// The record alone proves nothing. Otherwise somebody who can write the table, and has
// no rights in KMS, could make cron move the alias to any key, or disable any key. So
// an entry of a version counts only if KMS shows the same: v<n> names that key. Only
// keyturn makes these names, and each can be made once.

// proof is what this run knows about whether the v<n> of a version names its key.
type proof int

const (
	// notSeenYet: the run has not looked.
	notSeenYet proof = iota
	// proven: it does.
	proven
	// nameless: there is no v<n>.
	nameless
	// elsewhere: v<n> names another key.
	elsewhere
)

// proofOf returns whether v<n> names the key of an old version. The aliases of the key
// come first, because a run lists them for a version that may retire anyway. Only if
// v<n> is not among them, the run looks at v<n> itself.
func (d decider) proofOf(version int64, keyID string) proof {
	old := d.o.old(keyID)
	name := VersionAlias(d.p.Alias, version)
	seen, looked := d.o.Version[version]
	switch {
	case old.Named == version, // by this run, and AWS has said yes
		slices.ContainsFunc(old.Aliases, func(a AliasListed) bool { return a.Name == name }),
		looked && !seen.Missing && seen.KeyID == keyID: // the list lags
		return proven
	case !old.Listed || !looked:
		return notSeenYet
	case seen.Missing:
		return nameless
	}
	return elsewhere
}

// prove looks at what proofOf does not know yet.
func (d decider) prove(version int64, keyID string) *Decision {
	old := d.o.old(keyID)
	switch {
	case old.Failed != nil:
		return stop(Failed, Reason{CodeFailed, old.Failed.Text()})
	case !old.Listed:
		return &Decision{Act: Act{Kind: LookOldAliases, Version: version, KeyID: keyID, Name: d.p.Alias,
			Try: d.o.Tries[LookOldAliases]}}
	}
	return d.lookAgain(version)
}

// lookAgain looks which key v<n> names, without the pauses of a wait.
func (d decider) lookAgain(version int64) *Decision {
	next := d.lookVersion(version)
	next.Act.Try = d.o.Tries[LookVersion]
	return next
}

// unproven refuses a version that only the record has; nil if KMS shows the same, or if
// the run has not looked.
func (d decider) unproven(version int64, keyID string) *Refusal {
	switch d.proofOf(version, keyID) {
	case nameless:
		return d.onlyRecorded(version, keyID, nil)
	case elsewhere:
		seen := d.o.Version[version]
		return d.onlyRecorded(version, keyID, &seen)
	}
	return nil
}

// onlyRecorded refuses a version whose v<n> does not name its key. seen is the key that
// it names; nil if there is no v<n>.
func (d decider) onlyRecorded(version int64, keyID string, seen *VersionSeen) *Refusal {
	v, name := VersionName(version), VersionAlias(d.p.Alias, version)
	ref := &Refusal{Code: CodeVersionUnproven, About: VersionName(version) + " " + keyID,
		Version: version}
	if seen == nil {
		ref.What = fmt.Sprintf("only the record says that %s is %s: there is no %s", keyID, v, name)
		ref.Hint = Reinstate(d.p.Name, v).Noted(
			"reinstate names it: type it only if you know that it is " + v)
		return ref
	}
	ref.About += " " + seen.KeyID
	ref.What = fmt.Sprintf("only the record says that %s is %s: %s names %s", keyID, v, name, seen.KeyID)
	if seen.KeyID == keyID {
		ref.What = fmt.Sprintf("only the record says that %s was made for claim %s: the key's tag %s is %q", keyID,
			d.r.Claim.ID, claimTag, seen.Claim)
	}
	ref.Hint = d.fromKMS()
	return ref
}

// claimTag is the tag of a version with the id of its claim.
const claimTag = "keyturn:claim"

// fromKMS returns the hint for a record that differs from what KMS shows.
func (d decider) fromKMS() Hint {
	return FromKMS(d.p.Name).Noted("makes the record again from what KMS shows")
}

// FromKMS returns the hint to make a key's record again from what KMS shows.
func FromKMS(key string) Hint { return Try("keyturn", "adopt", key, "--from-kms", reasonFlag, "...") }

// unprovenOld returns the refusal for the first old version that this run left alone
// because v<n> does not name it. It stops nothing else.
func (d decider) unprovenOld() *Refusal {
	for _, v := range d.r.Old() {
		if ref := d.unproven(v.Version, v.KeyID); ref != nil {
			return ref
		}
	}
	return nil
}

// targetNamed makes sure that v<n> names the target and that its tag has the id of this
// claim, or for a rollback, that the target's own v<n> names it. Before that the target
// is neither tried nor signed for.
func (d decider) targetNamed(t Version) *Decision {
	if d.r.Claim.Verb == VerbRollback {
		return d.oldTargetNamed(t)
	}
	g := d.r.Generation // whatever number the record gives it
	if m := d.o.Made; m != nil && m.Generation == g && m.KeyID == t.KeyID {
		return nil // this run has made and named it for this claim
	}
	seen, looked := d.o.Version[g]
	switch {
	case !looked:
		return d.lookAgain(g)
	case !seen.Missing && seen.KeyID == t.KeyID && seen.Claim == d.r.Claim.ID:
		return nil
	case !seen.Missing && (seen.KeyID != t.KeyID || seen.Claim != ""):
		return refuse(*d.onlyRecorded(g, t.KeyID, &seen))
	case d.propagating(): // it may have been made a moment ago
		return d.lookVersion(g)
	case d.now.Sub(t.CreatedAt) < LagAfterSwitch:
		return d.notVisible(VersionAlias(d.p.Alias, g))
	case seen.Missing:
		return refuse(*d.onlyRecorded(g, t.KeyID, nil))
	}
	return refuse(*d.onlyRecorded(g, t.KeyID, &seen))
}

// oldTargetNamed is targetNamed for a rollback. A version without its v<n> gets it if
// the person has named the version.
func (d decider) oldTargetNamed(t Version) *Decision {
	if next := d.trusted(t.Version, t.KeyID); next != nil {
		return next
	}
	return d.nameOld(t.Version, t.KeyID)
}

// trusted makes sure that a person's verb may change an old version: v<n> names its key,
// or nothing does and this run may name it. A key that is a version of another number
// or of another alias gets no name.
func (d decider) trusted(version int64, keyID string) *Decision {
	other := otherVersion(d.o.old(keyID).Aliases, VersionAlias(d.p.Alias, version))
	switch p := d.proofOf(version, keyID); {
	case p == proven:
		return nil
	case p == notSeenYet:
		return d.prove(version, keyID)
	case p == nameless && d.mayName(version) && other == "":
		return nil
	case p == nameless && d.mayName(version):
		return refuse(d.namedOtherwise(version, keyID, other))
	}
	return refuse(*d.unproven(version, keyID))
}

// mayName reports whether this run names a version without a name: only if a person has
// named the version, because nothing else shows which key it is.
func (d decider) mayName(version int64) bool {
	return d.q.Version == version && (d.q.Verb == VerbRollback || d.q.Verb == VerbReinstate ||
		d.q.Verb == VerbRetire)
}

// nameOld gives a trusted old version its v<n>, unless it has it.
func (d decider) nameOld(version int64, keyID string) *Decision {
	name := VersionAlias(d.p.Alias, version)
	switch taken := d.o.Naming[version] == NameTaken; {
	case d.proofOf(version, keyID) == proven:
		return nil
	case taken && d.propagating(): // it exists, and is not shown yet
		return d.lookVersion(version)
	case taken:
		return d.notVisible(name)
	}
	return &Decision{Act: Act{Kind: NameVersion, Version: version, KeyID: keyID, Name: name,
		Try: d.o.Tries[NameVersion]},
		Reasons: []Reason{{CodeName, fmt.Sprintf("nothing in KMS names %s yet", VersionName(version))}}}
}

// otherVersion returns a version alias other than own; "" if there is none.
func otherVersion(aliases []AliasListed, own string) string {
	for _, a := range aliases {
		if of, _, _ := SplitVersion(a.Name); of != "" && a.Name != own {
			return a.Name
		}
	}
	return ""
}

func (d decider) namedOtherwise(version int64, keyID, other string) Refusal {
	v := VersionName(version)
	return Refusal{Code: CodeVersionUnproven, About: v + " " + keyID + " " + other,
		What:    fmt.Sprintf("only the record says that %s is %s: %s names it", keyID, v, other),
		Version: version, Hint: d.fromKMS()}
}

// nameRest ends a person's adopt: the version that this adopt has left gets its name, if
// no other alias names it. The name proves to cron and to a later rebuild what it is.
// Any other version without a name is reported: only the record says that it is one, and
// a person who knows can name it by a verb that names the version.
func (d decider) nameRest(end *Decision) *Decision {
	if d.r.Active == 0 || len(d.r.Old()) == 0 || end.Act.Kind != Stop || end.Act.Refusal != nil {
		return end
	}
	if d.o.Listing == nil {
		return look(LookListing)
	}
	for _, v := range d.unlisted() {
		old := d.o.old(v.KeyID)
		switch p := d.proofOf(v.Version, v.KeyID); {
		case old.Failed != nil || p == proven:
		case p == notSeenYet:
			return d.prove(v.Version, v.KeyID)
		case p == nameless && d.leftHere(v) && len(old.Aliases) == 0 && d.o.Naming[v.Version] == "":
			next := d.nameOld(v.Version, v.KeyID)
			next.Act.Optional = true
			return next
		default:
			ref := d.unproven(v.Version, v.KeyID)
			end.Reasons = append(end.Reasons, Reason{CodeVersionUnproven, ref.What})
		}
	}
	return d.orOldFailed(end)
}

// leftHere reports whether this run's adopt has ended the time of a version as the live
// one.
func (d decider) leftHere(v Version) bool {
	return d.o.AdoptedHere && v.State == Draining && v.Left.Equal(d.r.SwitchedAt)
}

// unlisted returns the old versions which, by the listing, their v<n> does not name.
func (d decider) unlisted() []Version {
	return slices.DeleteFunc(d.r.Old(), func(v Version) bool {
		deleting := v.State == Deleting || v.State == Gone // such a key takes no name
		return deleting || d.listedAs(v.Version, v.KeyID)
	})
}

// listedAs reports whether v<n> names a key, by the listing.
func (d decider) listedAs(version int64, keyID string) bool {
	name := VersionAlias(d.p.Alias, version)
	return slices.ContainsFunc(d.o.Listing.Versions, func(a AliasListed) bool {
		return a.Name == name && a.KeyID == keyID
	})
}

// unwritten marks the refusal of a verb that has begun nothing.
func unwritten(next *Decision) *Decision {
	if ref := next.Act.Refuses(); ref != nil {
		ref.Unwritten = true
	}
	return next
}
