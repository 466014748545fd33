package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

const day = plan.Day

func date(month time.Month, d, hour, min int) time.Time {
	return time.Date(2026, month, d, hour, min, 0, 0, time.UTC)
}

// TestDueAt goes through what the schedule may say. The key rotates on the
// first of the month at 03:00, or every 30 days from 1 January, as a case says.
func TestDueAt(t *testing.T) {
	monthly := plan.Schedule{Cron: "0 3 1 * *"}
	every30 := plan.Schedule{Every: 30 * day}
	jan, feb, mar, apr := date(1, 1, 3, 0), date(2, 1, 3, 0), date(3, 1, 3, 0), date(4, 1, 3, 0)
	type is struct {
		window, since time.Time // done until; live since
		now           time.Time
	}
	for _, c := range []struct {
		name   string
		s      plan.Schedule
		change func(*plan.Policy)
		is     is
		state  plan.DueState
		opens  time.Time // of the window that is due, left out, or next
	}{
		{"done in this window", monthly, nil, is{feb, feb, mar.Add(-time.Second)}, plan.NotDue, mar},
		{"the window opens", monthly, nil, is{feb, feb, mar}, plan.IsDue, mar},
		{"a second late, a day late, a month late", monthly, nil, is{feb, feb, apr.Add(-time.Second)}, plan.IsDue, mar},
		{"several windows missed: only the current one is due", monthly, nil, is{jan, jan, date(7, 20, 0, 0)},
			plan.IsDue, date(7, 1, 3, 0)},
		{"rotated by hand a week before: counts as done", monthly, nil, is{feb, mar.Add(-7 * day), mar.Add(time.Hour)},
			plan.NotDue, apr},
		{"rotated by hand over half a month before: due", monthly, nil, is{feb, mar.Add(-15 * day), mar.Add(time.Hour)},
			plan.IsDue, mar},
		{"half of February is 14 days, to the second", monthly, nil, is{feb, mar.Add(-14 * day), mar}, plan.IsDue, mar},
		{"and a second less is too young", monthly, nil, is{feb, mar.Add(-14*day + time.Second), mar}, plan.NotDue,
			apr},
		{"min_interval as written", monthly, func(p *plan.Policy) { p.MinInterval = 5 * day },
			is{feb, mar.Add(-7 * day), mar}, plan.IsDue, mar},
		{"the version's age counts where the window opens, not now", monthly, nil,
			is{feb, mar.Add(-day), mar.Add(20 * day)}, plan.NotDue, apr},

		{"every 30 days: not yet", every30, nil, is{jan, jan, jan.Add(30*day - time.Second)}, plan.NotDue,
			jan.Add(30 * day)},
		{"every 30 days: due", every30, nil, is{jan, jan, jan.Add(30 * day)}, plan.IsDue, jan.Add(30 * day)},
		{"every 30 days: 100 days later it is one window", every30, nil, is{jan, jan, jan.Add(100 * day)}, plan.IsDue,
			jan.Add(90 * day)},
		{"an anchor in the plan wins over the record's", plan.Schedule{Every: 30 * day, Anchor: jan.Add(5 * day)}, nil,
			is{jan.Add(5 * day), jan, jan.Add(34 * day)}, plan.NotDue, jan.Add(35 * day)},

		{"start_within lasts", monthly, func(p *plan.Policy) { p.StartWithin = 2 * day },
			is{feb, feb, mar.Add(2*day - time.Second)}, plan.IsDue, mar},
		{"start_within is over", monthly, func(p *plan.Policy) { p.StartWithin = 2 * day },
			is{feb, feb, mar.Add(2 * day)}, plan.LeftOut, mar},
		{"left out until the next window", monthly, func(p *plan.Policy) { p.StartWithin = 2 * day }, is{feb, feb, apr},
			plan.IsDue, apr},
		{"what is done cannot be left out", monthly, func(p *plan.Policy) { p.StartWithin = 2 * day },
			is{mar, mar, mar.Add(20 * day)}, plan.NotDue, apr},

		{"prepublish: not that early", monthly, func(p *plan.Policy) { p.Prepublish = 2 * day },
			is{feb, feb, mar.Add(-2*day - time.Second)}, plan.NotDue, mar},
		{"prepublish: the next window is due before it opens", monthly, func(p *plan.Policy) { p.Prepublish = 2 * day },
			is{feb, feb, mar.Add(-2 * day)}, plan.IsDue, mar},
		{"prepublish: but not for a version that will be too young", monthly,
			func(p *plan.Policy) { p.Prepublish = 2 * day }, is{feb, mar.Add(-10 * day), mar.Add(-day)}, plan.NotDue,
			apr},
		{"prepublish: a missed window comes first", monthly, func(p *plan.Policy) { p.Prepublish = 2 * day },
			is{jan, jan, mar.Add(-day)}, plan.IsDue, feb},
		{"prepublish: one that was left out does not stop the next", monthly,
			func(p *plan.Policy) { p.Prepublish, p.StartWithin = 2*day, day }, is{jan, jan, mar.Add(-day)}, plan.IsDue,
			mar},
		{"a window of another plan that lies ahead", monthly, nil,
			is{mar.Add(20 * day), mar.Add(20 * day), mar.Add(21 * day)}, plan.NotDue, date(5, 1, 3, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan.Policy{Schedule: c.s}
			if c.change != nil {
				c.change(&p)
			}
			r := &plan.Record{Anchor: jan, Window: c.is.window, Active: 1,
				Versions: []plan.Version{{Version: 1, Since: c.is.since}}}
			due := plan.DueAt(c.is.now, p, r)
			opens := due.Window.Start
			if due.State == plan.NotDue {
				opens = due.Opens
			}
			if due.State != c.state || !opens.Equal(c.opens) {
				t.Errorf("got %s %s, want %s %s", due.State, plan.Stamp(opens), c.state, plan.Stamp(c.opens))
			}
			if due.State == plan.NotDue && !due.Next.Equal(due.Opens.Add(-p.Prepublish)) {
				t.Errorf("claims %s for %s", plan.Stamp(due.Next), plan.Stamp(due.Opens))
			}
		})
	}
	if due := plan.DueAt(jan, plan.Policy{Schedule: monthly}, &plan.Record{}); due.State != plan.NotDue {
		t.Error("due before there is a version")
	}
}

