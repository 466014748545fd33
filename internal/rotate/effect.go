package rotate

import (
	"slices"

	"github.com/keyturn/keyturn/plan"
)

// Effect is what a run did to one key, in a word for programs.
type Effect string

// The effects. The zero value is that nothing was done.
const (
	Adopted    Effect = "adopted"
	Created    Effect = "created"     // the alias and its first version
	Made       Effect = "made"        // a new version, which is not live yet
	Rotated    Effect = "rotated"     // a new version is live
	RolledBack Effect = "rolled-back" // an older version is live again
	GaveUp     Effect = "gave-up"     // what was open, and nothing else
	Retired    Effect = "retired"     // old versions alone were seen to
	Rebuilt    Effect = "rebuilt"     // the record
	Held       Effect = "held"
	Released   Effect = "released"
	Reinstated Effect = "reinstated"
	Began      Effect = "began" // one of these, and did not finish it
)

// Effect returns what this run did, or what a dry-run would do.
func (k KeyReport) Effect() Effect {
	effect := k.verbEffect()
	if effect == "" && !k.Overtaken() {
		effect = k.keyEffect()
	}
	if (effect == "" || effect == Began) && k.sawToOld() {
		return Retired
	}
	return effect
}

// verbEffect returns the effect of a person's verb, also if another run finished
// what the verb began.
func (k KeyReport) verbEffect() Effect {
	r := k.Record
	if r == nil {
		return ""
	}
	_, gave := k.Given()
	rollback := r.Claim != nil && r.Claim.Verb == plan.VerbRollback
	switch {
	case k.Overtaken() && (k.Did(plan.WriteClaim) || k.Did(plan.WriteAbandon)):
		return Began
	case k.Overtaken():
		return ""
	case k.FinishedByOther():
		switch k.Claimed().Verb {
		case plan.VerbRollback:
			return RolledBack
		case plan.VerbRotate:
			return Rotated
		case plan.VerbAdopt:
			return Created
		}
		return Began
	case k.Did(plan.WriteHold) && r.HoldOf(k.Request.Version) != nil:
		return Held
	case k.Did(plan.WriteRelease):
		return Released
	case k.Did(plan.WriteReinstate) && k.enabled():
		return Reinstated
	case k.Did(plan.WriteReinstate):
		return Began
	case k.Did(plan.WriteFinish) && rollback:
		return RolledBack
	case k.Did(plan.WriteFinish) && gave:
		return Rotated
	case gave && r.Step == plan.Steady:
		return GaveUp
	case k.Did(plan.WriteClaim) && rollback && r.Target != 0:
		return Began
	}
	return ""
}

// keyEffect returns the effect of the schedule and of adopt.
func (k KeyReport) keyEffect() Effect {
	switch {
	case k.Did(plan.WriteFinish) && k.Before != nil && k.Before.Active != 0:
		return Rotated
	case k.Did(plan.WriteFinish):
		return Created
	case k.Did(plan.WriteAdopt), k.Did(plan.WriteAdoptDrift):
		return Adopted
	case k.Did(plan.WriteRebuild):
		return Rebuilt
	case k.Did(plan.WriteCreated):
		return Made
	case k.Record != nil && slices.ContainsFunc(k.Trace, func(t Trace) bool {
		return t.Act.Kind.Does() && !t.Act.Kind.OldWork()
	}):
		return Began
	}
	return ""
}

// enabled reports whether the version that was reinstated is enabled by now.
func (k KeyReport) enabled() bool {
	return k.Did(plan.EnableKey) && k.Outcome != plan.Failed && k.Outcome != plan.Refused
}

// sawToOld reports whether anything was done to old versions, other than by
// reinstate.
func (k KeyReport) sawToOld() bool {
	return k.Did(plan.WriteKept) || k.Did(plan.WriteRetired) || k.Did(plan.WriteDeleting) ||
		k.Did(plan.WriteLooked) && !k.Did(plan.WriteReinstate)
}

// DoneByOther reports whether another run rotated the key while this one ran: a rollback
// makes an older version live.
func (k KeyReport) DoneByOther() bool {
	return !k.Changed() && k.Before != nil && k.Record != nil && k.Before.Active != 0 &&
		k.Before.Active < k.Record.Active
}

// DoneByOthers counts the keys that other runs rotated while this one ran.
func (r *Report) DoneByOthers() int {
	n := 0
	for _, k := range r.Keys {
		if k.DoneByOther() {
			n++
		}
	}
	return n
}

// Given returns the act that gave up the open generation, and whether there was
// one. A first creation that starts again on other terms gives nothing up.
func (k KeyReport) Given() (plan.Act, bool) {
	act, gave := k.Last(plan.WriteAbandon)
	return act, gave && k.Record != nil && k.Record.Active != 0 && (k.Before == nil || k.Before.Active != 0)
}

// Overtaken reports whether somebody else gave up or took back what this run's
// verb asked for.
func (k KeyReport) Overtaken() bool {
	return k.Refusal != nil && k.Refusal.Code == plan.CodeOvertaken
}

// FinishedByOther reports whether this run claimed a generation that another one
// finished.
func (k KeyReport) FinishedByOther() bool {
	return k.Claimed().Verb != "" && !k.Did(plan.WriteFinish) &&
		(k.Outcome == plan.Settled || k.Outcome == plan.Adopted)
}

// Beaten reports whether another run finished a generation that this run had taken over.
func (k KeyReport) Beaten() bool {
	i := slices.IndexFunc(k.Trace, func(t Trace) bool { return t.Act.Kind == plan.WriteTakeover })
	if i < 0 || k.Record == nil || k.Claimed().Verb != "" || k.Did(plan.WriteFinish) {
		return false
	}
	took, events := k.Trace[i].Act, k.Record.Events
	at := slices.IndexFunc(events, func(e plan.Event) bool { return e.Rev == took.Rev })
	return at >= 0 && slices.ContainsFunc(events[at:], func(e plan.Event) bool {
		return e.Is(plan.EventFinish) && e.Claim == events[at].Claim && e.Run != took.Self.Run
	})
}

// Claimed returns the claim that this run wrote last; the zero value if it wrote
// none.
func (k KeyReport) Claimed() plan.Claim {
	for _, t := range slices.Backward(k.Trace) {
		if c := t.Act.Claims(); c != nil {
			return *c
		}
	}
	return plan.Claim{}
}

// Last returns the act of a kind that this run carried out last, and whether there
// was one.
func (k KeyReport) Last(kind plan.Kind) (plan.Act, bool) {
	for _, t := range slices.Backward(k.Trace) {
		if t.Act.Kind == kind {
			return t.Act, true
		}
	}
	return plan.Act{}, false
}
