package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Who is told nothing would look at cron: a check that waits for the end of an alias move
// says until when, to the run and on the screens alike.
func TestChecksLater(t *testing.T) {
	switched := func(r *plan.Record) { r.SwitchedAt = noon.Add(-9 * minute) }
	retired := func(change func(*plan.Version)) change {
		return func(r *plan.Record) {
			v := plan.Version{Version: 6, KeyID: "k6", State: plan.Disabled, DisabledAt: noon.Add(-100 * day),
				CheckedAt: noon.Add(-2 * day)}
			change(&v)
			r.Window = opened
			*r.Entry(6) = v
		}
	}
	deletes := disabling()
	deletes.Retire.Action, deletes.Retire.DeleteAfter = plan.RetireDelete, 90*day
	for _, c := range []struct {
		name string
		p    plan.Policy
		r    *plan.Record
		want string
	}{
		{"just after a switch", disabling(), record(plan.Steady, v6Drained, switched),
			"is checked after 12:01:00 UTC: the alias was moved at 11:51:00, " +
				"and KMS may show that late"},
		{"a move may arrive", disabling(), record(plan.Steady, v6Drained, fenced(15*minute)),
			"is checked after 12:15:00 UTC: until then AWS may still apply an alias move " +
				"that was signed and not answered"},
		{"both: the later end counts", disabling(), record(plan.Steady, v6Drained, fenced(15*time.Second), switched),
			"is checked after 12:01:00 UTC: the alias was moved at 11:51:00, " +
				"and KMS may show that late"},
		{"what became of a mark", disabling(), record(plan.Steady, v6Drained, switched, marked(6),
			func(r *plan.Record) { r.Entry(6).Fence.Until = noon.Add(-time.Hour) }),
			"is checked after 12:01:00 UTC: the alias was moved at 11:51:00, " +
				"and KMS may show that late"},
		{"to be deleted", deletes, record(plan.Steady, retired(func(*plan.Version) {}), switched),
			"is checked after 12:01:00 UTC: the alias was moved at 11:51:00, " +
				"and KMS may show that late"},
		{"long after it", disabling(), record(plan.Steady, v6Drained), ""},
		{"its drain is not over", disabling(), record(plan.Steady, switched), ""},
		{"it is kept", ordersPolicy(), record(plan.Steady, switched,
			func(r *plan.Record) { r.Entry(6).State = plan.Kept; r.Entry(6).KeptAt = noon }), ""},
		{"it was checked today", disabling(), record(plan.Steady, v6Drained, switched,
			func(r *plan.Record) { r.Entry(6).CheckedAt = noon.Add(-time.Hour) }), ""},
		{"the key is held", disabling(), record(plan.Steady, v6Drained, switched, held("ann", minute, 0)), ""},
		{"it is not disabled for long", deletes,
			record(plan.Steady, retired(func(v *plan.Version) {
				v.DisabledAt, v.CheckedAt = noon.Add(-day), time.Time{}
			}), switched), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			later, waits := plan.ChecksLater(noon, c.p, c.r)[6]
			if got := later.Text(); waits != (c.want != "") || waits && got != c.want {
				t.Errorf("screens: %s", got)
			}
			got := ""
			for _, r := range plan.Decide(noon, c.p, c.r, bySchedule, seen()).Reasons {
				if r.Code == plan.CodeLater {
					got = r.Text
				}
			}
			if c.want != "" {
				c.want = "whether v6 may retire " + c.want
			}
			if got != c.want {
				t.Errorf("the run says %q", got)
			}
		})
	}
}
