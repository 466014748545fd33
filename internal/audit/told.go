package audit

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// fact is something that an event says the record has. A zero rev says that no event
// does.
type fact[T any] struct {
	value T
	rev   int64
}

func (f *fact[T]) set(e plan.Event, value T) { f.value, f.rev = value, e.Rev }

func (f fact[T]) known() bool { return f.rev > 0 }

// revs returns the revision of the event, as evidence.
func (f fact[T]) revs() []int64 {
	if !f.known() {
		return nil
	}
	return []int64{f.rev}
}

// told is what the events of a key say that its record must have. Events follow one
// another without a gap from revision first on; what was before the first one, or before
// a rebuild, is not known.
type told struct {
	first, last int64
	events      []plan.Event

	generation fact[int64]
	step       fact[plan.Step]
	claim      fact[string]
	head       fact[string]
	verb       fact[plan.Verb]
	window     fact[time.Time]
	live       fact[int64]
	since      fact[time.Time]
	switched   fact[time.Time]
	// moves is the latest end of a fence of this generation.
	moves fact[time.Time]
	hold  fact[*plan.Hold]
	// claimAfter is the window that was done when the open claim was made.
	claimAfter time.Time
	// target is the version last confirmed for the open claim.
	target   int64
	versions map[int64]*toldVersion
	// most is how many versions there were at most in one state.
	most map[plan.State]int
	// made are the versions that keyturn made, by number. A rebuild does not change that.
	made map[int64]toldMade
	// retired are the versions that persons have marked.
	retired map[int64]bool
}

// toldVersion is what events say about one version.
type toldVersion struct {
	keyID  fact[string]
	state  fact[plan.State]
	at     fact[time.Time] // when it was kept or disabled
	left   fact[time.Time]
	until  fact[time.Time]
	retire fact[plan.Retire]
	// pending reports whether it was found with its deletion scheduled.
	pending bool
	// ended is the deadline of a drain that somebody else has ended, and foundAt when a run
	// found that.
	ended   fact[time.Time]
	foundAt time.Time
	// back reports whether a person has named it, which puts one that was left out back into
	// the list.
	back bool
	// backAt is when a hold has named it last: if it was left out, that put it back.
	backAt time.Time
	hold   fact[*plan.Hold]
	// retiredBy is the person who wanted it disabled before its time; "" is nobody.
	retiredBy fact[string]
	// before is what was told of a version that was disabled already, before a person marked it once
	// more; nil if nobody has.
	before *toldVersion
	// rotated reports whether a rotation, which names every version, has replaced it.
	rotated bool
}

// toldMade is how a version was made.
type toldMade struct {
	keyID, claim string
	// head is the hash of the claim's event; "" if it is not known.
	head string
	rev  int64
	// from is the version that was live then; 0 if that is not known.
	from int64
	// at is when an event first had the version: it had its name then.
	at time.Time
	// after and window bound the window that it was made for: it is later than after, and
	// at the latest window, which a late finish has as done. Zero for a person's claim, and
	// while it is not known.
	after, window time.Time
}

// tell replays the events of a key.
func tell(events []plan.Event) told {
	t := told{made: map[int64]toldMade{}, events: events}
	t.begin(0)
	for _, e := range events {
		if e.Rev != t.last+1 || e.Is(plan.EventRebuild) {
			t.begin(e.Rev)
		}
		if t.first == 0 {
			t.first = e.Rev
		}
		t.last = e.Rev
		t.replay(e)
		t.count()
	}
	return t
}

// begin forgets what a record must have.
func (t *told) begin(rev int64) {
	*t = told{first: rev, last: t.last, events: t.events, made: t.made, retired: map[int64]bool{},
		versions: map[int64]*toldVersion{}, most: map[plan.State]int{}}
}

// count takes in how many versions there are in each state.
func (t *told) count() {
	now := map[plan.State]int{}
	for _, v := range t.versions {
		now[v.state.value]++
	}
	for s, n := range now {
		t.most[s] = max(t.most[s], n)
	}
}

// leavesOut reports whether there were so many versions in a state that a record may have
// left some of them out. A deleted version is gone for the record from its date on.
func (t *told) leavesOut(s plan.State) bool {
	switch s {
	case plan.Kept:
		return !t.whole() || t.most[plan.Kept] > plan.MaxKept
	case plan.Disabled, plan.Deleting, plan.Gone:
		down := t.most[plan.Disabled] + t.most[plan.Deleting]
		return !t.whole() || down > plan.MaxDisabled || t.most[plan.Deleting]+t.most[plan.Gone] > plan.MaxGone
	}
	return false
}

// whole reports whether all events of the record are there, from its first one on.
func (t *told) whole() bool { return t.first == 1 }

func (t *told) version(n int64) *toldVersion {
	if t.versions[n] == nil {
		t.versions[n] = &toldVersion{}
	}
	return t.versions[n]
}

