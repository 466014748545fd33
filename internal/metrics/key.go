package metrics

import (
	"time"

	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/plan"
)

// Key is what is measured of a key. Durations are from the end of the run.
type Key struct {
	Name, Region string
	State        status.State
	// Read reports whether the run had a record that it can read. Without one nothing below is
	// known.
	Read bool
	// Age is that of the live version; nil without one.
	Age *time.Duration
	// Next is how long it is until the next window that rotates the key; nil if none is near.
	Next   *time.Duration
	Drains []Drain
	// Overdue reports whether no run has done in time what is due.
	Overdue bool
	// Held is how long the hold in force has lasted; nil if there is none.
	Held *time.Duration
}

// Drain is a version that drains, and for how long yet; negative if the deadline has passed.
type Drain struct {
	Version int64
	Left    time.Duration
}

// Ended is what a run saw of a key at its end.
type Ended struct {
	Policy plan.Policy
	// Record is the one as last seen; nil if there is none or it was not read.
	Record *plan.Record
	// Exit is the key's.
	Exit plan.Exit
}

// KeyOf measures a key.
func KeyOf(now time.Time, e Ended) Key {
	p, r := e.Policy, e.Record
	s := status.Of(now, p, r, status.Seen{})
	k := Key{Name: p.Name, Region: p.Region, State: s.State}
	switch e.Exit { // the run has seen more than the record says
	case plan.ExitPerson:
		k.State = status.Refused
	case plan.ExitFailed, plan.ExitInterrupted:
		k.State = status.Unknown
	}
	if r == nil || r.Schema > plan.SchemaVersion {
		return k
	}
	k.Read = true
	if s.Live != nil {
		k.Age = &s.Age
	}
	if opens := plan.NextOpens(now, p, r); !opens.IsZero() {
		left := opens.Sub(now)
		k.Next = &left
	}
	for _, v := range r.Draining() {
		k.Drains = append(k.Drains, Drain{v.Version, p.DrainEnd(v).Sub(now)})
	}
	k.Overdue = plan.Overdue(now, p, r) != nil || plan.StoodStill(now, p, r) != nil
	if r.Held(now) {
		held := now.Sub(r.Hold.Since)
		k.Held = &held
	}
	return k
}
