package docs

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// turn is a stretch of writes with the same terms.
type turn struct {
	terms terms
	first plan.Event
}

// turns returns the stretches of two plans that came back both, for longer than the six
// hours in which a plan may reach all pools; nil if there are none.
func (s *truth) turns() []turn {
	var all []turn
	for _, w := range s.writes {
		if s.lost(w) {
			continue
		}
		all = append(all, turn{s.witness.terms[w.event.Run], w.event})
	}
	var kinds []terms
	for _, t := range all {
		if !slices.Contains(kinds, t.terms) {
			kinds = append(kinds, t.terms)
		}
	}
	for i, a := range kinds {
		for _, b := range kinds[i+1:] {
			two := slices.DeleteFunc(slices.Clone(all), func(t turn) bool { return t.terms != a && t.terms != b })
			two = slices.CompactFunc(two, func(x, y turn) bool { return x.terms == y.terms })
			if n := len(two); n >= 4 && two[n-1].first.At.Sub(two[1].first.At) > 6*time.Hour {
				return two
			}
		}
	}
	return nil
}

// mixed reports whether pools had different plans at some time of a span.
func (s *truth) mixed(from, to time.Time) bool {
	for i, r := range s.rollouts {
		ends := s.now
		if i+1 < len(s.rollouts) {
			ends = s.rollouts[i+1].at
		}
		if r.is[0] != r.is[1] && !r.at.After(to) && !ends.Before(from) {
			return true
		}
	}
	return false
}

// windowsMissed returns the windows that no run has claimed although one could have,
// between scheduled claims of one schedule that follow each other.
func (s *truth) windowsMissed() (missed []time.Time) {
	var last *write
	for i, w := range s.writes {
		if e := w.event; s.lost(w) || e.Is(plan.EventRebuild) || e.Is(plan.EventAdopt) {
			last = nil // what was due before is not known
			continue
		}
		if w.event.Schedule == "" {
			continue
		}
		if last != nil && last.event.Schedule == w.event.Schedule {
			missed = append(missed, s.windowsBetween(i, w)...)
		}
		last = &s.writes[i]
	}
	return missed
}

// windowsBetween returns those that were over before the i-th write, a claim.
func (s *truth) windowsBetween(i int, claim write) (missed []time.Time) {
	before := s.writes[i-1].after
	every := span(claim.event.Schedule[len("every "):])
	for start := before.Window.Add(every); !start.Add(every).After(claim.event.At); start = start.Add(every) {
		end := start.Add(every)
		longest, from := time.Duration(0), start
		for n, w := range s.writes[:i] {
			until := claim.event.At
			if n+1 < i {
				until = s.writes[n+1].event.At
			}
			a, b := laterOf(w.event.At, start), earlierOf(until, end)
			if !a.Before(b) {
				continue
			}
			r := w.after
			ready := r.Active != 0 && r.Step == plan.Steady && r.Window.Before(start) &&
				!start.Before(r.Live().Since.Add(every/2))
			switch {
			case !ready || r.Hold != nil && r.Hold.Until.IsZero():
				from = b
			case r.Hold != nil && r.Hold.Until.After(a):
				from = earlierOf(r.Hold.Until, b)
			}
			longest = max(longest, b.Sub(from))
		}
		if longest >= min(26*time.Hour, every/2) {
			missed = append(missed, start)
		}
	}
	return missed
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlierOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
