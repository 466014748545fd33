package plan

import "time"

// Note records what happened to an open generation, or to the lease. Each field counts
// by itself.
type Note struct {
	// Did has the words for the event.
	Did []EventKind
	// Answered reports whether a confirmed signature was answered, or never sent.
	Answered bool
	// Attempt reports whether a definite refusal is counted.
	Attempt bool
	// Free reports whether the run gives the lease back.
	Free bool
	// Extend reports whether the run renews its lease.
	Extend bool
	// Error is why the run stopped.
	Error *LastError
	// Refusal is what the run stops with afterwards.
	Refusal *Refusal
	// SelfHold is the reason why the key holds itself from now on.
	SelfHold string
	// KeyFor is the claim for which this run is about to make another key.
	KeyFor string
	// NoKey reports whether the counted key was not made after all.
	NoKey bool
	// Unnamed reports whether this run has made a key that it could not name.
	Unnamed bool
}

func (Note) kind() Kind           { return WriteNote }
func (w Note) words() []EventKind { return w.Did }

func (w Note) applyTo(n *Record, a Act) {
	if w.Answered {
		n.strikeMove(a.At)
	}
	if w.Attempt {
		n.attempt(a.At)
	}
	if w.KeyFor != "" || w.NoKey || w.Unnamed {
		n.countKeys(w, a.At)
	}
	n.failed(w.Error)
	if w.SelfHold != "" && !n.Held(a.At) {
		n.Hold = &Hold{By: selfHolder, Reason: cutText(w.SelfHold, maxReasons), Since: a.At, Self: true}
	}
	switch {
	case w.Free:
		n.Lease = nil
	case w.Extend:
		n.takeLease(a)
	}
}

// failed records what has stopped a run, if something has.
func (n *Record) failed(e *LastError) {
	if e != nil {
		n.LastError = clone(e)
	}
}

// attempt counts a definite refusal, at most one an hour: a short outage must not use
// up a generation's attempts.
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
// stores when one got no name.
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
