package evidence

import (
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// replay goes through the events of a key, oldest first, and keeps what they tell.
type replay struct {
	versions map[int64]*Version
	live     int64
	// target is the version last confirmed for the open claim.
	target int64
	// claims are the open and the past ones, by id, and calls the calls made for each.
	claims map[string]plan.Event
	calls  map[string][]plan.Answered
	holds  []Hold
	acts   []Act
	// switches are the finished ones that were no rollbacks, and closings the events that made a
	// window the latest one that is done.
	switches, closings []closing
	// countings are the times with one anchor of the windows, in their order.
	countings []counting
	// fresh are the times at which a version became active that never was before.
	fresh []freshness
	// schedules are those of claims, in their order.
	schedules []scheduled
	// open is the claim that no event has ended; nil if there is none.
	open   *plan.Event
	others []int64
	// signed are the confirms of the open claim of which no event has the answer, and unknown
	// what is not known because of such ones.
	signed  []plan.Event
	unknown []Unknown
}

// freshness is a time at which a version became active that never was before.
type freshness struct {
	at      time.Time
	version int64
	// earlier reports whether it was active before that, at a time that is not known.
	earlier bool
}

// replayed goes through events.
func replayed(events []plan.Event) *replay {
	r := &replay{versions: map[int64]*Version{}, claims: map[string]plan.Event{},
		calls: map[string][]plan.Answered{}}
	for _, e := range events {
		r.take(e)
	}
	return r
}

// fact returns what an event tells, with its own calls.
func (r *replay) fact(e plan.Event) Fact {
	return Fact{At: e.At, From: FromLedger, Rev: e.Rev, Run: e.Run, Who: e.Who, Calls: e.Calls, Why: r.why(e)}
}

// madeBy returns the fact of an event by which a key was made. The call may stand in an
// earlier event of the claim.
func (r *replay) madeBy(e plan.Event) Fact {
	f := r.fact(e)
	f.Calls = nil
	for _, c := range r.callsOf(e) {
		if c.Operation == "CreateKey" {
			f.Calls = append(f.Calls, c)
		}
	}
	return f
}

// callsOf returns the calls that the event and those before it tell of its claim.
func (r *replay) callsOf(e plan.Event) []plan.Answered {
	if e.Claim == "" {
		return e.Calls
	}
	return r.calls[e.Claim]
}

// why returns what an event was written for.
func (r *replay) why(e plan.Event) Why {
	claim, ok := r.claims[e.Claim]
	if !ok || e.Claim == "" {
		return Why{Reason: e.Reason}
	}
	w := Why{Verb: claim.ClaimVerb(), Schedule: claim.Schedule, Reason: claim.Reason, Rev: claim.Rev}
	if e.Reason != "" {
		w.Reason = e.Reason
	}
	return w
}

// take takes in one event.
func (r *replay) take(e plan.Event) {
	if len(e.Kind) == 0 {
		r.others = append(r.others, e.Rev)
		return
	}
	if e.Is(plan.EventClaim) {
		r.claims[e.Claim] = e
	}
	if e.Claim != "" {
		r.calls[e.Claim] = append(r.calls[e.Claim], e.Calls...)
	}
	r.count(e)
	r.strike(e)
	moved := r.movedBy(e)
	r.leave(e, moved)
	switch e.Kind[0] {
	case plan.EventAdopt, plan.EventRebuild:
		r.adopt(e, moved)
	case plan.EventClaim:
		r.claim(e)
	case plan.EventCreated:
		r.made(e)
	case plan.EventConfirm:
		r.target = e.Version
		r.signed = append(r.signed, e)
		r.made(e)
	case plan.EventFinish:
		r.made(e)
		r.goLive(e, e.Version, moved)
	case plan.EventAbandon:
		r.abandon(e, moved)
	case plan.EventKept, plan.EventRetired, plan.EventDeleting, plan.EventReinstate, plan.EventUnmark:
		r.old(e)
	case plan.EventHold, plan.EventRelease, plan.EventTakeover, plan.EventRenew, plan.EventNote, plan.EventLookAgain,
		plan.EventLooked, plan.EventChecked, plan.EventMark, plan.EventMarkNo:
	default:
		r.others = append(r.others, e.Rev)
	}
	for _, x := range e.Ended {
		v := r.version(x.Version, x.KeyID)
		v.Ended, v.EndedUntil = r.fact(e), x.Until
	}
	r.hold(e)
	r.act(e)
	switch {
	case e.Is(plan.EventClaim):
		r.open = &e
	case r.open != nil && (e.Is(plan.EventFinish) && e.Claim == r.open.Claim || e.GaveUp == r.open.Claim):
		r.open = nil
	}
	if r.open == nil || e.Is(plan.EventClaim) {
		r.signed = nil
	}
}

func (r *replay) version(n int64, keyID string) *Version {
	v := r.versions[n]
	if v == nil {
		v = &Version{Version: n}
		r.versions[n] = v
	}
	if keyID != "" {
		v.KeyID = keyID
	}
	return v
}

// sorted returns the versions by their numbers.
func (r *replay) sorted() []*Version {
	var all []*Version
	for _, n := range slices.Sorted(maps.Keys(r.versions)) {
		all = append(all, r.versions[n])
	}
	return all
}

// claim opens a generation.
func (r *replay) claim(e plan.Event) {
	r.target = 0
	if e.Schedule != "" {
		r.schedules = append(r.schedules, scheduled{text: e.Schedule, at: e.At, terms: e.Who.Terms})
	}
}

// made takes in that the version of an open claim exists. A rollback makes none.
func (r *replay) made(e plan.Event) {
	if e.Version == 0 || r.why(e).Verb == plan.VerbRollback {
		return
	}
	v := r.version(e.Version, e.KeyID)
	if !v.Created.Known() {
		v.Created = r.madeBy(e)
	}
	if len(v.Spans) == 0 {
		v.become(Made, e.At, e.Rev)
	}
}

// goLive makes a version the active one. The one before is not active from then on, even
// if no event says that it drains.
func (r *replay) goLive(e plan.Event, n int64, moved Fact) {
	if was := r.versions[r.live]; was != nil && r.live != n && was.State() == Active {
		was.leave(moved, e)
	}
	r.live, r.target = n, 0
	v := r.version(n, "")
	if n == e.Version && e.KeyID != "" {
		v.KeyID = e.KeyID
	}
	if v.State() != Active {
		v.perhaps(moved)
	}
	if !v.Live.Known() {
		v.Live = moved
		r.fresh = append(r.fresh, freshness{at: e.At, version: n})
	}
	v.become(Active, e.At, e.Rev)
	v.Left, v.Kept, v.Disabled, v.Deleting, v.DrainUntil = Fact{}, Fact{}, Fact{}, Fact{}, time.Time{}
	v.Ended, v.EndedUntil = Fact{}, time.Time{}
}

// adopt takes in that a key was taken as it was found behind the alias.
func (r *replay) adopt(e plan.Event, moved Fact) {
	known := r.versions[e.Version] != nil
	r.goLive(e, e.Version, moved)
	v := r.versions[e.Version]
	if known && v.Created.Known() {
		return
	}
	v.Adopted = true
	first := e.Rev == 1 || e.Is(plan.EventRebuild)
	if v.Spans[len(v.Spans)-1].Rev == e.Rev {
		v.Spans[len(v.Spans)-1].Earlier = first
	}
	if n := len(r.fresh); n > 0 && r.fresh[n-1].version == e.Version {
		r.fresh[n-1].earlier = first
	}
}

// leave takes in which versions drain.
func (r *replay) leave(e plan.Event, moved Fact) {
	for _, l := range e.Left {
		v := r.version(l.Version, l.KeyID)
		if l.Live || v.State() == Active {
			v.leave(moved, e)
			if r.live == l.Version {
				r.live = 0
			}
		}
		v.DrainUntil, v.Retire = l.Until, l.Retire
		v.become(Draining, e.At, e.Rev)
	}
}

// abandon takes in that a generation was given up. If the alias was seen on its target,
// that one is active.
func (r *replay) abandon(e plan.Event, moved Fact) {
	if r.target > 0 && slices.ContainsFunc(e.Left, func(l plan.Left) bool { return l.Live }) {
		r.goLive(e, r.target, moved)
	}
	r.target = 0
	if e.Is(plan.EventClaim) {
		r.claim(e)
	}
}

// old takes in what became of a version that is not active.
func (r *replay) old(e plan.Event) {
	if e.Version == 0 {
		return
	}
	v := r.version(e.Version, e.KeyID)
	found := e.Is(plan.EventFound)
	switch e.Kind[0] {
	case plan.EventKept:
		v.Kept = r.fact(e)
		v.become(Kept, e.At, e.Rev)
	case plan.EventRetired:
		if s := v.State(); e.RetiresFound() && (s == Disabled || s == Deleting) {
			return // who retires it, and it is disabled since
		}
		v.Disabled, v.FoundDisabled = r.fact(e), found
		v.become(Disabled, e.At, e.Rev)
	case plan.EventDeleting:
		v.Deleting, v.FoundDeleting = r.fact(e), found
		v.become(Deleting, e.At, e.Rev)
	case plan.EventReinstate:
		v.Kept, v.Disabled, v.Deleting = Fact{}, Fact{}, Fact{}
		v.become(Draining, e.At, e.Rev)
	case plan.EventUnmark:
		if s := v.State(); s == Disabled || s == Deleting {
			v.FoundEnabled = append(v.FoundEnabled, r.fact(e))
		}
	}
	if e.Is(plan.EventGone) {
		v.become(Gone, e.At, e.Rev)
	}
}
