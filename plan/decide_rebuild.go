package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RevGap is how far the revision of a rebuilt record is above the highest known one, so
// that no condition of a run with an older copy holds.
const RevGap = 1000

// rebuild decides for `adopt --from-kms`: a record that was lost, or restored from an
// older copy, is made again from the version aliases and their keys. It begins with a
// fence, because signatures from before are not known.
func (d decider) rebuild() *Decision {
	if d.o.AdoptedHere {
		return stop(Adopted, Reason{CodeRebuilt, "the record was rebuilt from KMS"})
	}
	if d.q.Interrupted { // a rebuild takes no lease, so there is none to give back
		return stop(Interrupted)
	}
	if f := d.o.Failure; f != nil {
		return stop(Failed, Reason{CodeFailed, f.Text()})
	}
	if d.q.All && d.r != nil {
		if next := d.notLost(); next != nil {
			return next
		}
	}
	switch {
	case d.q.ShownRev != nil && *d.q.ShownRev != d.rev():
		return refuse(d.otherThanShown())
	case d.r == nil:
	case d.r.Leased(d.now) && !d.leaseMine():
		return d.standBy()
	case d.r.Fenced(d.now): // a move that arrives later would contradict the rebuilt record
		return d.waitForFence()
	}
	l := d.o.Listing
	switch {
	case l == nil:
		return look(LookListing)
	case l.Alias == nil:
		return refuse(d.aliasMissing())
	case d.badVersion() != nil:
		return refuse(*d.badVersion())
	case d.o.LedgerRev == nil:
		return look(LookHistory)
	case len(l.Versions) == 0 && d.r == nil && *d.o.LedgerRev == 0:
		return refuse(Refusal{Code: CodeNoVersions, Unwritten: true,
			What: "KMS has no version alias of " + d.p.Alias +
				", and there is no ledger: there is nothing to rebuild a record from",
			Hint: Try("keyturn", "adopt", d.p.Name)})
	}
	for _, a := range l.Versions {
		n, _ := VersionOf(d.p.Alias, a.Name)
		if _, looked := d.o.Listed[n]; !looked {
			return &Decision{Act: Act{Kind: LookListed, Version: n, Name: a.Name, Try: d.o.Tries[LookListed]}}
		}
	}
	a := d.o.Alias
	switch {
	case a == nil:
		return &Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias}}
	case a.Missing || a.KeyID != l.Alias.KeyID:
		return stop(Lagging, Reason{CodeLag, "KMS does not agree with itself yet about what " + d.p.Alias + " names"})
	case d.r != nil && d.r.Active != 0 && a.KeyID != d.r.Live().KeyID && d.mayLag(*a):
		return d.lag(*a)
	case d.q.Expects != "" && a.KeyID != d.q.Expects:
		return refuse(d.movedSinceShown(*a))
	}
	for _, ref := range []*Refusal{d.unsupported(*a), d.unlikePlan(*a), d.ambiguous(), d.stillMarked()} {
		if ref != nil {
			ref.Unwritten = true
			return refuse(*ref)
		}
	}
	if d.explains() {
		switch t := d.o.Table; {
		case t == nil:
			return look(LookTable)
		case t.ID != "" && t.ID == d.r.TableID:
			return refuse(d.recordFits())
		}
	}
	r := d.rebuilt()
	if r.Generation > MaxVersion {
		return refuse(*d.badNumber(l.Versions[len(l.Versions)-1]))
	}
	why := []Reason{{CodeRebuild, fmt.Sprintf("%s: %s, generation %d", d.p.Alias, d.shown(), r.Generation)}}
	if kept := d.keptForUnknownTerms(r); kept != "" {
		why = append(why, Reason{CodeTermsUnknown, kept})
	}
	if d.recall().anchor().IsZero() && d.p.Schedule.UsesAnchorOfRecord() {
		why = append(why, Reason{CodeAnchorUnknown, fmt.Sprintf("its windows are counted from %s, when the alias was "+
			"last moved: nothing tells from when they were before", Stamp(r.Anchor))})
	}
	w := RebuildWrite{Record: r, Replaced: d.replaced(), Follows: d.follows(r), Ended: d.endedBefore(r)}
	return &Decision{Act: d.withReason(Writing(r.Active, r.Live().KeyID, w)), Reasons: why}
}

