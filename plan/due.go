package plan

import "time"

// DueState is the state of a key's schedule at a moment.
type DueState string

// The states of a schedule.
const (
	NotDue DueState = "not-due"
	IsDue  DueState = "due"
	// LeftOut: start_within has passed.
	LeftOut DueState = "left-out"
	// InFreeze: a window is due or was left out, and a freeze lasts. Nothing is
	// overdue in a freeze.
	InFreeze DueState = "frozen"
)

// Due describes the schedule of a key at a moment.
type Due struct {
	State DueState
	// Window is the window that is due or was left out; otherwise the current one.
	Window Window
	// Next is when the next scheduled claim may be made; zero if none is near.
	Next time.Time
	// Opens is the start of the window that Next claims.
	Opens time.Time
	// Freeze is the current one, in state InFreeze.
	Freeze Freeze
	// Missed reports whether start_within had passed before the freeze began.
	Missed bool
}

// DueAt returns the state of a record's schedule at now. A window is due if it is
// newer than the last one done, if the live version was at least min_interval old
// when it opened, and if start_within has not passed; time in a freeze does not count
// for that. With prepublish the next window is due that much before it opens.
func DueAt(now time.Time, p Policy, r *Record) Due {
	due := p.dueAt(now, r)
	if f, frozen := p.FrozenAt(now); frozen && due.State != NotDue {
		due.Freeze, due.Missed, due.State = f, due.State == LeftOut, InFreeze
		if !due.Missed {
			due.Next = f.To
		}
	}
	return due
}

// dueAt is DueAt without regard to a freeze that lasts now.
func (p Policy) dueAt(now time.Time, r *Record) Due {
	if r.Active == 0 {
		return Due{State: NotDue}
	}
	w := p.Schedule.Window(now, r.Anchor)
	next := p.Schedule.Next(w, r.Anchor)
	open := p.needs(w, r)
	if open && (p.StartWithin == 0 || p.Unfrozen(w.Start, now) < p.StartWithin) {
		claim := latest(w.Start.Add(-p.Prepublish), r.Live().Since)
		return Due{State: IsDue, Window: w, Opens: w.Start, Next: claim}
	}
	opens, claim := p.opens(next, r)
	switch {
	case opens.Equal(next.Start) && !now.Before(claim):
		return Due{State: IsDue, Window: next, Opens: opens, Next: claim}
	case open:
		return Due{State: LeftOut, Window: w, Opens: opens, Next: claim}
	}
	return Due{State: NotDue, Window: w, Opens: opens, Next: claim}
}

// needs reports whether window w still needs a rotation of the key.
func (p Policy) needs(w Window, r *Record) bool {
	if !w.Start.After(r.Window) {
		return false
	}
	return !w.Start.Before(r.Live().Since.Add(p.MinIntervalAt(w, r.Anchor)))
}

// opens returns when the first window from w on that needs a rotation opens, and
// when it may be claimed.
func (p Policy) opens(w Window, r *Record) (opens, claim time.Time) {
	// min_interval is at most ¾ of the shortest period, so a version that is
	// fresh now is old enough a few windows on.
	for range 64 {
		if p.needs(w, r) {
			return w.Start, w.Start.Add(-p.Prepublish)
		}
		w = p.Schedule.Next(w, r.Anchor)
	}
	return time.Time{}, time.Time{}
}

// windowMadeFor returns the window that a version counts for which went live at
// since. A key made shortly before a window opens was made for it: up to 5
// minutes before, at most a tenth of the period.
func (p Policy) windowMadeFor(since, anchor time.Time) time.Time {
	early := min(5*time.Minute, p.Schedule.ShortestPeriod()/10)
	return p.Schedule.Window(since.Add(early), anchor).Start
}

// NextOpens returns when the next window opens that will rotate a key; zero if none
// is near.
func NextOpens(now time.Time, p Policy, r *Record) time.Time {
	if r == nil || r.Active == 0 {
		return time.Time{}
	}
	due := DueAt(now, p, r)
	if due.Next.After(due.Opens) { // a freeze ends later than that
		return due.Next
	}
	return due.Opens
}
