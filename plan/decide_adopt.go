package plan

import (
	"fmt"
	"time"
)

// firstSight decides for a key that has no record.
func (d decider) firstSight() *Decision {
	if d.q.Interrupted {
		return stop(Interrupted)
	}
	if f := d.o.Failure; f != nil {
		return stop(Failed, Reason{CodeFailed, f.Text()})
	}
	l := d.o.Listing
	switch {
	case l == nil:
		return look(LookListing)
	case d.o.Caller == nil && (l.Alias == nil || len(l.Versions) > 0):
		// In the wrong account the key is neither missing nor lost.
		return look(LookCaller)
	case d.badVersion() != nil:
		return refuse(*d.badVersion())
	case d.o.LedgerRev == nil:
		return look(LookLedger)
	case (len(l.Versions) > 0 || *d.o.LedgerRev > 0 || l.Alias != nil && d.q.Create) && !d.o.ReadAgain:
		// Another pool may just have adopted the key, or made it.
		return look(LookRecord)
	case len(l.Versions) > 0 || *d.o.LedgerRev > 0:
		return refuse(d.recordLost(l.Versions))
	case l.Alias == nil && d.q.Create:
		return d.firstClaim()
	case l.Alias == nil:
		return refuse(d.aliasMissing())
	case d.q.Create:
		return refuse(Refusal{Code: CodeAliasTaken, About: l.Alias.KeyID, Unwritten: true,
			What: d.p.Alias + " exists already, and names " + l.Alias.KeyID,
			Hint: Try("keyturn", "adopt", d.p.Name).Noted("takes that key under management")})
	case d.q.Verb != VerbSchedule && d.q.Verb != VerbAdopt:
		return refuse(d.notManaged())
	}
	a := d.o.Alias
	switch {
	case a == nil:
		return &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias}}
	case a.Missing || a.KeyID != l.Alias.KeyID:
		return stop(Lagging, Reason{CodeLag, "KMS does not agree with itself yet about what " + d.p.Alias + " names"})
	}
	if ref := d.unsupported(*a); ref != nil {
		return refuse(*ref)
	}
	if ref := d.unlikePlan(*a); ref != nil {
		return refuse(*ref)
	}
	if next := d.lookRotation(*a, 1); next != nil {
		return next
	}
	since := l.Alias.MovedAt
	if since.IsZero() {
		since = a.CreatedAt
	}
	anchor := since.Truncate(time.Second).UTC()
	w := AdoptWrite{AliasARN: l.Alias.ARN, Anchor: anchor, Window: d.p.windowMadeFor(since, anchor),
		Live: Version{Version: 1, KeyID: a.KeyID, Since: since.UTC(), Adopted: true}}
	return &Decision{Act: d.withReason(Writing(1, a.KeyID, w)),
		Reasons: []Reason{{CodeFirstSight, d.p.Alias + " has no record yet"}}}
}

// firstClaim begins adopt --create: generation 1 makes the version and the alias.
func (d decider) firstClaim() *Decision {
	if d.p.Spec == "" || d.p.Usage == "" {
		return refuse(Refusal{Code: CodeSpecMissing,
			What: d.p.Alias + " is to be created, and the plan gives no spec and usage for it",
			Hint: Noted("add spec: and usage: under the key in the plan"), Unwritten: true})
	}
	if d.o.Caller == nil { // for the account in the ARN of the alias
		return look(LookCaller)
	}
	if next := d.newKeyReady(); next != nil {
		return next
	}
	w := FirstClaimWrite{AliasARN: aliasARN(*d.o.Caller, d.p.Region, d.p.Alias), Anchor: d.now.Truncate(time.Second),
		Claim: d.createClaim()}
	return &Decision{Act: Writing(1, "", w),
		Reasons: []Reason{{CodeCreate, d.p.Alias + " does not exist and is to be created"}}}
}

// createClaim returns the claim of an adopt --create.
func (d decider) createClaim() Claim {
	c := Claim{ID: d.o.Self.ClaimID, At: d.now, Verb: VerbAdopt, Drain: d.p.Drain,
		Spec: d.p.Spec, Usage: d.p.Usage, Reason: d.q.Reason}
	d.freezeRotation(&c)
	return c
}

