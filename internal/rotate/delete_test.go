package rotate_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Deletion follows today's plan alone: not what was said at the switch.
func TestDeletionFollowsTodaysPlan(t *testing.T) {
	const deleting = "{action: delete, unless_used_within: 7d, delete_after: 60d, deletion_window: 7d}"
	for _, c := range []struct {
		name   string
		yaml   string
		change func(p *plan.Policy)
		want   string
	}{
		{"then delete, today disable",
			strings.Replace(retirePlan, "{action: disable, unless_used_within: 7d}", deleting, 1),
			func(p *plan.Policy) { p.Retire.Action = plan.RetireDisable }, "Disabled"},
		{"then disable, today delete", retirePlan,
			func(p *plan.Policy) { p.Retire.Action, p.Retire.DeletionWindow = plan.RetireDelete, 7*day },
			"PendingDeletion"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _, v1 := retired(t, c.yaml)
				c.change(&w.plan.Keys[0])
				w.plan.Keys[0].Retire.DeleteAfter = 60 * day
				w.advance(59 * day)
				w.pool("cron").mustRun()
				if s := w.state(v1); s != "Disabled" {
					t.Errorf("a day early v1 is %s", s)
				}
				w.advance(day + time.Hour)
				w.pool("cron").mustRun() // may rotate; the marks come in the next
				w.advance(time.Hour)
				w.pool("cron").mustRun()
				if s := w.state(v1); s != c.want {
					t.Errorf("v1 is %s, want %s", s, c.want)
				}
				w.sound()
			})
		})
	}
}

// A version that somebody else has disabled or deleted while it drained.
func TestRetiredByHand(t *testing.T) {
	for _, c := range []struct {
		name    string
		by      func(w *world, v1 string)
		refused bool
		event   []plan.EventKind
	}{
		{"disabled", func(w *world, v1 string) { w.disableByHand(v1) }, false,
			[]plan.EventKind{plan.EventRetired, plan.EventFound}},
		{"pending deletion", func(w *world, v1 string) { w.deleteByHand(v1) }, true,
			[]plan.EventKind{plan.EventRetired, plan.EventFound, plan.EventPending}},
		{"gone", func(w *world, v1 string) { w.deleteByHand(v1); w.advance(8 * day) }, true,
			[]plan.EventKind{plan.EventRetired, plan.EventFound, plan.EventGone}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				c.by(w, v1)
				k := only(t, w.pool("cron").run(t.Context()))
				refused := k.Outcome == plan.Refused && k.Refusal.Code == "version-gone" && k.News
				if refused != c.refused {
					t.Errorf("%s %+v", k.Outcome, k.Refusal)
				}
				r := w.record(key)
				was, ok := wasRetired(r, v1)
				if c.name == "pending deletion" && !was.DeleteAt.IsZero() {
					t.Errorf("a deletion that is not keyturn's was written down as its own: %+v", was)
				}
				if !ok || !slices.Equal(r.Events[len(r.Events)-1].Kind, c.event) {
					t.Errorf("retired %+v, last event %v", r.Retired(), r.Events[len(r.Events)-1].Kind)
				}
				if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Settled {
					t.Errorf("said twice: %s %v", k.Outcome, k.Reasons)
				}
				w.advance(20 * day)
				w.pool("cron").mustRun()
				if g := w.record(key).Generation; g != 3 {
					t.Errorf("generation %d", g)
				}
				w.sound()
			})
		})
	}
}

// A retired version that a person enabled by hand is left alone. Once it is
// disabled by hand again, delete_after counts from when it was last seen enabled.
func TestEnabledByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, strings.Replace(retirePlan, "{action: disable, unless_used_within: 7d}",
			"{action: delete, unless_used_within: 7d, delete_after: 12d, deletion_window: 7d}", 1))
		w.enableByHand(v1)
		w.days(18)
		if s := w.state(v1); s != "Enabled" {
			t.Errorf("v1 is %s", s)
		}
		if e, _ := wasRetired(w.record(key), v1); !e.DeleteAt.IsZero() {
			t.Errorf("%+v", e)
		}
		w.disableByHand(v1)
		w.days(11)
		if s := w.state(v1); s != "Disabled" {
			t.Errorf("disabled by hand 11 days ago, v1 is %s", s)
		}
		w.days(2)
		if s := w.state(v1); s != "PendingDeletion" {
			t.Errorf("disabled by hand 13 days ago, v1 is %s", s)
		}
		w.sound()
	})
}

// A deletion that a person schedules before delete_after is not taken for one of
// keyturn's: it stays known as what keyturn did not ask for, until its time.
func TestDeletedByHandTooEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := retired(t, strings.Replace(retirePlan, "{action: disable, unless_used_within: 7d}",
			"{action: delete, unless_used_within: 7d, delete_after: 5d, deletion_window: 7d}", 1))
		w.enableByHand(v1)
		w.days(10) // seen enabled: it is asked about daily, and delete_after counts from then
		w.disableByHand(v1)
		w.deleteByHand(v1)
		w.days(3)
		if e, _ := wasRetired(w.record(key), v1); !e.DeleteAt.IsZero() {
			t.Errorf("taken for keyturn's: %+v", e)
		}
		w.days(3)
		if e, _ := wasRetired(w.record(key), v1); e.DeleteAt.IsZero() {
			t.Errorf("delete_after is over, and it is pending: %+v", e)
		}
	})
}
