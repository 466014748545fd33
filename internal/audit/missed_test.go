package audit_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// A window is missed if it was over when the next claim came, and a run could have claimed
// it. What could not be claimed, or may have been about another schedule, is no finding.
func TestWindowMissed(t *testing.T) {
	type events = []plan.Event
	did := func(kind ...plan.EventKind) plan.Event { return plan.Event{Kind: kind} }
	at := func(days float64, e plan.Event) plan.Event {
		e.At = noon.Add(time.Duration(days * float64(day)))
		return e
	}
	claim := func(days float64, schedule string) plan.Event {
		e := at(days, did(plan.EventClaim))
		e.Claim, e.Schedule = "c", schedule
		return e
	}
	due := func(days float64) plan.Event { return claim(days, "every 30d") }
	frozen := func(from, to time.Duration) []plan.Freeze {
		return []plan.Freeze{{From: noon.Add(from * day), To: noon.Add(to * day)}}
	}
	finish := func(days, window float64) plan.Event {
		e := at(days, did(plan.EventFinish))
		e.Claim, e.Window, e.Version = "c", noon.Add(time.Duration(window*float64(day))), 3
		return e
	}
	hold := func(days, until float64) plan.Event {
		e := at(days, did(plan.EventHold))
		if until > 0 {
			e.Until = noon.Add(time.Duration(until * float64(day)))
		}
		return e
	}
	ofVersion := func(e plan.Event) plan.Event {
		e.Version = 2
		return e
	}
	rotated := events{due(0), finish(0.1, 0)}
	for name, c := range map[string]struct {
		between events
		later   plan.Event
		freeze  []plan.Freeze
		missed  int
	}{
		"the next one":         {nil, due(30), nil, 0},
		"late in the next one": {nil, due(59), nil, 0},
		"one was over":         {nil, due(61), nil, 1},
		"three were over":      {nil, due(121), nil, 3},
		"of many, once":        {nil, due(601), nil, 1},
		"by a cron line":       {nil, claim(61, "cron 0 12 1 * *"), nil, 0},
		"by another schedule":  {nil, claim(61, "every 45d"), nil, 0},
		"held since before":    {events{hold(20, 0), at(60.5, did(plan.EventRelease))}, due(61), nil, 0},
		"held to the end":      {events{hold(20, 61)}, due(61), nil, 0},
		"held for less":        {events{hold(20, 50)}, due(61), nil, 1},
		"released in it":       {events{hold(20, 0), at(50, did(plan.EventRelease))}, due(61), nil, 1},
		"a version is held":    {events{ofVersion(hold(20, 0))}, due(61), nil, 1},
		"a version is released": {events{hold(20, 0), ofVersion(at(25, did(plan.EventRelease))),
			at(60.5, did(plan.EventRelease))}, due(61), nil, 0},
		"released before its end":      {events{hold(20, 61), at(25, did(plan.EventRelease))}, due(61), nil, 1},
		"held by itself":               {events{at(20, did("note", plan.EventHold, "self-hold"))}, due(61), nil, 0},
		"a generation was open":        {events{claim(29, ""), at(60.5, did(plan.EventAbandon))}, due(61), nil, 0},
		"a person rotated before it":   {events{claim(20, ""), finish(20.1, 0)}, due(61), nil, 0},
		"a person rotated in it":       {events{claim(40, ""), finish(40.1, 30)}, due(61), nil, 0},
		"frozen":                       {nil, due(61), frozen(29, 60), 0},
		"frozen for less":              {nil, due(61), frozen(29, 40), 1},
		"frozen, and held":             {events{hold(45, 61)}, due(61), frozen(29, 45), 0},
		"the record was made again":    {events{at(20, did(plan.EventRebuild))}, due(61), nil, 0},
		"events are missing":           {events{{Rev: 100, Kind: []plan.EventKind{"note"}}}, due(61), nil, 0},
		"a schedule that is none":      {nil, claim(61, "every now and then"), nil, 0},
		"a cron line that fires never": {nil, claim(61, "cron 0 3 30 2 *"), nil, 0},
	} {
		s := inOrder()
		s.p.Freeze = c.freeze
		first := rotated
		if c.later.Schedule == "every now and then" || c.later.Schedule == "cron 0 3 30 2 *" {
			first = events{claim(0, c.later.Schedule), finish(0.1, 0)}
		}
		s.r.Events = nil
		for _, list := range []events{first, c.between, {c.later}} {
			for _, e := range list {
				if e.Rev == 0 {
					e.Rev = 1
					if n := len(s.r.Events); n > 0 {
						e.Rev = s.r.Events[n-1].Rev + 1
					}
				}
				s.r.Events = append(s.r.Events, e)
				s.r.Rev = e.Rev
			}
		}
		missed := 0
		for _, f := range audit.Key(noon.Add(700*day), s.p, s.r, s.s) {
			if f.Code == plan.CodeWindowMissed {
				missed++
			}
		}
		if missed != c.missed {
			t.Errorf("%s: %d missed, want %d", name, missed, c.missed)
		}
	}
}