// termsChanged reports whether the plan's spec or usage differs from that of the open
// claim, which KMS may refuse for good.
func (d decider) termsChanged() bool {
	return d.p.Spec != "" && d.p.Usage != "" && (d.p.Spec != d.r.Claim.Spec || d.p.Usage != d.r.Claim.Usage)
}

// claimAgain replaces the claim of an adopt --create by one with today's terms. It needs
// no fence: if the alias is made for the first claim after all, it cannot be made a
// second time, and the second claim finds which key it names.
func (d decider) claimAgain() *Decision {
	if d.r.Leased(d.now) && !d.leaseMine() {
		return d.standBy()
	}
	made, next := d.madeSoFar()
	if next != nil {
		return next
	}
	switch a := d.o.Alias; {
	case a == nil:
		return &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias}}
	case !a.Missing && made != nil && a.KeyID == made.KeyID:
		return d.underLease(d.open()) // it is made, and the record does not say so yet
	case !a.Missing:
		return refuse(d.aliasTaken())
	}
	if next := d.newKeyReady(); next != nil {
		return next
	}
	c := d.createClaim()
	w := AbandonWrite{Claim: &c, Dropped: made, Window: d.r.Window,
		Leaving: Leaving{Drain: d.p.Drain, Retire: d.p.RetireOf(d.r.Claim.Spec, d.r.Claim.Usage)}}
	why := fmt.Sprintf("%s is to be %s for %s now, and not %s for %s",
		d.p.Alias, d.p.Spec, d.p.Usage, d.r.Claim.Spec, d.r.Claim.Usage)
	return &Decision{Act: d.withReason(Writing(d.r.Generation, "", w)), Reasons: []Reason{{CodeCreate, why}}}
}

// adoptDrift takes the key that a person put behind the alias as a new generation.
func (d decider) adoptDrift() *Decision {
	if d.o.AdoptedHere {
		return d.nameRest(stop(Adopted))
	}
	if next := d.pursued(); next != nil { // an adopt --create, this run's or one that it joined
		if next.Act.Outcome == Adopted {
			return d.nameRest(next)
		}
		return next
	}
	if d.createdHere() {
		return d.nameRest(stop(Adopted))
	}
	if d.r.Active == 0 { // an adopt --create is open
		return d.claimAgain()
	}
	switch {
	case d.r.Leased(d.now) && !d.leaseMine():
		return d.standBy()
	case d.r.Fenced(d.now):
		return d.waitForFence()
	}
	a := d.o.Alias
	switch {
	case a == nil:
		return &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias}}
	case a.Missing:
		return refuse(d.aliasMissing())
	case d.q.Expects != "" && d.q.Expects != a.KeyID && d.isLiveOrNext(a.KeyID):
		return refuse(d.overtakenBy(fmt.Sprintf("%s named %s when the question was asked, and does not now: %s",
			d.p.Alias, d.q.Expects, d.standsNow())))
	case a.KeyID == d.r.Live().KeyID && d.r.Step == Steady:
		why := fmt.Sprintf("%s names %s, as recorded", d.p.Alias, VersionName(d.r.Active))
		return d.nameRest(stop(Settled, Reason{CodeNoDrift, why}))
	case d.isLiveOrNext(a.KeyID):
		// The alias may be on the target only after its move was confirmed.
		why := fmt.Sprintf("generation %d is open and the alias is on one of its versions: the next run goes on "+
			"with it",
			d.r.Generation)
		return stop(Settled, Reason{CodeNoDrift, why})
	case d.q.Expects != "" && a.KeyID != d.q.Expects: // nobody was shown this one
		return refuse(d.drift())
	case d.mayLag(*a):
		return d.lag(*a) // otherwise the record would have the earlier version as the live one
	}
	if ref := d.unsupported(*a); ref != nil {
		return refuse(*ref)
	}
	if ref := d.unlikePlan(*a); ref != nil {
		if a.Down() {
			ref.Hint = d.hintDrift(*a)
		}
		return refuse(*ref)
	}
	if d.markedKey(a.KeyID) {
		return refuse(d.markedFound(*a))
	}
	made, next := d.madeSoFar()
	if next != nil {
		return next
	}
	version, next := d.numberOf(a.KeyID, made)
	if next != nil {
		return next
	}
	retire, next := d.retireOfActive()
	if next != nil {
		return next
	}
	named := made != nil && made.KeyID == a.KeyID
	if named {
		made = nil // it is adopted, and does not drain
	}
	if d.p.Probe {
		switch pr := d.o.Probe; {
		case pr != nil && pr.Missing && !d.propagating():
			return d.notVisible(a.KeyID)
		case pr == nil || pr.Verdict != Yes:
			return &Decision{Act: Act{Kind: TryTarget, Version: version, KeyID: a.KeyID, Try: d.o.Tries[TryTarget]}}
		}
	}
	if next := d.lookRotation(*a, version); next != nil {
		return next
	}
	w := AdoptDriftWrite{Dropped: made, Leaving: Leaving{Drain: d.p.Drain, Retire: retire},
		Window: latest(d.r.Window, d.p.Schedule.Window(d.now, d.r.Anchor).Start),
		Live: Version{Version: version, KeyID: a.KeyID, Since: d.now,
			Adopted: !named && !d.listedAs(version, a.KeyID)}}
	why := fmt.Sprintf("%s was moved to %s by somebody else", d.p.Alias, a.KeyID)
	return &Decision{Act: d.withReason(Writing(version, a.KeyID, w)), Reasons: []Reason{{CodeDrift, why}}}
}

