package plan

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// RevGap is how far a rebuilt record's revision lies above the highest one
// known: no run that still holds an older copy can meet its conditions.
const RevGap = 1000

// rebuild decides for `adopt --from-kms`: a record that was lost, or restored
// from an older copy, is made again from the version aliases and what they
// name. It starts with a fence, for nobody knows what was signed before.
func (d decider) rebuild() Decision {
	if d.o.AdoptedHere {
		return stop(Adopted, Reason{"rebuilt", "the record was rebuilt from KMS"})
	}
	if f := d.o.Failure; f != nil {
		return stop(Failed, Reason{"failed", f.Doing + ": " + f.Answer.Code + " " + f.Answer.Message})
	}
	if d.r != nil && d.r.Leased(d.now) && !d.leaseMine() {
		return d.standBy()
	}
	l := d.o.Listing
	switch {
	case l == nil:
		return look(LookListing)
	case l.Alias == nil:
		return refuse(d.aliasMissing())
	case len(l.Versions) == 0 && d.r == nil:
		return refuse(Refusal{Code: "no-versions", Unwritten: true, Safe: safeAll,
			What: "KMS has no version alias of " + d.p.Alias + ": there is nothing to rebuild a record from",
			Hint: "keyturn adopt " + d.p.Name})
	case d.o.LedgerRev == nil:
		return look(LookLedger)
	}
	for _, a := range l.Versions {
		n, _ := VersionOf(d.p.Alias, a.Name)
		if _, looked := d.o.Version[n]; !looked {
			next := d.lookVersion(n)
			next.Act.Try = d.o.Tries[LookVersion] // what the others did not show is nothing to wait for
			return next
		}
	}
	a := d.o.Alias
	switch {
	case a == nil:
		return Decision{Act: Act{Kind: LookAlias, Name: d.p.Alias}}
	case a.Missing || a.KeyID != l.Alias.KeyID:
		return stop(Lagging, Reason{"lag", "KMS does not agree with itself yet about what " + d.p.Alias + " names"})
	}
	for _, ref := range []*Refusal{d.unsupported(*a), d.unlikePlan(*a), d.ambiguous(), d.markedStill()} {
		if ref != nil {
			ref.Unwritten = true
			return refuse(*ref)
		}
	}
	r := d.rebuilt()
	return Decision{Act: Act{Kind: WriteRebuild, Version: r.Active.Version, KeyID: r.Active.KeyID, Rebuilt: r, Reason: d.q.Reason},
		Reasons: []Reason{{"rebuild", fmt.Sprintf("%s: %s, generation %d", d.p.Alias, d.shown(), r.Generation)}}}
}

// ambiguous refuses what does not tell one story: two version aliases on one
// key, one that names nothing, or a key that another alias made.
func (d decider) ambiguous() *Refusal {
	first := map[string]int64{}
	var odd []string
	for _, n := range d.listed() {
		seen := d.o.Version[n]
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
	return &Refusal{Code: "ambiguous", Safe: safeAll,
		What: fmt.Sprintf("the version aliases of %s do not tell one story: %s. Seen: %s", d.p.Alias, strings.Join(odd, "; "), d.shown()),
		Hint: "aws kms list-aliases; delete the version aliases that are wrong"}
}

// listed gives the versions that the listing shows, in order.
func (d decider) listed() []int64 {
	var ns []int64
	for _, a := range d.o.Listing.Versions {
		if n, ok := VersionOf(d.p.Alias, a.Name); ok {
			ns = append(ns, n)
		}
	}
	sort.Slice(ns, func(i, j int) bool { return ns[i] < ns[j] })
	return ns
}

// shown says what was seen, for a person who has to judge it.
func (d decider) shown() string {
	var parts []string
	for _, n := range d.listed() {
		seen := d.o.Version[n]
		state := seen.State
		if seen.KeyID == d.o.Alias.KeyID {
			state += ", behind the alias"
		}
		parts = append(parts, fmt.Sprintf("%s = %s (%s)", VersionName(n), seen.KeyID, state))
	}
	return strings.Join(parts, ", ")
}

// rebuilt makes the record. What is enabled and not behind the alias drains
// from now; what is disabled was retired, when nobody knows. See
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
		Fence: &Fence{Until: now.Add(FenceFor), Signers: 1},
	}
	if len(versions) > 0 {
		r.Generation = versions[len(versions)-1] + 1
	}
	if old := d.r; old != nil {
		r.Rev = max(r.Rev, old.Rev)
		r.Generation = max(r.Generation, old.Generation+1)
		r.Hold, r.Events, r.Ledgered = old.Hold, old.Events, old.Ledgered
		if old.Fence != nil {
			r.Fence.Until = latest(r.Fence.Until, old.Fence.Until)
		}
		if !old.Anchor.IsZero() {
			r.Anchor = old.Anchor
		}
	}
	r.Window = d.p.Schedule.Window(now, r.Anchor).Start
	if d.r != nil {
		r.Window = latest(r.Window, d.r.Window)
	}
	r.Active = &Active{Version: d.unnamed(r.Generation), KeyID: d.o.Alias.KeyID, Since: since, Adopted: true}
	for _, n := range versions {
		seen := d.o.Version[n]
		switch {
		case seen.KeyID == d.o.Alias.KeyID:
			r.Active = &Active{Version: n, KeyID: seen.KeyID, Since: since}
		case seen.State == stateEnabled || d.r.owes(seen.KeyID):
			r.Draining = append(r.Draining, rememberDraining(now, d.r,
				Draining{Version: n, KeyID: seen.KeyID, Since: now, DrainUntil: now.Add(d.p.Drain), Retire: d.p.Retire}))
		default:
			r.Retired = append(r.Retired, rememberRetired(now, d.r,
				Retired{Version: n, KeyID: seen.KeyID, Since: now, DisabledAt: now, DeleteAt: seen.DeletionAt}))
		}
	}
	r.rememberUnnamed(now, d.r, d.p.Drain, d.p.Retire)
	return r
}

// unnamed numbers a key behind the alias that no version alias names: as the
// older record did, if it knew it and the number is free, else by the new
// generation.
func (d decider) unnamed(generation int64) int64 {
	if d.r == nil {
		return generation
	}
	v, ours := d.r.VersionOfKey(d.o.Alias.KeyID)
	if _, taken := d.o.Version[v]; ours && !taken {
		return v
	}
	return generation
}
