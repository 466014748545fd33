package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A window is overdue from the moment that OverdueSince returns, and not before it.
func TestOverdueSince(t *testing.T) {
	jan, feb, mar := date(1, 1, 3, 0), date(2, 1, 3, 0), date(3, 1, 3, 0)
	freeze := func(from time.Time, d time.Duration) plan.Freeze {
		return plan.Freeze{From: from, To: from.Add(d), Reason: "sale"}
	}
	for name, c := range map[string]struct {
		change func(*plan.Policy)
		want   time.Time
		record []change
	}{
		"two hours after it opened": {func(*plan.Policy) {}, mar.Add(2 * time.Hour), nil},
		"start_within is over":      {func(p *plan.Policy) { p.StartWithin = time.Hour }, mar.Add(time.Hour), nil},
		// Runs could not begin it before.
		"a hold ended a day later": {func(*plan.Policy) {}, mar.Add(day + 2*time.Hour), []change{
			func(r *plan.Record) { r.Hold = &plan.Hold{By: "ops", Since: feb, Until: mar.Add(day), Reason: "sale"} },
		}},
		"a hold was released": {func(*plan.Policy) {}, mar.Add(2*time.Hour + time.Minute), []change{
			func(r *plan.Record) {
				r.Events = append(r.Events, plan.Event{Rev: r.Rev, At: mar.Add(time.Minute),
					Kind: []plan.EventKind{plan.EventRelease}})
			},
		}},
		"a person gave a generation up": {func(*plan.Policy) {}, mar.Add(3 * time.Hour), []change{
			func(r *plan.Record) {
				r.Events = append(r.Events, plan.Event{Rev: r.Rev, At: mar.Add(time.Hour),
					Kind: []plan.EventKind{plan.EventAbandon, plan.EventFinish}})
			},
		}},
		"opened in a freeze": {func(p *plan.Policy) { p.Freeze = []plan.Freeze{freeze(mar.Add(-day), 3*day)} },
			mar.Add(2*day + 2*time.Hour), nil},
		"a freeze an hour later, and another": {func(p *plan.Policy) {
			p.Freeze = []plan.Freeze{freeze(mar.Add(time.Hour), day), freeze(mar.Add(day+90*time.Minute), day)}
		}, mar.Add(2*day + 2*time.Hour), nil},
		"start_within, and a freeze in it": {func(p *plan.Policy) {
			p.StartWithin, p.Freeze = 3*time.Hour, []plan.Freeze{freeze(mar.Add(time.Hour), day)}
		}, mar.Add(day + 2*time.Hour), nil},
		// It stays overdue when the window opens.
		"prepublish": {func(p *plan.Policy) { p.Prepublish = day / 2 }, mar.Add(-day/2 + 2*time.Hour), nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan.Policy{Schedule: plan.Schedule{Cron: "0 3 1 * *"}}
			c.change(&p)
			r := record(plan.Steady, func(r *plan.Record) {
				r.Window, r.Anchor, r.Lease, r.LastError = feb, jan, nil, nil
				r.Live().Since = feb
			})
			for _, edit := range c.record {
				edit(r)
			}
			for now := mar.Add(-day); now.Before(mar.Add(4 * day)); now = now.Add(10 * time.Minute) {
				if now.Equal(c.want) {
					continue // of the limit itself the rule does not tell
				}
				ref := plan.Overdue(now, p, r)
				if late := now.After(c.want); (ref != nil) != late {
					if _, frozen := p.FrozenAt(now); !frozen { // nothing is overdue in a freeze
						t.Fatalf("%s: %v, and it is overdue from %s on", now, ref, c.want)
					}
				}
				if ref == nil {
					continue
				}
				if since := plan.OverdueSince(now, p, r); !since.Equal(c.want) {
					t.Fatalf("%s: overdue since %s, want %s", now, since, c.want)
				}
			}
		})
	}
}

// A window stays overdue when the next one opens, if the plan is still the one by which the
// newest event was written: cron may be dead, and the audit run an hour after each opening.
func TestOverdueAcrossWindows(t *testing.T) {
	feb := date(2, 1, 3, 0)
	p := plan.Policy{Schedule: plan.Schedule{Cron: "0 3 * * *"}}
	for name, c := range map[string]struct {
		terms  string
		change func(*plan.Policy)
		since  time.Time // zero if it is not overdue
	}{
		"the same plan":    {p.Digest(), func(*plan.Policy) {}, feb.Add(day)},
		"another schedule": {p.Digest(), func(p *plan.Policy) { p.Schedule.Cron = "0 3 * * 1-7" }, time.Time{}},
		"not known":        {"", func(*plan.Policy) {}, time.Time{}},
	} {
		p := p
		c.change(&p)
		r := record(plan.Steady, func(r *plan.Record) {
			r.Window, r.Anchor, r.Lease, r.LastError = feb, feb, nil, nil
			r.Live().Since = feb
			r.Events = []plan.Event{{Rev: r.Rev, At: feb, Who: plan.Who{Terms: c.terms}}}
		})
		now := feb.Add(5*day + time.Hour)
		ref := plan.Overdue(now, p, r)
		if (ref != nil) != !c.since.IsZero() {
			t.Errorf("%s: %v", name, ref)
			continue
		}
		if ref == nil {
			continue
		}
		if since := plan.OverdueSince(now, p, r); ref.About != plan.Stamp(c.since) ||
			!since.Equal(c.since.Add(2*time.Hour)) {
			t.Errorf("%s: %s, overdue since %s", name, ref.What, since)
		}
	}
}
