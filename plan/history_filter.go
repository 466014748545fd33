package plan

import (
	"slices"
	"strings"
	"time"
)

// EventFilter selects events of a ledger. What is zero selects all.
type EventFilter struct {
	// Version and KeyID are what an event is about: what it made, moved to, marked, or
	// has drain.
	Version int64
	KeyID   string
	// Run is the id of the run that wrote it.
	Run string
	// By is a part of the caller's ARN, between colons or slashes: "rotator",
	// "assumed-role/rotator", or all of it.
	By string
	// Since and Until are the first moment and the last.
	Since, Until time.Time
}

// All reports whether the filter selects every event.
func (f EventFilter) All() bool { return f == EventFilter{} }

// Match reports whether the filter selects an event.
func (f EventFilter) Match(e Event) bool {
	switch {
	case f.Run != "" && e.Run != f.Run, e.At.Before(f.Since), !f.Until.IsZero() && e.At.After(f.Until),
		f.By != "" && !partOf(e.Who.By, f.By):
		return false
	case f.Version == 0 && f.KeyID == "":
		return true
	}
	about := func(version int64, keyID string) bool {
		return (f.Version == 0 || version == f.Version) && (f.KeyID == "" || keyID == f.KeyID)
	}
	if about(e.Version, e.KeyID) {
		return true
	}
	for _, l := range e.Left {
		if about(l.Version, l.KeyID) {
			return true
		}
	}
	return false
}

// KeyEvent is an event and the key that it is of.
type KeyEvent struct {
	Key Policy
	Event
}

// Timeline returns the events of several keys that a filter selects, oldest first. Those
// of one key stay in the order of their revisions.
func Timeline(all []KeyHistory, f EventFilter) []KeyEvent {
	var selected []KeyEvent
	for _, h := range all {
		for _, e := range h.Events {
			if f.Match(e) {
				selected = append(selected, KeyEvent{h.Key, e})
			}
		}
	}
	if len(all) > 1 {
		slices.SortStableFunc(selected, func(a, b KeyEvent) int { return a.At.Compare(b.At) })
	}
	return selected
}

// partOf reports whether some whole parts of an ARN, one after the other, are the text.
func partOf(arn, text string) bool {
	parts := func(s string) string { return "/" + strings.Trim(strings.ReplaceAll(s, ":", "/"), "/") + "/" }
	return strings.Contains(parts(arn), parts(text))
}