// replay takes in one event.
func (t *told) replay(e plan.Event) {
	if len(e.Kind) == 0 {
		return // it says nothing
	}
	t.generation.set(e, e.Generation)
	if !e.Window.IsZero() {
		t.window.set(e, e.Window)
	}
	if e.Rev == 1 {
		t.hold.set(e, nil)
	}
	if e.Version > 0 {
		if v := t.version(e.Version); e.KeyID != "" {
			v.keyID.set(e, e.KeyID)
		}
	}
	if e.Version > 0 && e.Version < e.Generation && (e.Is(plan.EventClaim) || e.Is(plan.EventReinstate) ||
		e.Is(plan.EventAdopt)) {
		t.version(e.Version).back = true
	}
	if e.HoldsVersion() {
		t.holdsVersion(e)
		return
	}
	for _, l := range e.Left {
		t.leaves(e, l)
	}
	for _, x := range e.Ended {
		v := t.version(x.Version)
		v.ended.set(e, x.Until)
		v.foundAt = e.At
	}
	if e.Is(plan.EventClaim) {
		t.claims(e)
		t.replayHold(e)
		return
	}
	switch e.Kind[0] {
	case plan.EventAdopt, plan.EventRebuild:
		t.adopts(e)
	case plan.EventCreated:
		t.step.set(e, plan.Created)
		t.makes(e)
	case plan.EventConfirm:
		t.step.set(e, plan.Switching)
		if e.Until.After(t.moves.value) {
			t.moves.set(e, e.Until)
		}
		t.target = e.Version
		t.makes(e)
	case plan.EventFinish:
		t.makes(e)
		if m, ok := t.made[e.Version]; ok && m.claim == e.Claim && t.verb.value == plan.VerbSchedule {
			m.after, m.window = t.claimAfter, e.Window
			t.made[e.Version] = m
		}
		t.goesLive(e, e.Version, true)
		t.ends(e)
	case plan.EventAbandon:
		if slices.ContainsFunc(e.Left, func(l plan.Left) bool { return l.Live }) && t.target > 0 {
			t.goesLive(e, t.target, true)
		} else {
			t.since = fact[time.Time]{} // the live version may have been the target, put back
		}
		t.ends(e)
	default:
		t.replayOld(e)
	}
	t.replayHold(e)
}

func (t *told) claims(e plan.Event) {
	if e.Is(plan.EventAbandon) && t.target > 0 &&
		slices.ContainsFunc(e.Left, func(l plan.Left) bool { return l.Live }) {
		t.goesLive(e, t.target, true)
	}
	t.step.set(e, plan.Claimed)
	t.claimAfter = t.window.value
	t.claim.set(e, e.Claim)
	t.head = fact[string]{}
	if hash := e.Hash(); hash != "" {
		t.head.set(e, hash)
	}
	t.verb.set(e, e.ClaimVerb())
	t.moves, t.target = fact[time.Time]{}, 0
	if e.Rev == 1 { // adopt --create: nothing is live yet
		t.live.set(e, 0)
	}
}

// ends ends the open claim. An event that has none gave it up.
func (t *told) ends(e plan.Event) {
	t.step.set(e, plan.Steady)
	t.target = 0
	if e.Claim != t.claim.value || !e.Is(plan.EventFinish) {
		// Of the claim that giving up has carried out.
		t.verb, t.head = fact[plan.Verb]{}, fact[string]{}
	}
	t.claim.set(e, "")
	if e.Is(plan.EventFinish) {
		t.claim.set(e, e.Claim)
	}
}

// adopts takes in that the key behind the alias is live as it was found.
func (t *told) adopts(e plan.Event) {
	drift := e.Kind[0] == plan.EventAdopt && e.Rev > 1
	t.goesLive(e, e.Version, drift)
	t.step.set(e, plan.Steady)
	t.claim.set(e, "")
	t.verb, t.target, t.moves = fact[plan.Verb]{}, 0, fact[time.Time]{}
}

// goesLive makes a version the live one. dated reports whether it is so since the event.
func (t *told) goesLive(e plan.Event, version int64, dated bool) {
	t.live.set(e, version)
	t.since, t.switched = fact[time.Time]{}, fact[time.Time]{}
	if dated {
		t.since.set(e, e.At)
		t.switched.set(e, e.At)
	}
	v := t.version(version)
	*v = toldVersion{keyID: v.keyID, rotated: v.rotated, back: v.back, hold: v.hold}
	v.state.set(e, "")
}

// makes takes in that the open claim made a version.
func (t *told) makes(e plan.Event) {
	if e.KeyID != "" && t.claim.known() && t.claim.value == e.Claim && t.rotates() {
		if m, ok := t.made[e.Version]; ok && m.keyID == e.KeyID {
			return // the first event is nearest to its name
		}
		t.made[e.Version] = toldMade{keyID: e.KeyID, claim: e.Claim, head: t.head.value, rev: e.Rev, at: e.At,
			from: t.live.value}
	}
}

