package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// span is a span of time, [from, to).
type span struct{ from, to time.Time }

// missedEach is how many windows between two claims have a finding each; of more there is
// one together.
const missedEach = 12

// missedMost is how many windows between two claims are looked at.
const missedMost = 10_000

// windowWalk looks for windows that no run has claimed although it could have, between
// scheduled claims of one schedule. What schedule there was before an earlier claim, or
// between two that differ, is not known.
type windowWalk struct {
	*checker
	// last is the scheduled claim before.
	last plan.Event
	// done is the latest window that is done.
	done time.Time
	// switches are when a version went live. blocked are the times in which no run may
	// claim: a hold, or an open generation.
	switches []time.Time
	blocked  []span
	// held is the hold on the key, with when it ends by itself; zero if there is none, or if
	// it does not. open is since when a generation is open; zero if none is.
	held span
	open time.Time
}

// missed looks for missed windows in the events of the key.
func (c *checker) missed() {
	w := windowWalk{checker: c}
	rev := int64(0)
	for _, e := range c.told.events {
		if e.Rev != rev+1 || e.Is(plan.EventRebuild) || e.Is(plan.EventAdopt) {
			w = windowWalk{checker: c, held: w.held, blocked: w.blocked}
		}
		rev = e.Rev
		w.event(e)
	}
}

func (w *windowWalk) event(e plan.Event) {
	if e.Is(plan.EventClaim) && e.Schedule != "" {
		if w.last.Schedule == e.Schedule && !w.done.IsZero() {
			w.between(e)
		}
		w.last = e
	}
	if !e.Window.IsZero() {
		w.done = e.Window
	}
	if e.Is(plan.EventFinish) || e.Is(plan.EventAdopt) {
		w.switches = append(w.switches, e.At)
	}
	if (e.Is(plan.EventFinish) || e.Is(plan.EventAbandon)) && !w.open.IsZero() {
		w.blocked = append(w.blocked, span{w.open, e.At})
		w.open = time.Time{}
	}
	if e.Is(plan.EventClaim) {
		w.open = e.At
	}
	if !e.HoldsVersion() { // such a hold stops no rotation
		w.holds(e)
	}
}

// holds takes in what an event did to the hold on the key.
func (w *windowWalk) holds(e plan.Event) {
	sets := e.Is(plan.EventHold) || e.Is(plan.EventSelfHold)
	if sets || e.Is(plan.EventRelease) {
		w.blocked = append(w.blocked, w.held.ended(e.At))
		w.held = span{}
	}
	if sets {
		w.held.from = e.At
		if e.Kind[0] == plan.EventHold && !e.Is(plan.EventSelfHold) {
			w.held.to = e.Until
		}
	}
}

// ended returns the span of a hold that has ended at a time, or before it by itself.
func (s span) ended(at time.Time) span {
	if s.from.IsZero() || !s.to.IsZero() && s.to.Before(at) {
		return s
	}
	return span{s.from, at}
}

// between looks at the windows after the last one that was done, which were over when a
// claim came.
func (w *windowWalk) between(claim plan.Event) {
	s, ok := plan.ScheduleOf(claim.Schedule)
	if !ok {
		return
	}
	var missed []plan.Window
	var free []time.Duration
	at := s.Window(w.done, w.done)
	for range missedMost {
		if at = s.Next(at, w.done); at.End.After(claim.At) {
			break
		}
		if d := w.claimable(at, s, claim.At); d >= min(recordedWithin, at.Length()/2) {
			missed, free = append(missed, at), append(free, d)
		}
	}
	if len(missed) > missedEach {
		w.report(missed, slices.Max(free), claim)
		return
	}
	for i := range missed {
		w.report(missed[i:i+1], free[i], claim)
	}
}

// claimable returns for how long at a time a run could have claimed a window. One that comes
// every day needs little more than a day.
func (w *windowWalk) claimable(at plan.Window, s plan.Schedule, now time.Time) time.Duration {
	p := w.p
	p.Schedule = s
	for _, live := range w.switches {
		if !live.After(at.Start) && at.Start.Before(live.Add(p.MinIntervalAt(at, w.done))) {
			return 0
		}
	}
	blocked := append(slices.Clone(w.blocked), w.held.ended(now))
	if !w.open.IsZero() {
		blocked = append(blocked, span{w.open, now})
	}
	for _, f := range w.p.Freeze {
		blocked = append(blocked, span{f.From, f.To})
	}
	return longest(at, blocked)
}

// longest returns the longest time in a window in which nothing is blocked.
func longest(at plan.Window, blocked []span) (most time.Duration) {
	slices.SortFunc(blocked, func(a, b span) int { return a.from.Compare(b.from) })
	from := at.Start
	for _, b := range append(blocked, span{at.End, at.End}) {
		if b.from.After(at.End) {
			b.from = at.End
		}
		most = max(most, b.from.Sub(from))
		if b.to.After(from) {
			from = b.to
		}
	}
	return most
}

// report adds the finding of windows that were missed one after another.
func (w *windowWalk) report(missed []plan.Window, free time.Duration, claim plan.Event) {
	first, last := missed[0], missed[len(missed)-1]
	f := Finding{Code: plan.CodeWindowMissed, Level: Warning, Mode: Partial, Field: first.ID(), Since: first.Start,
		Observed: "no claim", Expected: "a claim before " + moment(last.End),
		Evidence: Evidence{Revs: []int64{w.last.Rev, claim.Rev}},
		What: fmt.Sprintf("window %s was missed: no run claimed it before it was over, at %s", plan.Stamp(first.Start),
			plan.Stamp(first.End)),
		Hint: w.history().Noted("see why no run came, or none could: cron, credentials, a refusal; " +
			"a freeze that the plan no longer has is not known")}
	if len(missed) > 1 {
		f.What = fmt.Sprintf("%d windows were missed, from %s to %s: no run claimed them before they were over",
			len(missed), plan.Stamp(first.Start), plan.Stamp(last.End))
	}
	if free < first.Length() {
		f.What += "; nothing stood in a run's way for " + plan.Age(free)
	}
	if code := w.refusedIn(first.Start, last.End); code != "" {
		f.What += "; a run was refused then: " + string(code)
	}
	w.add(f)
}

// refusedIn returns the code of the last refusal in a span of time; "" if there is none.
func (w *windowWalk) refusedIn(from, to time.Time) (code plan.EventKind) {
	for _, e := range w.told.events {
		i := slices.Index(e.Kind, plan.EventRefused)
		if i >= 0 && i+1 < len(e.Kind) && !e.At.Before(from) && e.At.Before(to) {
			code = e.Kind[i+1]
		}
	}
	return code
}