// rotateAt is what a switch at now leaves in a record, whoever made it.
func rotateAt(now time.Time, p plan.Policy, r *plan.Record, claimed time.Time) {
	r.Active++
	r.Versions = []plan.Version{{Version: r.Active, Since: now}}
	for _, w := range []time.Time{claimed, p.Schedule.Window(now, r.Anchor).Start} {
		if w.After(r.Window) {
			r.Window = w
		}
	}
}

// TestTwoPlans lets two pools with different plans for one key run every six
// hours for a year: the key must not be rotated to and fro.
func TestTwoPlans(t *testing.T) {
	t.Parallel()
	monthly, weekly := plan.Schedule{Cron: "0 3 1 * *"}, plan.Schedule{Cron: "30 4 * * 1"}
	every, shifted := plan.Schedule{Every: 30 * day}, plan.Schedule{Every: 30 * day, Anchor: date(1, 16, 0, 0)}
	for _, c := range []struct {
		name  string
		a, b  plan.Schedule
		most  int // rotations in a year
		least time.Duration
	}{
		{"monthly and weekly", monthly, weekly, 55, 3 * day},
		{"the same, half a period apart", every, shifted, 13, 14 * day},
		{"monthly and every 30 days", monthly, every, 13, 14 * day},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := date(1, 1, 0, 0)
			r := &plan.Record{Anchor: start, Window: start, Active: 1,
				Versions: []plan.Version{{Version: 1, Since: start}}}
			n := 0
			for now := start; now.Before(start.Add(380 * day)); now = now.Add(6 * time.Hour) {
				for _, s := range []plan.Schedule{c.a, c.b} {
					p := plan.Policy{Schedule: s}
					due := plan.DueAt(now, p, r)
					if due.State != plan.IsDue {
						continue
					}
					if age := now.Sub(r.Live().Since); age < c.least {
						t.Fatalf("rotated at %s at an age of %s", plan.Stamp(now), age)
					}
					rotateAt(now.Add(2*time.Minute), p, r, due.Window.Start) // a rotation takes its time
					n++
				}
			}
			if n > c.most || n < 11 {
				t.Errorf("%d rotations in a year", n)
			}
		})
	}
}

