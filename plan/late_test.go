package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A lease is late if it was over as soon as it was written, or if another run took it over.
// A run that frees its lease, or loses a race for one, was not late.
func TestLeaseLate(t *testing.T) {
	none := record(plan.Claimed)
	mine, over := record(plan.Claimed, leased(me, minute)), record(plan.Claimed, leased(me, -1))
	theirs := record(plan.Claimed, leased(other, minute))
	for name, c := range map[string]struct {
		before, r *plan.Record
		wrote     bool
		late      int
	}{
		"written in time":                   {none, mine, true, 0},
		"over as soon as written":           {none, over, true, 1},
		"over by the time of another look":  {mine, over, false, 0},
		"taken over":                        {mine, theirs, false, 1},
		"taken over after it was over":      {over, theirs, false, 1},
		"freed":                             {mine, none, true, 0},
		"freed by whoever finished it":      {mine, none, false, 0},
		"another run was first":             {none, theirs, false, 0},
		"there was no record":               {nil, theirs, false, 0},
		"somebody has deleted the record":   {mine, nil, false, 0},
		"renewed, and there was none later": {mine, mine, true, 0},
	} {
		o := seen()
		o.JustWrote = c.wrote
		o.LeaseLate(noon, c.before, c.r)
		if o.Late != c.late {
			t.Errorf("%s: %d times late, want %d", name, o.Late, c.late)
		}
	}
}

// A run that was stopped finds its lease over as soon as it is written, what it had seen too
// old, and then that another run has its lease. It was late once. Half a minute later it is
// late again.
func TestOnePauseIsLateOnce(t *testing.T) {
	mine, theirs := record(plan.Claimed, leased(me, minute)), record(plan.Claimed, leased(other, time.Hour))
	o := seen()
	o.SeenAt, o.JustWrote = noon, true
	now := noon.Add(20 * minute)
	o.LeaseLate(now, record(plan.Claimed), mine)
	o.Expire(now)
	o.LeaseLate(now.Add(time.Second), mine, theirs)
	if o.Late != 1 {
		t.Errorf("%d times late, want 1", o.Late)
	}
	if o.LeaseLate(now.Add(plan.LeaseFor), mine, theirs); o.Late != 2 {
		t.Errorf("after another lease: %d times late, want 2", o.Late)
	}
}

// A run that was late twice looks no more and takes no lease: it frees the one it has, and
// ends. What only the effect itself is missing for is done, and a write that gets on sets
// the count back.
func TestDecideTooSlow(t *testing.T) {
	late := func(n int) sight { return func(o *plan.Observed) { o.Late = n } }
	tryCases(t, ordersPolicy(), []decideCase{
		{"late once: it looks again", record(plan.Claimed, leased(me, minute)), bySchedule, onlyWho(late(1)),
			"look alias"},
		{"late twice: the lease is freed", record(plan.Claimed, leased(me, minute)), bySchedule, onlyWho(late(2)),
			"note free"},
		{"and then it ends", record(plan.Claimed), bySchedule, onlyWho(late(2)), "stop failed"},
		{"it takes over nothing", record(plan.Claimed, leased(other, -1)), bySchedule, onlyWho(late(2)),
			"stop failed"},
		{"it waits for whoever has it", record(plan.Claimed, leased(other, minute)), bySchedule, onlyWho(late(2)),
			"wait"},
		{"before a claim, too", record(plan.Steady), bySchedule, onlyWho(late(2)), "stop failed"},
		{"a key that can be made is made", record(plan.Claimed, leased(me, minute)), bySchedule,
			seen(claimedHere, late(2)), "create key"},
		{"what is ready is signed", record(plan.Claimed, leased(me, minute)), bySchedule, seen(late(2)), "sign move"},
	})
	o := onlyWho(late(2))
	for _, kept := range []plan.Write{plan.LeaseWrite{}, plan.LeaseWrite{Renew: true}, plan.Note{Free: true}} {
		if o.Wrote(plan.Writing(8, "", kept)); o.Late != 2 {
			t.Errorf("%T sets the count back", kept)
		}
	}
	if o.Wrote(plan.Writing(8, "", plan.CreatedWrite{})); o.Late != 0 {
		t.Error("a step that was made does not set the count back")
	}
}
