package plan_test

import (
	"testing"

	"github.com/keyturn/keyturn/plan"
)

// That automatic rotation could not be switched on is about one version, and not about the
// next one that the same run goes on with.
func TestNotRotatedIsOfOneVersion(t *testing.T) {
	rotates := func(r *plan.Record) { r.Claim.AutoRotation = 90 * day }
	r := record(plan.Created, leased(me, minute), rotates)
	p := ordersPolicy()
	for of, want := range map[int64]string{8: "sign move", 7: "look rotation"} {
		o := seen(func(o *plan.Observed) { o.NotRotated, o.NotRotatedOf = "denied", of })
		if got := said(plan.Decide(noon, p, r, bySchedule, o)); got != want {
			t.Errorf("of v%d: %s, want %s", of, got, want)
		}
		if notes := plan.RotationNotes(p, r, o); (len(notes) > 0) != (of == 8) {
			t.Errorf("of v%d: %q", of, notes)
		}
	}
}
