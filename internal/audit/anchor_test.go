package audit_test

import (
	"slices"
	"testing"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/plan"
)

// The anchor must be one from which the window of the last scheduled rotation counts. A
// window that another run has finished may be of another schedule.
func TestAnchor(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scene)
		found  bool
	}{
		"as it was":         {func(*scene) {}, false},
		"moved":             {func(c *scene) { c.r.Anchor = c.r.Anchor.Add(-10 * day) }, true},
		"moved by a period": {func(c *scene) { c.r.Anchor = c.r.Anchor.Add(-90 * day) }, false},
		"of a cron line":    {func(c *scene) { moved(c).Events[0].Schedule = "cron 0 3 1 * *" }, false},
		"of an anchor": {func(c *scene) {
			moved(c).Events[0].Schedule += " from 2026-01-01T00:00:00Z"
		}, false},
		"finished by another": {func(c *scene) { moved(c).Events[2].Who.Terms = "b" }, false},
		"by another release":  {func(c *scene) { moved(c).Events[2].Who.Release = "2" }, false},
		"by terms not known": {func(c *scene) {
			moved(c).Events[0].Who.Terms, c.r.Events[2].Who.Terms = "", ""
		}, false},
		"claimed by a person":   {func(c *scene) { moved(c).Events[0].Schedule = "" }, false},
		"no window was changed": {func(c *scene) { e := moved(c).Events; e[2].Window = e[0].Window }, false},
	} {
		s := inOrder()
		who := plan.Who{Terms: "a", Release: "1"}
		s.r.Events = []plan.Event{
			{Rev: 1, Kind: []plan.EventKind{plan.EventClaim}, Claim: "c3", Schedule: "every 30d", Who: who},
			{Rev: 2, Kind: []plan.EventKind{"renew"}, Claim: "c3", Who: who},
			{Rev: 3, Kind: []plan.EventKind{plan.EventFinish}, Claim: "c3", Version: 3, Window: s.r.Window, Who: who},
		}
		c.change(s)
		found := slices.ContainsFunc(audit.Key(noon, s.p, s.r, s.s), func(f audit.Finding) bool {
			return f.Code == plan.CodeRecordEdited && f.Field == "anchor"
		})
		if found != c.found {
			t.Errorf("%s: found: %v", name, found)
		}
	}
}

// moved moves the anchor of a record by less than a period.
func moved(c *scene) *plan.Record {
	c.r.Anchor = c.r.Anchor.Add(-10 * day)
	return c.r
}
