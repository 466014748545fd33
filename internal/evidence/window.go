package evidence

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Window is one turn of the schedule, as the plan of that time had it.
type Window struct {
	plan.Window
	Schedule string
	State    WindowState
	// Done is the event that had the window done, or closed without a rotation; not known if none
	// did.
	Done Fact
	// By is what counts for it, or has closed it.
	By Closer
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
	// WindowCounted: the version that was found behind the alias counts for it, or the one that
	// was made with the alias.
	WindowCounted WindowState = "counted"
	// WindowClosed: no new version became active in it, and none does, because of what a person
	// did.
	WindowClosed WindowState = "closed"
	// WindowYoung: the version was younger than min_interval when it opened.
	WindowYoung WindowState = "young"
	// WindowMissed: it is over, and no rotation has done it.
	WindowMissed WindowState = "missed"
	// WindowOpen: it is not over, and not done.
	WindowOpen WindowState = "open"
	// WindowUnknown: which version was active when it opened is not known, or what a switch in it
	// was for.
	WindowUnknown WindowState = "unknown"
)

// mostWindows of a key are in a report: a schedule may be one of minutes.
const mostWindows = 1000

// scheduled is the schedule of a claim.
type scheduled struct {
	text, terms string
	at          time.Time
}

// Closer is what makes a window count as done.
type Closer string

// What makes a window count as done, other than a rotation.
const (
	// ByCreate: the version was made with the alias.
	ByCreate Closer = "create"
	// ByAdopt: a version was found behind the alias that was not known before, and ByOlder: one
	// that was.
	ByAdopt Closer = "adopt"
	ByOlder Closer = "adopt-older"
	// ByRollback: a rollback put an older version back, and ByGiveUp: it gave the new one up.
	ByRollback Closer = "rollback"
	ByGiveUp   Closer = "give-up"
	ByRebuild  Closer = "rebuild"
)

// closing is an event that may have a window done.
type closing struct {
	Fact
	by Closer
	// window is the start of the latest window that is done since then; zero if that has not
	// changed.
	window time.Time
}

// counting begins at a time since which the windows are counted from one anchor.
type counting struct {
	// at is the event that begins it.
	at Fact
	// anchor is zero if no event tells it.
	anchor time.Time
	// told is the first window that an event tells of that time.
	told time.Time
}

// count takes in what an event tells of windows, before it changes any version.
func (r *replay) count(e plan.Event) {
	rebuilt := e.Is(plan.EventRebuild)
	c := closing{Fact: r.fact(e), window: e.Window.UTC()}
	if len(r.countings) == 0 || rebuilt {
		r.countings = append(r.countings, counting{at: c.Fact, anchor: e.Anchor})
	}
	if now := &r.countings[len(r.countings)-1]; now.told.IsZero() {
		now.told = e.Window
	}
	known := r.versions[e.Version]
	switch verb := c.Why.Verb; {
	case e.Kind[0] == plan.EventFinish && verb == plan.VerbRollback:
		c.by = ByRollback
	case e.Kind[0] == plan.EventFinish:
		if verb == plan.VerbAdopt {
			c.by = ByCreate
		}
		r.switches = append(r.switches, c)
		return
	case rebuilt:
		c.by = ByRebuild
	case e.Is(plan.EventAdopt) && known != nil && known.Live.Known():
		c.by = ByOlder
	case e.Is(plan.EventAdopt):
		c.by = ByAdopt
	case e.Kind[0] == plan.EventAbandon:
		c.by = ByGiveUp
	}
	if c.by != "" && !e.Window.IsZero() {
		r.closings = append(r.closings, c)
	}
}

// switchIn returns the switch that has a window done: the one that says so, or else the first
// one in it.
func (r *replay) switchIn(w plan.Window) (closing, bool) {
	i := slices.IndexFunc(r.switches, func(c closing) bool { return c.window.Equal(w.Start) })
	if i < 0 {
		i = slices.IndexFunc(r.switches, func(c closing) bool { return w.Contains(c.At) })
	}
	if i < 0 {
		return closing{}, false
	}
	return r.switches[i], true
}

// stretch is a time in which the schedule is known.
type stretch struct {
	from, to time.Time
	schedule plan.Schedule
	text     string
	// anchor is from when its windows are counted; zero if that is not known.
	anchor time.Time
	// after reports whether windows were counted from another anchor before it, and ended is the
	// rebuild since which they are.
	after bool
	ended Fact
}