// TestAdoptedWindow is about a key that is taken under management: which
// window its making counts for, and so when it rotates first.
func TestAdoptedWindow(t *testing.T) {
	mar, apr := date(3, 1, 3, 0), date(4, 1, 3, 0)
	hourly := plan.Schedule{Cron: "0 * * * *"}
	for _, c := range []struct {
		name   string
		s      plan.Schedule
		since  time.Time
		window time.Time
		first  time.Time // rotation
	}{
		{"in a window", plan.Schedule{Cron: "0 3 1 * *"}, mar.Add(9 * day), mar, apr},
		{"5 minutes early: made for the window", plan.Schedule{Cron: "0 3 1 * *"}, mar.Add(-5 * time.Minute), mar, apr},
		{"6 minutes early: of the window before, but too young for this one", plan.Schedule{Cron: "0 3 1 * *"},
			mar.Add(-6 * time.Minute), date(2, 1, 3, 0), apr},
		{"3 weeks early", plan.Schedule{Cron: "0 3 1 * *"}, mar.Add(-21 * day), date(2, 1, 3, 0), mar},
		{"of an hour, a tenth is 6 minutes: 5 count", hourly, mar.Add(-5 * time.Minute), mar, mar.Add(time.Hour)},
		{"every: from when it went live", plan.Schedule{Every: 30 * day}, mar.Add(7 * time.Hour),
			mar.Add(7 * time.Hour), mar.Add(30*day + 7*time.Hour)},
		{"every, with an anchor", plan.Schedule{Every: 30 * day, Anchor: mar}, mar.Add(-4 * time.Minute), mar,
			mar.Add(30 * day)},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := ordersPolicy()
			p.Schedule = c.s
			o := onlyWho(aliasOn("k1"), func(o *plan.Observed) {
				o.Listing = &plan.ListingSeen{Alias: &plan.AliasListed{KeyID: "k1", ARN: steadyAt7().AliasARN,
					MovedAt: c.since}}
			})
			d := plan.Decide(c.since.Add(time.Hour), p, nil, bySchedule, o)
			if d.Act.Kind != plan.WriteAdopt {
				t.Fatalf("got %q", said(d))
			}
			r := plan.Apply(nil, d.Act)
			if !r.Window.Equal(c.window) || !r.Live().Since.Equal(c.since) {
				t.Errorf("window %s, since %s", plan.Stamp(r.Window), plan.Stamp(r.Live().Since))
			}
			for _, at := range []struct {
				now time.Time
				due bool
			}{{c.first.Add(-time.Second), false}, {c.first, true}} {
				if due := plan.DueAt(at.now, p, r); (due.State == plan.IsDue) != at.due {
					t.Errorf("at %s: %s", plan.Stamp(at.now), due.State)
				}
			}
		})
	}
}

// TestOneRotationAfterAnOutage: whatever was missed, the key is rotated once.
func TestOneRotationAfterAnOutage(t *testing.T) {
	for _, s := range []plan.Schedule{{Cron: "0 3 1 * *"}, {Every: 7 * day}} {
		p := plan.Policy{Schedule: s, Prepublish: day}
		start := date(1, 1, 3, 0)
		r := &plan.Record{Anchor: start, Window: start, Active: 1, Versions: []plan.Version{{Version: 1, Since: start}}}
		back := date(9, 17, 8, 0)
		due := plan.DueAt(back, p, r)
		if due.State != plan.IsDue || !due.Window.Contains(back) {
			t.Fatalf("%+v: %+v", s, due)
		}
		rotateAt(back, p, r, due.Window.Start)
		w := p.Schedule.Window(back, start)
		for now := back; now.Before(w.End.Add(-day)); now = now.Add(6 * time.Hour) {
			if due := plan.DueAt(now, p, r); due.State != plan.NotDue {
				t.Fatalf("%+v: at %s %s again", s, plan.Stamp(now), due.State)
			}
		}
	}
}

// A window is a moment: in whatever zone a record tells it, it is the same one.
func TestDueInAnyZone(t *testing.T) {
	p := ordersPolicy()
	p.Schedule = plan.Schedule{Every: 30 * day}
	for _, done := range []time.Time{date(1, 1, 3, 0), date(1, 31, 3, 0), date(3, 2, 3, 0)} {
		for _, hours := range []int{-12, 0, 14} {
			r := record(plan.Steady, func(r *plan.Record) {
				r.Anchor, r.Window, r.Live().Since = date(1, 1, 3, 0), done, date(1, 1, 3, 0)
			})
			now := date(1, 31, 9, 0)
			want := plan.DueAt(now, p, r)
			r.Window = done.In(time.FixedZone("", hours*3600))
			if got := plan.DueAt(now, p, r); got != want {
				t.Errorf("done until %s: %+v, and %+v in UTC", r.Window, got, want)
			}
		}
	}
}
