package plan

import "time"

// Schedule says when windows open: at a fixed interval from an anchor, or whenever a
// cron line fires. It is a plain value. One that does not come from planfile must
// have either a positive Every of whole seconds or a Cron that fires.
//
// The windows of a schedule partition all of time, in both directions: every
// instant lies in exactly one, and the end of one is the start of the next.
type Schedule struct {
	Every time.Duration
	// Anchor is where Every counts from; zero is the record's anchor.
	Anchor time.Time
	// Cron has five fields and is in UTC.
	Cron string
}

// Window returns the window that contains t. anchor is the record's; it counts only
// for an Every without an anchor of its own. Anchors are cut to whole seconds, so
// that a window's ID is exactly its start.
func (s Schedule) Window(t, anchor time.Time) Window {
	if s.Cron != "" {
		return cronWindow(s.Cron, t)
	}
	if !s.Anchor.IsZero() {
		anchor = s.Anchor
	}
	// In seconds: a time.Duration ends at 292 years, and Sub would saturate.
	every, origin := int64(s.Every/time.Second), anchor.Unix()
	since := t.Unix() - origin
	k := since / every
	if since%every < 0 {
		k-- // towards the past, also before the anchor
	}
	start := time.Unix(origin+k*every, 0).UTC()
	return Window{Start: start, End: start.Add(s.Every)}
}

// UsesAnchorOfRecord reports whether its windows are counted from the record's anchor.
func (s Schedule) UsesAnchorOfRecord() bool { return s.Cron == "" && s.Anchor.IsZero() }

// Next returns the window after w.
func (s Schedule) Next(w Window, anchor time.Time) Window { return s.Window(w.End, anchor) }

// Prev returns the window before w.
func (s Schedule) Prev(w Window, anchor time.Time) Window {
	return s.Window(w.Start.Add(-time.Second), anchor)
}

// ShortestPeriod returns the length of the schedule's shortest window.
func (s Schedule) ShortestPeriod() time.Duration {
	if s.Cron != "" {
		return cronShortest(s.Cron)
	}
	return s.Every
}

// Text describes the schedule in the words of a plan.
func (s Schedule) Text() string {
	switch {
	case s.Cron != "":
		return "cron " + s.Cron
	case s.Anchor.IsZero():
		return "every " + FormatDuration(s.Every)
	}
	return "every " + FormatDuration(s.Every) + " from " + s.Anchor.UTC().Format(time.RFC3339)
}
