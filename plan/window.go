package plan

import "time"

// Window is one turn of a schedule: half-open, [Start, End), in UTC and on
// whole seconds. Windows are compared as times, never as text.
type Window struct{ Start, End time.Time }

// ID returns the name of the window in records and outputs: its start,
// "2026-01-01T03:00:00Z".
func (w Window) ID() string { return w.Start.UTC().Format(time.RFC3339) }

// Contains reports whether t lies in the window. Its end does not.
func (w Window) Contains(t time.Time) bool { return !t.Before(w.Start) && t.Before(w.End) }

// Length returns how long the window lasts.
func (w Window) Length() time.Duration { return w.End.Sub(w.Start) }
