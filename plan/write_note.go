package plan

import "time"

// Note puts down what happened to an open generation, or to the lease. Any part may
// stand alone.
type Note struct {
	// Did is what it says in the event.
	Did []EventKind
	// Answered says that one confirmed signature was answered, or never sent.
	Answered bool
	// Attempt counts a definite refusal.
	Attempt bool
	// Free gives the lease back.
	Free bool
	// Extend sets the lease again.
	Extend bool
	// Error is why the run stopped.
	Error *LastError
	// Refusal is what the run stops with afterwards.
	Refusal *Refusal
	// SelfHold has the key hold itself, for this reason.
	SelfHold string
	// KeyFor counts one more key, which this run is about to make for this claim.
	KeyFor string
	// NoKey takes the counted key off again: it was not made.
	NoKey bool
	// Unnamed says that this run has made a key and could not name it.
	Unnamed bool
}

func (Note) kind() Kind           { return WriteNote }
func (w Note) words() []EventKind { return w.Did }

func (w Note) applyTo(n *Record, a Act) {
	if w.Answered {
		n.Fence = n.Fence.struck()
	}
	if w.Attempt {
		n.attempt(a.At)
	}
	if w.KeyFor != "" || w.NoKey || w.Unnamed {
		n.countKeys(w, a.At)
	}
	n.failed(w.Error)
	if w.SelfHold != "" && !n.Held(a.At) {
		n.Hold = &Hold{By: selfHolder, Reason: w.SelfHold, Since: a.At, Self: true}
	}
	switch {
	case w.Free:
		n.Lease = nil
	case w.Extend:
		n.lease(a)
	}
}

// failed puts down what has stopped a run, if something has.
func (n *Record) failed(e *LastError) {
	if e != nil {
		n.LastError = clone(e)
	}
}

// attempt counts a definite refusal, at most one an hour: an outage of an hour
// must not use up a generation's attempts.
func (n *Record) attempt(at time.Time) {
	c := n.attempts()
	if c.Count > 0 && at.Sub(c.LastAt) < AttemptEvery {
		return
	}
	c.Count++
	c.LastAt = at
	n.Attempts = &c
}

// countKeys counts a key that is about to be made, or was not made after all, and
// remembers when one got no name.
func (n *Record) countKeys(w Note, at time.Time) {
	c := n.attempts()
	if w.KeyFor != "" {
		c.Keys++
	}
	if w.NoKey && c.Keys > 0 {
		c.Keys--
	}
	if w.Unnamed {
		c.UnnamedAt = at
	}
	n.Attempts = &c
}

func (n *Record) attempts() Attempts {
	if n.Attempts == nil {
		return Attempts{}
	}
	return *n.Attempts
}