// isLiveOrNext reports whether a key is where the record has the alias, or where an open switch
// puts it.
func (d decider) isLiveOrNext(keyID string) bool {
	return keyID == d.r.Live().KeyID || d.r.Step == Switching && keyID == d.r.Next().KeyID
}

// numberOf returns the version number of a key found behind the alias: the one that it
// has already, otherwise that of the new generation. A version has one number and one
// version alias: with two, a later rebuild could not tell which is right.
func (d decider) numberOf(keyID string, made *Version) (int64, *Decision) {
	if made != nil && made.KeyID == keyID {
		return made.Version, nil
	}
	if d.o.Listing == nil {
		return 0, look(LookListing)
	}
	if ref := d.badVersion(); ref != nil {
		return 0, refuse(*ref)
	}
	known, ours := d.r.VersionOfKey(keyID)
	for _, a := range d.o.Listing.Versions {
		n, _ := VersionOf(d.p.Alias, a.Name)
		found := VersionSeen{Version: n, KeySeen: KeySeen{KeyID: a.KeyID}}
		switch {
		case a.KeyID == keyID && d.r.Forgotten(n):
			return d.numberOfLeftOut(found)
		case a.KeyID == keyID && !ours:
			return 0, refuse(d.foreignVersion(found))
		case ours && a.KeyID == keyID && n != known:
			return 0, refuse(d.namedOtherwise(known, keyID, a.Name))
		case ours && n == known && a.KeyID != keyID:
			return 0, refuse(*d.onlyRecorded(known, keyID, &found))
		}
	}
	if ours {
		return known, nil
	}
	return d.r.Generation + 1, nil
}

// numberOfLeftOut is numberOf for a key that is named as a version which the record has
// left out.
func (d decider) numberOfLeftOut(found VersionSeen) (int64, *Decision) {
	if next := d.lookLeftOut(found.Version); next != nil {
		return 0, next
	}
	if v := d.leftOut(found.Version); v == nil || v.KeyID != found.KeyID {
		return 0, refuse(d.foreignVersion(found))
	}
	return found.Version, nil
}

// createdHere reports whether this run made the alias of an adopt --create that is done
// now, although its own terms were others. KMS may not show the alias yet, so the run
// does not look at it.
func (d decider) createdHere() bool {
	c := d.r.Claim
	return d.r.Step == Steady && c != nil && c.Verb == VerbAdopt && d.o.FirstAlias != nil &&
		d.o.FirstAliasOf == d.r.Generation
}

// markedKey reports whether a call that was signed against a key may still arrive: it has
// a mark, or was reinstated and must be looked at again.
func (d decider) markedKey(keyID string) bool {
	v := d.r.EntryOf(keyID)
	return v != nil && (v.Fence != nil || !v.LookAfter.IsZero())
}