// rotates reports whether the open claim makes a version.
func (t *told) rotates() bool { return t.verb.known() && t.verb.value != plan.VerbRollback }

// leaves takes in that a version drains.
func (t *told) leaves(e plan.Event, l plan.Left) {
	v := t.version(l.Version)
	v.keyID.set(e, l.KeyID)
	v.state.set(e, plan.Draining)
	v.until.set(e, l.Until)
	v.retire.set(e, l.Retire)
	// When the live version of an older record left, a rebuild takes from the ledger.
	if l.Live && !e.Is(plan.EventRebuild) {
		v.left.set(e, e.At)
		v.rotated = v.rotated || e.Kind[0] == plan.EventFinish && t.rotates()
	}
}

// replayOld takes in what became of an old version.
func (t *told) replayOld(e plan.Event) {
	if e.Version == 0 {
		return
	}
	v := t.version(e.Version)
	ends := func(s plan.State) {
		v.state.set(e, s)
		v.at.set(e, e.At)
	}
	switch e.Kind[0] {
	case plan.EventKept:
		ends(plan.Kept)
	case plan.EventRetired:
		if e.RetiresFound() && !e.Is(plan.EventGone) && t.retiresFound(e, v) {
			return
		}
		v.pending = e.Is(plan.EventPending)
		if ends(plan.Disabled); e.Is(plan.EventGone) {
			v.state.set(e, plan.Gone)
		}
	case plan.EventDeleting:
		if v.state.set(e, plan.Deleting); e.Is(plan.EventGone) {
			v.state.set(e, plan.Gone)
		}
	case plan.EventReinstate:
		if v.state.known() && v.state.value != plan.Draining && !v.left.known() {
			v.left = fact[time.Time]{}
		}
		v.pending = false
		v.state.set(e, plan.Draining)
	case plan.EventUnmark:
		if v.state.known() && v.state.value != plan.Draining && v.state.value != plan.Kept {
			v.at.set(e, e.At)
		}
	case plan.EventMark:
		if e.Is(plan.ByVerb(plan.VerbRetire)) {
			t.retires(e, v)
			return
		}
	}
	was := v.before
	v.before = nil
	if was != nil && e.Kind[0] == plan.EventMarkNo && !e.Is(plan.EventDelete) { // it is as it was
		v.state, v.at, v.retiredBy = was.state, was.at, was.retiredBy
		return
	}
	switch e.Kind[0] {
	case plan.EventReinstate, plan.EventMark, plan.EventMarkNo, plan.EventUnmark:
		if !e.Is(plan.EventDelete) { // the record may still have the fence of another call, and the person
			v.retiredBy = fact[string]{}
		}
	}
}

// retires takes in that a person has marked a version. It may have been left out, or disabled
// and enabled again by hand: then it is kept from the event on.
func (t *told) retires(e plan.Event, v *toldVersion) {
	t.retired[e.Version] = true
	was := *v
	v.before = nil
	v.retiredBy.set(e, e.Who.By)
	v.back, v.backAt = true, e.At
	if s := v.state.value; v.state.known() && s != plan.Draining && s != plan.Kept {
		v.before = &was
		v.state.set(e, plan.Kept)
		v.at.set(e, e.At)
	}
}

// retiresFound takes in that a person retired a version that was disabled already, and reports
// whether the events told that before. It may have been left out.
func (t *told) retiresFound(e plan.Event, v *toldVersion) bool {
	s := v.state.value
	down := v.state.known() && s != plan.Draining && s != plan.Kept
	if down || v.retiredBy.value == "" {
		t.retired[e.Version] = true
		v.retiredBy.set(e, e.Who.By)
	}
	v.back, v.backAt = true, e.At
	return down || !v.state.known() // since when it is disabled is not told
}

// replayHold takes in what a write did to the hold. An event says by whom only of a hold
// that it sets alone.
func (t *told) replayHold(e plan.Event) {
	switch {
	case e.Is(plan.EventRelease):
		t.hold.set(e, nil)
	case e.Is(plan.EventSelfRelease), e.Is(plan.EventSelfHold):
		t.hold.set(e, &plan.Hold{Self: e.Is(plan.EventSelfHold)})
	case e.Is(plan.EventHold):
		t.hold.set(e, &plan.Hold{Until: e.Until, By: e.Who.By})
	}
}

// holdsVersion takes in that a version is held, or is released.
func (t *told) holdsVersion(e plan.Event) {
	v := t.version(e.Version)
	if v.hold.set(e, nil); e.Is(plan.EventHold) {
		v.hold.set(e, &plan.Hold{Until: e.Until, By: e.Who.By})
		v.back, v.backAt = true, e.At
	}
}
