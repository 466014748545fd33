package plan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

func freezes(p plan.Policy, from, to time.Duration) plan.Policy {
	p.Freeze = []plan.Freeze{{From: noon.Add(from), To: noon.Add(to), Reason: "sale"}}
	return p
}

// Freezes that overlap or follow one another are one, in whatever order they stand.
func TestFreezesThatMeet(t *testing.T) {
	at := func(d int) time.Time { return noon.Add(time.Duration(d) * day) }
	p := plan.Policy{Freeze: []plan.Freeze{
		{From: at(8), To: at(9), Reason: "audit"}, {From: at(2), To: at(4), Reason: "sale"}, {From: at(1), To: at(3)},
		{From: at(4), To: at(5), Reason: "sale"}, {From: at(5), To: at(6), Reason: "year end"},
	}}
	f, frozen := p.FrozenAt(at(1))
	if !frozen || !f.To.Equal(at(6)) || f.Reason != "sale; year end" {
		t.Errorf("on the first day: %v, until %s, for %q", frozen, plan.Stamp(f.To), f.Reason)
	}
	for _, c := range []struct{ from, to, want int }{
		{0, 1, 1}, {0, 2, 1}, {0, 6, 1}, {0, 7, 2}, {0, 10, 4}, {2, 3, 0}, {3, 8, 2}, {9, 11, 2}, {6, 6, 0}, {7, 6, 0},
	} {
		if got := p.Unfrozen(at(c.from), at(c.to)); got != time.Duration(c.want)*day {
			t.Errorf("from day %d to day %d: %s, want %d days", c.from, c.to, got, c.want)
		}
	}
	for _, c := range []struct {
		from, to int
		want     bool
	}{{0, 0, false}, {0, 1, true}, {6, 7, false}, {6, 8, true}, {9, 20, false}, {3, 3, true}} {
		if _, got := p.FrozenWithin(at(c.from), at(c.to)); got != c.want {
			t.Errorf("between day %d and day %d: %v", c.from, c.to, got)
		}
	}
}

// start_within counts unfrozen time, and nothing is overdue inside a freeze.
func TestDueInAFreeze(t *testing.T) {
	r := steadyAt7() // its window opened an hour before noon
	for _, c := range []struct {
		name     string
		from, to time.Duration // of the freeze
		at       time.Duration
		state    plan.DueState
		missed   bool
	}{
		{"before it", 2 * time.Hour, day, 0, plan.IsDue, false},
		{"in it", -time.Minute, day, 0, plan.InFreeze, false},
		{"in it, for longer than start_within", -30 * minute, 9 * day, 5 * day, plan.InFreeze, false},
		{"at its end", -30 * minute, 9 * day, 9 * day, plan.IsDue, false},
		{"start_within ends after it", -30 * minute, 9 * day, 9*day + 89*minute, plan.IsDue, false},
		{"start_within is over after it", -30 * minute, 9 * day, 9*day + 90*minute, plan.LeftOut, false},
		{"left out before it", 3 * time.Hour, 9 * day, 2 * time.Hour, plan.LeftOut, false},
		{"left out before it, and in it", 3 * time.Hour, 9 * day, day, plan.InFreeze, true},
	} {
		p := freezes(ordersPolicy(), c.from, c.to)
		p.StartWithin = 2 * time.Hour
		if due := plan.DueAt(noon.Add(c.at), p, r); due.State != c.state || due.Missed != c.missed {
			t.Errorf("%s: %s, missed %v; want %s, %v", c.name, due.State, due.Missed, c.state, c.missed)
		} else if due.State == plan.InFreeze && !c.missed && !due.Next.Equal(noon.Add(c.to)) {
			t.Errorf("%s: may be claimed at %s", c.name, plan.Stamp(due.Next))
		}
	}
}

