package evidence

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Hold is a time in which automation was stopped on a key, or on one version of it.
type Hold struct {
	Set Fact
	// Version is the version that was held; 0 is the key.
	Version int64
	// Self reports whether the key held itself, and not a person.
	Self bool
	// Until is when it ends by itself; zero if it does not.
	Until time.Time
	// Ended is what ended it before that, or put another in its place; not known if nothing
	// did.
	Ended Fact
}

// End returns when a hold ended; zero if it is in force at now.
func (h Hold) End(now time.Time) time.Time {
	switch {
	case h.Ended.Known() && (h.Until.IsZero() || h.Ended.At.Before(h.Until)):
		return h.Ended.At
	case !h.Until.IsZero() && !h.Until.After(now):
		return h.Until
	}
	return time.Time{}
}

// hold takes in what an event says about the hold.
func (r *replay) hold(e plan.Event) {
	sets := e.Is(plan.EventHold) || e.Is(plan.EventSelfHold)
	if sets || e.Is(plan.EventRelease) {
		if h := r.lastHold(heldBy(e)); h != nil && !h.Ended.Known() {
			h.Ended = r.fact(e)
		}
	}
	switch {
	case sets:
		h := Hold{Set: r.fact(e), Version: heldBy(e), Self: e.Is(plan.EventSelfHold)}
		if e.Kind[0] == plan.EventHold {
			h.Until = e.Until
		}
		r.holds = append(r.holds, h)
	case e.Is(plan.EventSelfRelease):
		if h := r.lastHold(0); h != nil {
			h.Self = false
		}
	}
}

// heldBy returns the version that an event holds or releases; 0 if it is the key.
func heldBy(e plan.Event) int64 {
	if e.HoldsVersion() {
		return e.Version
	}
	return 0
}

// lastHold returns the newest hold of a version, or of the key; nil if there is none.
func (r *replay) lastHold(version int64) *Hold {
	for i := len(r.holds) - 1; i >= 0; i-- {
		if r.holds[i].Version == version {
			return &r.holds[i]
		}
	}
	return nil
}

// Act is what a person did with a verb of keyturn: a break of glass.
type Act struct {
	Fact
	Verb ActVerb
	// Version is the one that it is about; 0 if it is about none.
	Version int64
	// Outcome is what became of it, and Ended when; of an act that one write does, Done.
	Outcome Outcome
	Ended   Fact
	// Gave is the claim of the open generation that it gave up; its Rev is 0 if it gave up
	// none.
	Gave Why
	// claim is the id of the generation that it claimed, or went on with.
	claim string
}

// ActVerb is what a person typed.
type ActVerb string

// The verbs of persons. Adopt is that of a key found behind the alias, and Rebuild that of
// a record made again from KMS.
const (
	ActRotate    ActVerb = "rotate"
	ActRollback  ActVerb = "rollback"
	ActAdopt     ActVerb = "adopt"
	ActRebuild   ActVerb = "rebuild"
	ActReinstate ActVerb = "reinstate"
	ActHold      ActVerb = "hold"
	ActRelease   ActVerb = "release"
	ActRetire    ActVerb = "retire"
	ActAbandon   ActVerb = "give-up"
	ActGoOn      ActVerb = "go-on"
)

// Outcome is what became of an act.
type Outcome string

// The outcomes.
const (
	Done   Outcome = "done"
	GaveUp Outcome = "given-up"
	Open   Outcome = "open"
)

// act takes in what a person did, and what became of what persons did before.
func (r *replay) act(e plan.Event) {
	for i := range r.acts {
		a := &r.acts[i]
		switch {
		case a.Outcome != Open || a.claim == "":
		case e.Is(plan.EventFinish) && e.Claim == a.claim && e.Rev != a.Rev:
			a.Outcome, a.Ended = Done, r.fact(e)
			if e.Version > 0 {
				a.Version = e.Version
			}
		case e.GaveUp == a.claim:
			a.Outcome, a.Ended = GaveUp, r.fact(e)
		}
		if a.Verb == ActRetire && a.Outcome == Open && a.Version == e.Version {
			a.retired(e, r.fact(e))
		}
	}
	verb, claims := actOf(e)
	if verb == "" {
		return
	}
	a := Act{Fact: r.fact(e), Verb: verb, Version: e.Version, Outcome: Done}
	if e.GaveUp != "" {
		a.Gave = r.why(plan.Event{Claim: e.GaveUp})
	}
	if claims && !e.Is(plan.EventFinish) {
		a.Outcome, a.claim = Open, e.Claim
	}
	if e.Is(plan.EventMark) { // a retire is done once the version is disabled
		a.Outcome = Open
	}
	r.acts = append(r.acts, a)
}

// retired takes in what became of a retire, once an event tells that.
func (a *Act) retired(e plan.Event, ended Fact) {
	switch e.Kind[0] {
	case plan.EventRetired:
		a.Outcome, a.Ended = Done, ended
	case plan.EventMarkNo, plan.EventUnmark, plan.EventReinstate, plan.EventMark:
		a.Outcome, a.Ended = GaveUp, ended
	}
}

// actOf returns which verb of a person an event is of; "" if it is of none. claims reports
// whether the verb has a generation of its own.
func actOf(e plan.Event) (verb ActVerb, claims bool) {
	byPerson := ActVerb("")
	for _, v := range []plan.Verb{plan.VerbRotate, plan.VerbRollback, plan.VerbAdopt} {
		if e.Is(plan.ByVerb(v)) {
			byPerson = ActVerb(v)
		}
	}
	switch k := e.Kind[0]; {
	case k == plan.EventClaim && byPerson != "":
		return byPerson, true
	case k == plan.EventAbandon && byPerson != "" && (e.Is(plan.EventClaim) || e.Is(plan.EventFinish)):
		return byPerson, e.Is(plan.EventClaim)
	case k == plan.EventClaim && e.Schedule == "":
		return ActAdopt, true // adopt --create
	case k == plan.EventTakeover && byPerson != "":
		return ActGoOn, true
	case k == plan.EventAbandon:
		return ActAbandon, false
	case k == plan.EventAdopt && e.Rev > 1:
		return ActAdopt, false
	case k == plan.EventRebuild:
		return ActRebuild, false
	case k == plan.EventReinstate:
		return ActReinstate, false
	case k == plan.EventMark && e.Is(plan.ByVerb(plan.VerbRetire)), e.RetiresFound():
		return ActRetire, false
	case k == plan.EventHold && !e.Is(plan.EventSelfHold):
		return ActHold, false
	case k == plan.EventRelease:
		return ActRelease, false
	}
	return "", false
}