// keptForUnknownTerms describes which versions are kept because their terms were lost; ""
// if there are none. Versions that were kept before are not among them.
func (d decider) keptForUnknownTerms(r *Record) string {
	if rank(d.p.Retire.Action) == 0 {
		return ""
	}
	var kept []string
	for _, e := range r.Draining() {
		if rank(e.Retire.Action) == 0 && !d.recall().record.keeps(e.KeyID) {
			kept = append(kept, VersionName(e.Version))
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return strings.Join(kept, ", ") + ": nobody knows on which terms they were to be retired, so they are kept"
}

// explains reports whether the record explains all that KMS shows, and the ledger has
// nothing newer. A doubt counts against it, because a rebuild must be possible whenever
// a record is lost, damaged or old.
func (d decider) explains() bool {
	r := d.r
	if r == nil || r.Step != Steady || r.Active == 0 || r.Live().KeyID != d.o.Alias.KeyID ||
		*d.o.LedgerRev > r.Rev || r.differs(d.o.Ledger) > 0 {
		return false
	}
	for _, n := range d.listed() {
		seen := d.o.Listed[n]
		v := r.EntryOf(seen.KeyID)
		if d.leftOutAs(n, seen) != nil { // whatever its state
			continue
		}
		if v == nil || v.Version != n || n > r.Generation || v.enabled() != (seen.State == KeyEnabled) {
			return false
		}
	}
	return true
}

// notLost leaves a record that was not lost to itself, where no key was named: it is not of
// another table, and the ledger has nothing newer. Whether it agrees with KMS is not asked.
// A rebuild would accept whatever somebody put behind the alias, and give an open
// generation up; who wants that names the key.
func (d decider) notLost() *Decision {
	switch t := d.o.Table; {
	case t == nil:
		return look(LookTable)
	case d.o.LedgerRev == nil:
		return look(LookHistory)
	case OtherTable(d.p, d.r, t.ID) != nil, *d.o.LedgerRev > d.r.Rev, d.r.differs(d.o.Ledger) > 0:
		return nil
	}
	why := "the ledger has nothing newer"
	if d.o.Table.ID != "" && d.r.TableID != "" {
		why = "it is this table's own, and " + why
	}
	return stop(Settled, Reason{CodeNotLost, "the record of " + d.p.Alias + " was not lost: " + why})
}

// rev returns the revision of the record; 0 if there is none.
func (d decider) rev() int64 {
	if d.r == nil {
		return 0
	}
	return d.r.Rev
}

// otherThanShown refuses to rebuild another record than the question was about: one that
// somebody has rebuilt meanwhile is not lost.
func (d decider) otherThanShown() Refusal {
	if d.r == nil {
		return d.overtakenBy("the record was there when the question was asked, and is not now")
	}
	return d.overtakenBy("the record was written since the question was asked: " + d.standsNow())
}

// movedSinceShown refuses to make a key the live version which nobody was shown.
func (d decider) movedSinceShown(a KeySeen) Refusal {
	return Refusal{Code: CodeDrift, Unwritten: true, About: a.KeyID,
		What: fmt.Sprintf("alias moved: it names %s by now, and %s when the question was asked", a.KeyID, d.q.Expects),
		Hint: Try("keyturn", "adopt", d.p.Name, "--from-kms", reasonFlag, "...").Noted("asks about what it names now")}
}

// recordFits refuses to rebuild a record that is in order, because a rebuild has costs
// that nobody expects.
func (d decider) recordFits() Refusal {
	return Refusal{Code: CodeRecordFits, Unwritten: true,
		What: fmt.Sprintf("the record of %s fits the table and KMS; to rebuild it would begin all drains again "+
			"and keep rollbacks off for %s", d.p.Alias, FormatDuration(FenceFor)),
		Hint: Try("keyturn", "status", d.p.Name)}
}

// ambiguous refuses version aliases that contradict each other: two on one key, one that
// names no key, or one on a version of another alias.
func (d decider) ambiguous() *Refusal {
	first := map[string]int64{}
	var odd []string
	for _, n := range d.listed() {
		seen := d.o.Listed[n]
		switch other, twice := first[seen.KeyID]; {
		case seen.Missing:
			odd = append(odd, fmt.Sprintf("%s names no key", VersionName(n)))
		case twice:
			odd = append(odd, fmt.Sprintf("%s and %s name one key", VersionName(other), VersionName(n)))
		case seen.MadeFor != "" && seen.MadeFor != d.p.Alias:
			odd = append(odd, fmt.Sprintf("%s is tagged as a version of %s", VersionName(n), seen.MadeFor))
		}
		first[seen.KeyID] = n
	}
	if len(odd) == 0 {
		return nil
	}
	return &Refusal{Code: CodeAmbiguous,
		What: fmt.Sprintf("the version aliases of %s do not tell one story: %s. Seen: %s",
			d.p.Alias, strings.Join(odd, "; "), d.shown()),
		Hint: Try("aws", "kms", "list-aliases", "--region", d.p.Region).Noted(
			"shows them; delete the version aliases that are wrong")}
}

// listed returns the versions of the listing, in order.
func (d decider) listed() []int64 {
	var ns []int64
	for _, a := range d.o.Listing.Versions {
		if n, ok := VersionOf(d.p.Alias, a.Name); ok {
			ns = append(ns, n)
		}
	}
	slices.Sort(ns)
	return ns
}

// shown describes what was seen, for a person who must judge it.
func (d decider) shown() string {
	var parts []string
	for _, n := range d.listed() {
		seen := d.o.Listed[n]
		state := seen.State
		if seen.KeyID == d.o.Alias.KeyID {
			state += ", behind the alias"
		}
		parts = append(parts, fmt.Sprintf("%s = %s (%s)", VersionName(n), seen.KeyID, state))
	}
	return strings.Join(parts, ", ")
}

// rebuilt returns the new record. A version that is enabled and not behind the alias
// drains from now and is kept then, because the terms of its switch may have been more
// careful than today's plan. One that is disabled was retired at an unknown time. See
// decide_remember.go for what an older record adds.
func (d decider) rebuilt() *Record {
	versions := d.listed()
	now := d.now.UTC()
	since := d.o.Listing.Alias.MovedAt.UTC()
	if since.IsZero() {
		since = now
	}
	r := &Record{
		Key: d.p.Key(), Schema: SchemaVersion, Rev: *d.o.LedgerRev, Step: Steady,
		AliasARN: d.o.Listing.Alias.ARN, Anchor: since.Truncate(time.Second),
		Generation: 1, SwitchedAt: now,
		Fence:      &Fence{What: FencedMove, Since: now, Until: now.Add(FenceFor), Signers: 1},
		MovesUntil: now.Add(FenceFor),
	}
	if len(versions) > 0 {
		r.Generation = versions[len(versions)-1] + 1
	}
	told := d.recall()
	old := told.record
	if d.r != nil {
		r.Rev = max(r.Rev, d.r.Rev)
		r.Events, r.LeftOut = d.r.Events[:len(d.r.Events)-len(d.replaced())], d.r.LeftOut
	}
	if a := told.anchor(); !a.IsZero() {
		r.Anchor = a
	}
	if old.Generation < MaxVersion { // a higher one is not from keyturn
		r.Generation = max(r.Generation, old.Generation+1)
	}
	r.Hold = told.hold(now)
	r.Window = latest(d.p.Schedule.Window(now, r.Anchor).Start, old.Window)
	lost := Careful(Retire{Action: RetireKeep}, d.p.Retire)
	live := Version{Version: d.unnamed(r.Generation), KeyID: d.o.Alias.KeyID, Since: since, Adopted: true}
	var draining, retired []Version
	for _, n := range versions {
		seen := d.o.Listed[n]
		switch {
		case seen.KeyID == d.o.Alias.KeyID:
			live = Version{Version: n, KeyID: seen.KeyID, Since: since}
		case seen.State == KeyEnabled || old.awaitsCheck(seen.KeyID):
			v := Version{Version: n, KeyID: seen.KeyID, State: Draining, Left: now, LeftUnknown: true,
				DrainUntil: now.Add(d.p.Drain), Retire: lost}
			v = remember(now, seen.At, old, d.p.RetireOf(seen.Spec, seen.Usage), v)
			if seen.State == KeyEnabled && !v.LookAfter.IsZero() { // a mark may be lost
				v.LookAfter = latest(v.LookAfter, r.Fence.Until)
			}
			draining = append(draining, v)
		default:
			v := Version{Version: n, KeyID: seen.KeyID, State: Disabled, Left: now, LeftUnknown: true, DisabledAt: now,
				DisabledUnknown: true, DeleteAt: seen.DeletionAt}
			if !v.DeleteAt.IsZero() {
				v.State = Deleting
			}
			retired = append(retired, remember(now, seen.At, old, Retire{}, v))
		}
	}
	if was := old.EntryOf(live.KeyID); was != nil {
		live.Hold, live.ReinstatedAt = clone(was.Hold), was.ReinstatedAt
	}
	r.goLive(live)
	r.Versions = slices.Concat(r.Versions, draining, retired)
	r.rememberUnnamed(now, old, d.p.Drain, lost)
	d.leaveOutKept(r, old)
	return r
}

// endedBefore returns the versions that drain by what the record and the ledger tell, and that
// the new record has as disabled. Before the deadline of a drain keyturn does not do that;
// after it a call may have been sent that an older record does not have.
func (d decider) endedBefore(r *Record) (ended []Ended) {
	for _, was := range d.recall().record.Draining() {
		v := r.EntryOf(was.KeyID)
		if v != nil && v.Version == was.Version && (v.State == Disabled || v.State == Deleting) &&
			was.drainsUntouched() && d.now.Before(was.DrainUntil) {
			ended = append(ended, Ended{Version: was.Version, KeyID: was.KeyID, Until: was.DrainUntil})
		}
	}
	return ended
}

// leaveOutKept drops of the versions that drain only to be kept, for nothing else is known
// of them, all but the MaxKept that were live last. Listed or not, they stay enabled. One
// that neither its tags nor the ledger show is listed, so that the ledger gets to know it.
func (d decider) leaveOutKept(r, old *Record) {
	var kept []Version
	for _, v := range r.Draining() {
		was := old.EntryOf(v.KeyID)
		owed := was != nil && (was.State == Draining || d.now.Before(was.DrainUntil)) || v.Fence != nil ||
			!v.LookAfter.IsZero() || v.Held(d.now)
		known := d.isVersion(v.Version, d.o.Listed[v.Version])
		if v.Retire.Action == RetireKeep && !owed && known {
			kept = append(kept, v)
		}
	}
	slices.SortStableFunc(kept, liveLast)
	r.dropOver(d.now, kept, MaxKept)
}

// replaced returns the events of the older record from the first one on that the ledger
// tells otherwise. The event of the rebuild has them, so that both stories are kept.
func (d decider) replaced() []Event {
	rev := d.r.differs(d.o.Ledger)
	if rev == 0 {
		return nil
	}
	from := slices.IndexFunc(d.r.Events, func(e Event) bool { return e.Rev >= rev })
	return d.r.Events[from:]
}

// follows returns the newest event in the ledger, which that of the rebuild follows; zero
// if the record has a newer one.
func (d decider) follows(r *Record) Link {
	head := Head(d.o.Ledger)
	if len(r.Events) > 0 && r.Events[len(r.Events)-1].Rev > head.Rev {
		return Link{}
	}
	return head
}

// unnamed returns the number of a key behind the alias that no version alias names: that
// of the older record if it is free, otherwise the new generation.
func (d decider) unnamed(generation int64) int64 {
	v, ours := d.recall().record.VersionOfKey(d.o.Alias.KeyID)
	if _, taken := d.o.Listed[v]; ours && !taken {
		return v
	}
	return generation
}