// A freeze stops what has not begun, and nothing that was.
func TestDecideInAFreeze(t *testing.T) {
	frozen := freezes(disabling(), -minute, day)
	asked := func(r *plan.Record) { r.Entry(6).CheckedAt = noon }
	markOver := func(r *plan.Record) {
		r.Entry(6).Fence = &plan.Fence{What: "disable", Run: other, Until: noon.Add(-minute), Signers: 1}
	}
	down := func(o *plan.Observed) { v6Ready(o); o.Old["k6"].Key.State = "Disabled" }
	unsent := func(op string) sight {
		return func(o *plan.Observed) {
			o.SignedOld = &plan.Signature{KeyID: "k6", What: plan.FencedDisable, Date: noon, Confirmed: true, Op: op}
		}
	}
	signed := func(o *plan.Observed) {
		o.SignedOld = &plan.Signature{KeyID: "k6", What: plan.FencedDisable, Date: noon}
	}
	many := func(r *plan.Record) {
		for n := range int64(2) {
			v := *r.Entry(6)
			v.Version, v.KeyID = 3+n, fmt.Sprint("k", 3+n)
			r.Versions = append(r.Versions, v)
		}
	}
	reinstated := func(r *plan.Record) { r.Entry(6).LookAfter = noon.Add(-minute) }
	kept := func(r *plan.Record) { r.Entry(6).Retire.Action = plan.RetireKeep }
	mine := leased(me, minute)
	long := func(r *plan.Record) { r.Claim.Window = noon.Add(-9 * day) }
	closed := func(o *plan.Observed) { o.Gate = &plan.GateSeen{KeyID: "k8", At: noon} }
	gated := freezes(ordersPolicy(), -8*day, 0) // just over
	gated.BeforeSwitch = []string{"./ready"}
	tryCases(t, frozen, []decideCase{
		{"nothing is claimed", record(plan.Steady), bySchedule, seen(), "stop frozen"},
		{"and nothing looked at", record(plan.Steady), bySchedule, onlyWho(), "stop frozen"},
		{"too many that drain cannot end", record(plan.Steady, many), bySchedule, seen(), "stop frozen"},
		{"a hold is said first", record(plan.Steady, held("ann", minute, 0)), bySchedule, seen(), "stop held"},
		{"a self-hold asks for a person", record(plan.Steady, held("keyturn", minute, 0)), bySchedule, seen(),
			"refuse held-itself"},
		{"a person claims", record(plan.Steady), byRotate, seen(), "claim"},
		{"claimed", record(plan.Claimed, mine), bySchedule, seen(), "note free"},
		{"made", record(plan.Created), bySchedule, seen(), "stop frozen"},
		{"signed", record(plan.Claimed, mine), bySchedule, seen(signedAgo(0)), "note free"},
		{"made, and a person goes on", record(plan.Created, mine), byRotate, seen(), "sign move"},
		{"confirmed: a signature again", record(plan.Switching, mine), bySchedule, seen(), "sign move"},
		{"confirmed: sent", record(plan.Switching, mine), bySchedule, seen(move(true, "op70", nil)), "send move"},
		{"answered", record(plan.Switching, mine), bySchedule, seen(move(true, "op70", &yes)), "finish"},
		{"a person's rollback", record(plan.Claimed, rolling, mine), bySchedule,
			seen(targetIs(func(k *plan.KeySeen) { k.KeyID = "k6" })), "sign move"},

		{"nothing is asked of what has drained", record(plan.Steady, v6Drained), bySchedule, seen(), "stop settled"},
		{"nor signed", record(plan.Steady, v6Drained, asked), bySchedule, seen(v6Ready), "stop settled"},
		{"nor marked", record(plan.Steady, v6Drained, asked), bySchedule, seen(v6Ready, signed), "stop settled"},
		{"marked and unsent: struck off", record(plan.Steady, v6Drained, marked(6)), bySchedule,
			seen(v6Ready, unsent("op70")), "mark no"},
		{"what ran out is asked about", record(plan.Steady, v6Drained, markOver), bySchedule, seen(), "checked"},
		{"it is down", record(plan.Steady, v6Drained, markOver, asked), bySchedule, seen(down), "retired"},
		{"it is not, and is not marked again", record(plan.Steady, v6Drained, markOver, asked), bySchedule,
			seen(v6Ready), "unmark"},
		{"an enabling that is due", record(plan.Steady, v6Drained, reinstated), bySchedule, seen(), "look again"},
		{"what is kept is written down", record(plan.Steady, v6Drained, kept), bySchedule, seen(), "kept"},
	})
	tryCases(t, freezes(disabling(), -day, 0), []decideCase{
		{"after it: claimed", record(plan.Steady), bySchedule, seen(), "claim"},
		{"after it: asked", record(plan.Steady, v6Drained), bySchedule, seen(), "checked"},
	})
	tryCases(t, gated, []decideCase{
		{"before_switch has had a day, and not nine", record(plan.Created, long), bySchedule, seen(closed),
			"stop waiting"},
	})
}

// A deletion that ran out unanswered is looked at in a freeze, once a day.
func TestDeletionThatRanOutInAFreeze(t *testing.T) {
	p := freezes(disabling(), -9*day, day)
	p.Retire.Action, p.Retire.DeletionWindow = plan.RetireDelete, 7*day
	ranOut := func(checked time.Duration) *plan.Record {
		return record(plan.Steady, func(r *plan.Record) {
			r.Window = opened
			old(r, plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled,
				DisabledAt: noon.Add(-9 * day), CheckedAt: noon.Add(-checked),
				Fence: &plan.Fence{What: "delete", Run: other, Until: noon.Add(-2 * day), Signers: 1}})
		})
	}
	is := func(state string, deletion time.Time) plan.Observed {
		k := enabled("k6")
		k.State, k.DeletionAt = state, deletion
		return seen(func(o *plan.Observed) {
			o.Old = map[string]plan.OldSeen{"k6": {Checking: true, Key: &k, Listed: true}}
		})
	}
	tryCases(t, p, []decideCase{
		{"not asked about since", ranOut(3 * day), bySchedule, seen(), "checked"},
		{"asked about today", ranOut(time.Hour), bySchedule, seen(), "stop settled"},
		{"asked about a day ago", ranOut(day), bySchedule, seen(), "checked"},
		{"it was carried out", ranOut(0), bySchedule, is("PendingDeletion", noon.Add(5*day)), "deleting"},
		{"it was, and KMS does not say for when: such a record could not be written", ranOut(0), bySchedule,
			is("PendingDeletion", time.Time{}), "stop settled"},
		{"it was not, and is not scheduled again", ranOut(0), bySchedule, is("Disabled", time.Time{}), "stop settled"},
	})
}
