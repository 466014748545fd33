package evidence

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Window is one turn of the schedule, as the plan of that time had it.
type Window struct {
	plan.Window
	Schedule string
	State    WindowState
	// Done is the event that had the window done; not known if none did.
	Done Fact
	// Held and Frozen report whether a hold, or a freeze of today's plan, was in force at
	// some time of a window that was missed or is open.
	Held, Frozen bool
}

// WindowState is what became of a window.
type WindowState string

// The states of windows.
const (
	// WindowDone: a rotation finished it.
	WindowDone WindowState = "done"
	// WindowCounted: the version that keyturn found behind the alias counts for it, or one that
	// a rollback has put back. No version was made.
	WindowCounted WindowState = "counted"
	// WindowYoung: the version was younger than min_interval when it opened.
	WindowYoung WindowState = "young"
	// WindowMissed: it is over, and no rotation has done it.
	WindowMissed WindowState = "missed"
	// WindowOpen: it is not over, and not done.
	WindowOpen WindowState = "open"
	// WindowUnknown: which version was active when it opened is not known.
	WindowUnknown WindowState = "unknown"
)

// mostWindows of a key are in a report: a schedule may be one of minutes.
const mostWindows = 1000

// scheduled is the schedule of a claim.
type scheduled struct {
	text, terms string
	at          time.Time
}

// stretch is a time in which the schedule is known.
type stretch struct {
	from, to time.Time
	schedule plan.Schedule
	text     string
}

// stretches returns in which times the schedule of a key is known: between two claims that
// have the same one; before the first claim if the first event has the terms of that claim;
// after the last one if today's plan has the schedule of that. What is left is not known.
func (r *replay) stretches(p plan.Policy, first plan.Event, now time.Time) (known []stretch, unknown []Unknown) {
	add := func(from, to time.Time, text string, sure bool) {
		s, ok := p.Schedule, text == p.Schedule.Text()
		if !ok {
			s, ok = plan.ScheduleOf(text)
		}
		switch n := len(known); {
		case !from.Before(to):
		case !sure || !ok:
			unknown = append(unknown, Unknown{Kind: ScheduleUnknown, From: from, To: to})
		case n > 0 && known[n-1].text == text && known[n-1].to.Equal(from):
			known[n-1].to = to
		default:
			known = append(known, stretch{from, to, s, text})
		}
	}
	from, text, terms := first.At, "", first.Who.Terms
	for _, c := range r.schedules {
		add(from, c.at, c.text, c.text == text || text == "" && terms != "" && c.terms == terms)
		from, text = c.at, c.text
	}
	today := p.Schedule.Text()
	add(from, now, today, text == today || text == "" && terms != "" && terms == p.Digest())
	return known, unknown
}

// windows returns the windows that opened in the time of a report.
func (k *Key) windows(r *replay, seen Seen, now time.Time) {
	if len(seen.Events) == 0 {
		return // it is said that nothing is known
	}
	anchor := time.Time{}
	if seen.Record != nil {
		anchor = seen.Record.Anchor
	}
	known, unknown := r.stretches(k.Policy, seen.Events[0], now)
	for _, u := range unknown {
		if u.To.After(k.From) {
			k.Unknown = append(k.Unknown, u)
		}
	}
	for _, s := range known {
		if s.schedule.Cron == "" && s.schedule.Anchor.IsZero() && anchor.IsZero() {
			k.Unknown = append(k.Unknown, Unknown{Kind: ScheduleUnknown, From: latest(s.from, k.From), To: s.to})
			continue
		}
		w := s.schedule.Window(latest(s.from, k.From), anchor)
		if w.Start.Before(latest(s.from, k.From)) && !k.openNow(w, s, now) {
			w = s.schedule.Next(w, anchor) // it opened before
		}
		for ; w.Start.Before(s.to); w = s.schedule.Next(w, anchor) {
			if len(k.Windows) == mostWindows {
				k.Unknown = append(k.Unknown, Unknown{Kind: WindowsLeftOut, From: w.Start, To: s.to})
				return
			}
			k.Windows = append(k.Windows, k.judge(w, s, r, anchor, now))
		}
	}
}

// openNow reports whether a window that opened before the report's time is still open.
func (k *Key) openNow(w plan.Window, s stretch, now time.Time) bool {
	return s.to.Equal(now) && w.Contains(now)
}

// judge says what became of a window.
func (k *Key) judge(w plan.Window, s stretch, r *replay, anchor, now time.Time) Window {
	out := Window{Window: w, Schedule: s.text}
	policy := k.Policy
	policy.Schedule = s.schedule
	done, is := r.done[w.Start]
	since, known := k.activeSince(w.Start)
	switch {
	case is && done.Why.Verb != "" && done.Why.Verb != plan.VerbRollback:
		out.State, out.Done = WindowDone, done
	case is:
		out.State, out.Done = WindowCounted, done
	case !known:
		out.State = WindowUnknown
	case w.Start.Before(since.Add(policy.MinIntervalAt(w, anchor))):
		out.State = WindowYoung
	case w.End.After(now):
		out.State = WindowOpen
	default:
		out.State = WindowMissed
	}
	if out.State == WindowMissed || out.State == WindowOpen {
		for _, h := range r.holds {
			end := h.End(now)
			out.Held = out.Held || h.Version == 0 && h.Set.At.Before(w.End) && (end.IsZero() || end.After(w.Start))
		}
		_, out.Frozen = k.Policy.FrozenWithin(w.Start, w.End.Add(-time.Second))
	}
	return out
}

// activeSince returns since when the version was active that was so at a moment.
func (k *Key) activeSince(at time.Time) (since time.Time, known bool) {
	for _, v := range k.Versions {
		for _, s := range v.Spans {
			if s.State == Active && !s.From.After(at) && (s.To.IsZero() || s.To.After(at)) {
				return s.From, true
			}
		}
	}
	return time.Time{}, false
}

// Gap is a time in which no new version became active.
type Gap struct {
	From, To time.Time
	// Version is the one that became active at From, and Next at To; 0 if it lasts.
	Version, Next int64
	// AtLeast reports whether it had begun before From, at a time that is not known.
	AtLeast bool
}

// Length returns how long it was, or has been.
func (g Gap) Length() time.Duration { return g.To.Sub(g.From) }

// longest returns the longest gap that reaches into the time of the report.
func (r *replay) longest(from, now time.Time) *Gap {
	var out *Gap
	for i, f := range r.fresh {
		g := Gap{From: f.at, To: now, Version: f.version, AtLeast: f.earlier}
		if i+1 < len(r.fresh) {
			g.To, g.Next = r.fresh[i+1].at, r.fresh[i+1].version
		}
		if !g.To.Before(from) && (out == nil || g.Length() > out.Length()) {
			out = &g
		}
	}
	return out
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
