package plan_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyturn/keyturn/plan"
)

// From long before any key to long after: two centuries with all their leap
// years, 2000, 2100 and 2200 among them.
var (
	earliest = time.Date(1895, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	latest   = time.Date(2205, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
)

func moments() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "zone"))
		return time.Unix(rapid.Int64Range(earliest, latest).Draw(t, "unix"),
			rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).In(zone)
	})
}

func schedules() *rapid.Generator[plan.Schedule] {
	every := rapid.Custom(func(t *rapid.T) plan.Schedule {
		s := plan.Schedule{Every: time.Duration(rapid.Int64Range(60, 10*366*24*3600).Draw(t, "every")) * time.Second}
		if rapid.Bool().Draw(t, "own anchor") {
			s.Anchor = moments().Draw(t, "anchor")
		}
		return s
	})
	cron := rapid.Map(crons(), func(c cronLine) plan.Schedule { return plan.Schedule{Cron: c.String()} })
	return rapid.OneOf(every, cron)
}

// checkWindows is what every schedule promises: its windows partition time.
func checkWindows(t interface{ Fatalf(string, ...any) }, s plan.Schedule, anchor, at time.Time) {
	w := s.Window(at, anchor)
	if !w.Contains(at) || at.Before(w.Start) || !at.Before(w.End) {
		t.Fatalf("%+v: %v is not in its window %v", s, at, w)
	}
	if w.Start.Nanosecond() != 0 || w.Start.Location() != time.UTC || w.End.Location() != time.UTC {
		t.Fatalf("%+v: %v is not in whole seconds of UTC", s, w)
	}
	if id, err := time.Parse(time.RFC3339, w.ID()); err != nil || !id.Equal(w.Start) {
		t.Fatalf("%v: its id %s does not tell its start", w, w.ID())
	}
	if w.Contains(w.End) || !w.Contains(w.Start) || w.Contains(w.Start.Add(-1)) || !w.Contains(w.End.Add(-1)) {
		t.Fatalf("%v is not half-open", w)
	}
	next, prev := s.Next(w, anchor), s.Prev(w, anchor)
	if !next.Start.Equal(w.End) || !next.End.After(next.Start) {
		t.Fatalf("%+v: after %v comes %v", s, w, next)
	}
	if !prev.End.Equal(w.Start) || !prev.End.After(prev.Start) {
		t.Fatalf("%+v: before %v comes %v", s, w, prev)
	}
	if s.Prev(next, anchor) != w || s.Next(prev, anchor) != w {
		t.Fatalf("%+v: Prev and Next of %v do not undo each other", s, w)
	}
	for _, inside := range []time.Time{w.Start, w.Start.Add(w.Length() / 2), w.End.Add(-1), at} {
		if got := s.Window(inside, anchor); got != w {
			t.Fatalf("%+v: %v lies in %v, %v in %v", s, at, w, inside, got)
		}
	}
}

func TestWindowsPartitionTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, anchor, at := schedules().Draw(t, "schedule"), moments().Draw(t, "anchor"), moments().Draw(t, "t")
		checkWindows(t, s, anchor, at)
	})
}

// Windows of every are counted from the schedule's anchor, else the record's,
// to both sides.
func TestWindowsHangOnTheAnchor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.Int64Range(60, 400*24*3600).Draw(t, "every")) * time.Second
		anchor, other := moments().Draw(t, "anchor"), moments().Draw(t, "other")
		k := rapid.Int64Range(-20, 20).Draw(t, "k")
		start := anchor.Truncate(time.Second).Add(time.Duration(k) * every)
		want := plan.Window{Start: start.UTC(), End: start.Add(every).UTC()}
		if got := (plan.Schedule{Every: every}).Window(start, anchor); got != want {
			t.Fatalf("the record's anchor: %v, want %v", got, want)
		}
		if got := (plan.Schedule{Every: every, Anchor: anchor}).Window(start, other); got != want {
			t.Fatalf("the schedule's anchor: %v, want %v", got, want)
		}
	})
}

// A window must not depend on time.Duration's 292 years.
func TestWindowFarFromItsAnchor(t *testing.T) {
	anchor := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	got := plan.Schedule{Every: day}.Window(time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC), anchor)
	if got.ID() != "2026-05-06T00:00:00Z" || got.Length() != day {
		t.Errorf("got %v", got)
	}
}
