package plan

import "time"

// Ending is what becomes of a version at the end of its drain, by the terms of its switch
// and today's plan: of each term, the more careful one.
type Ending struct {
	// Action is RetireKeep or RetireDisable.
	Action RetireAction
	// At is the end of the drain.
	At time.Time
	// UnlessUsedWithin is how long the version must have been unused to be disabled; 0 if
	// its use does not matter.
	UnlessUsedWithin time.Duration
	// DeletedAfter is how long after it was disabled the version is deleted; 0 if it is
	// not. Deletion follows today's plan alone.
	DeletedAfter time.Duration
	// Held reports whether somebody holds the version then: it stays enabled until that hold
	// ends.
	Held bool
}

// EndOf returns what becomes of a draining version.
func (p Policy) EndOf(v Version) Ending {
	e := p.ending(v.Retire, p.DrainEnd(v))
	e.Held = v.Held(e.At)
	return e
}

func (p Policy) ending(frozen Retire, at time.Time) Ending {
	terms := Careful(frozen, p.Retire)
	e := Ending{Action: terms.Action, At: at}
	if e.Action == RetireKeep {
		return e
	}
	e.Action = RetireDisable
	if !terms.UsageOff {
		e.UnlessUsedWithin = terms.UnlessUsedWithin
	}
	if p.Retire.Action == RetireDelete {
		e.DeletedAfter = p.Retire.DeleteAfter + p.Retire.DeletionWindow
	}
	return e
}

// Brief describes what happens to the version then, in a few words.
func (e Ending) Brief() string {
	switch {
	case e.Action == RetireKeep:
		return "then stays enabled"
	case e.Held:
		return "then stays enabled while held"
	case e.DeletedAfter > 0:
		return "then is disabled, and deleted later"
	}
	return "then is disabled"
}

// Text is Brief with the terms.
func (e Ending) Text() string { return Ending{Action: e.Action, Held: e.Held}.Brief() + e.Terms() }

// Terms describes when the version is disabled, and deleted, to end a sentence; "" if that
// is all there is to say.
func (e Ending) Terms() string {
	if e.Action == RetireKeep || e.Held {
		return ""
	}
	text := ""
	if e.UnlessUsedWithin > 0 {
		text += " once unused for " + FormatDuration(e.UnlessUsedWithin)
	}
	if e.DeletedAfter > 0 {
		text += ", and deleted " + FormatDuration(e.DeletedAfter) + " later"
	}
	return text
}
