package plan

import "time"

// DueState is what the schedule says at a moment.
type DueState string

// The states of a schedule.
const (
	NotDue  DueState = "not-due"
	IsDue   DueState = "due"
	LeftOut DueState = "left-out" // start_within has passed
	// InFreeze is a window that is due, or was left out, while a freeze lasts: nothing
	// is overdue in one.
	InFreeze DueState = "frozen"
)

// Due is what the schedule says of a record.
type Due struct {
	State  DueState
	Window Window    // the window that is due or was left out; else the current one
	Next   time.Time // when the next scheduled claim may be made; zero if none is near
	Opens  time.Time // the start of the window that Next claims
	// Freeze is the one that lasts, and Missed that start_within had passed before it
	// began: both of InFreeze.
	Freeze Freeze
	Missed bool
}

// DueAt tells whether a window of the policy is due for a record at now. A
// window is due when it is younger than the last one done, when it opened on a
// version of at least min_interval, and while start_within lasts, of which time in a
// freeze is no part. With prepublish the next window is due that much before it opens.
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

// dueAt is the same, as if no freeze lasted now.
func (p Policy) dueAt(now time.Time, r *Record) Due {
	if r.Active == 0 {
		return Due{State: NotDue}
	}
	w := p.Schedule.Window(now, r.Anchor)
	next := p.Schedule.Next(w, r.Anchor)
	owed := p.owed(w, r)
	if owed && (p.StartWithin == 0 || p.Unfrozen(w.Start, now) < p.StartWithin) {
		return Due{State: IsDue, Window: w, Opens: w.Start, Next: w.Start}
	}
	opens, claim := p.opens(next, r)
	switch {
	case opens.Equal(next.Start) && !now.Before(claim):
		return Due{State: IsDue, Window: next, Opens: opens, Next: claim}
	case owed:
		return Due{State: LeftOut, Window: w, Opens: opens, Next: claim}
	}
	return Due{State: NotDue, Window: w, Opens: opens, Next: claim}
}

// owed tells whether window w is one the record still has to do.
func (p Policy) owed(w Window, r *Record) bool {
	if !w.Start.After(r.Window) {
		return false
	}
	return !w.Start.Before(r.Live().Since.Add(p.MinIntervalAt(w, r.Anchor)))
}

// opens finds the first window from w on that the record will owe: when it
// opens, and when it may be claimed.
func (p Policy) opens(w Window, r *Record) (opens, claim time.Time) {
	// min_interval is at most ¾ of the shortest period, so a version that is
	// fresh now is old enough a few windows on.
	for range 64 {
		if p.owed(w, r) {
			return w.Start, w.Start.Add(-p.Prepublish)
		}
		w = p.Schedule.Next(w, r.Anchor)
	}
	return time.Time{}, time.Time{}
}

// windowMadeFor finds the window that a version which went live at since
// counts for. A key made a little before a window opens was made for it: up
// to 5 minutes, at most a tenth of the period.
func (p Policy) windowMadeFor(since, anchor time.Time) time.Time {
	early := min(5*time.Minute, p.Schedule.ShortestPeriod()/10)
	return p.Schedule.Window(since.Add(early), anchor).Start
}

// NextOpens returns when the next window of a key opens that will rotate it; zero
// if none is near.
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