// counted returns the parts of a stretch with one anchor each: that which the ledger tells, or
// else the record's of today, or else a window of that time.
func (r *replay) counted(s stretch, record *plan.Record) (parts []stretch) {
	for i, c := range r.countings {
		part, last := s, i == len(r.countings)-1
		part.anchor = c.anchor
		if i > 0 {
			part.from = latest(s.from, c.at.At)
		}
		if !last && r.countings[i+1].at.At.Before(s.to) {
			part.to = r.countings[i+1].at.At
		}
		if part.anchor.IsZero() && last && record != nil {
			part.anchor = record.Anchor
		}
		if part.anchor.IsZero() {
			part.anchor = c.told
		}
		n := len(parts) - 1
		switch {
		case !part.from.Before(part.to):
		case n >= 0 && parts[n].sameWindows(part):
			parts[n].to = part.to
		default:
			if n >= 0 {
				parts[n].ended, part.after = c.at, true
			}
			parts = append(parts, part)
		}
	}
	return parts
}

// anchored reports whether it is known when windows open.
func (s stretch) anchored() bool { return !s.schedule.UsesAnchorOfRecord() || !s.anchor.IsZero() }

// sameWindows reports whether the windows of two parts of a stretch open at the same times.
func (s stretch) sameWindows(o stretch) bool {
	return s.anchored() && o.anchored() &&
		s.schedule.Window(o.from, s.anchor).Start.Equal(s.schedule.Window(o.from, o.anchor).Start)
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
			known = append(known, stretch{from: from, to: to, schedule: s, text: text})
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
	known, unknown := r.stretches(k.Policy, seen.Events[0], now)
	for _, u := range unknown {
		if u.To.After(k.From) {
			k.Unknown = append(k.Unknown, u)
		}
	}
	for _, s := range known {
		for _, part := range r.counted(s, seen.Record) {
			k.windowsOf(part, r, now)
		}
	}
}

// windowsOf adds the windows that opened in a part of a stretch.
func (k *Key) windowsOf(s stretch, r *replay, now time.Time) {
	from := latest(s.from, k.From)
	if !from.Before(s.to) {
		return
	}
	if !s.anchored() {
		k.Unknown = append(k.Unknown, Unknown{Kind: ScheduleUnknown, From: from, To: s.to})
		return
	}
	w := s.schedule.Window(from, s.anchor)
	if w.Start.Before(from) && !k.openNow(w, s, now) {
		w = s.schedule.Next(w, s.anchor) // it opened before
	}
	for ; w.Start.Before(s.to); w = s.schedule.Next(w, s.anchor) {
		if len(k.Windows) == mostWindows {
			k.Unknown = append(k.Unknown, Unknown{Kind: WindowsLeftOut, From: w.Start, To: s.to})
			return
		}
		k.Windows = append(k.Windows, k.judge(w, s, r, now))
	}
}

// openNow reports whether a window that opened before the report's time is still open. One that
// opened before its anchor was in force was none.
func (k *Key) openNow(w plan.Window, s stretch, now time.Time) bool {
	return s.to.Equal(now) && !s.after && w.Contains(now)
}

// judge says what became of a window.
func (k *Key) judge(w plan.Window, s stretch, r *replay, now time.Time) Window {
	out := Window{Window: w, Schedule: s.text}
	policy := k.Policy
	policy.Schedule = s.schedule
	since, known := k.activeSince(w.Start)
	c, closed := r.closedBy(w, s)
	done, switched := r.switchIn(w)
	switch {
	case switched && done.Why.Verb == "":
		out.State, out.Done = WindowUnknown, done.Fact
	case switched && done.by == "":
		out.State, out.Done = WindowDone, done.Fact
	case switched:
		out.State, out.Done, out.By = WindowCounted, done.Fact, done.by
	case closed && c.by == ByAdopt:
		out.State, out.Done, out.By = WindowCounted, c.Fact, c.by
	case !known:
		out.State = WindowUnknown
	case w.Start.Before(since.Add(policy.MinIntervalAt(w, s.anchor))):
		out.State = WindowYoung
	case closed && !(r.rotating() && w.End.After(now)):
		out.State, out.Done, out.By = WindowClosed, c.Fact, c.by
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

// closedBy returns what has closed a window without a switch to a new version, if anything has.
func (r *replay) closedBy(w plan.Window, s stretch) (closing, bool) {
	i := slices.IndexFunc(r.closings, func(c closing) bool { return c.window.Equal(w.Start) })
	switch {
	case i >= 0:
		return r.closings[i], true
	case s.ended.Known() && w.End.After(s.to):
		return closing{Fact: s.ended, by: ByRebuild}, true
	}
	return closing{}, false
}

// rotating reports whether a generation is open that makes a new version active.
func (r *replay) rotating() bool { return r.open != nil && r.open.ClaimVerb() != plan.VerbRollback }

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
