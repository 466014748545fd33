package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Of the terms frozen at the switch and those of today the more careful wins,
// whichever side it stands on.
func TestCareful(t *testing.T) {
	const d = 24 * time.Hour
	keep := plan.Retire{Action: plan.RetireKeep}
	disable := plan.Retire{Action: plan.RetireDisable, UnlessUsedWithin: 7 * d}
	remove := plan.Retire{Action: plan.RetireDelete, UnlessUsedWithin: 3 * d, DeleteAfter: 30 * d}
	blind := plan.Retire{Action: plan.RetireDisable, UsageOff: true}
	for _, tc := range []struct {
		name   string
		a, b   plan.Retire
		action plan.RetireAction
		within time.Duration
		off    bool
	}{
		{"keep beats disable", keep, disable, plan.RetireKeep, 7 * d, false},
		{"disable beats delete, longer beats shorter", disable, remove, plan.RetireDisable, 7 * d, false},
		{"asking beats not asking", blind, disable, plan.RetireDisable, 7 * d, false},
		{"not asking twice", blind, blind, plan.RetireDisable, 0, true},
		{"an action we do not know is kept", plan.Retire{Action: "shred"}, remove, plan.RetireKeep, 3 * d, false},
		{"none at all is kept", plan.Retire{}, remove, plan.RetireKeep, 3 * d, false},
	} {
		for _, got := range []plan.Retire{plan.Careful(tc.a, tc.b), plan.Careful(tc.b, tc.a)} {
			if got.Action != tc.action || got.UnlessUsedWithin != tc.within || got.UsageOff != tc.off {
				t.Errorf("%s: %+v", tc.name, got)
			}
		}
	}
}
