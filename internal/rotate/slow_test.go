package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// However slow AWS is, two pools that start at once do not take the key from each other
// for ever, and none keeps it and gets nowhere. Up to 5 s a call the rotation is done.
func TestSlowCalls(t *testing.T) {
	for _, each := range []time.Duration{time.Second, 5 * time.Second, 8 * time.Second, 12 * time.Second,
		19 * time.Second, 25 * time.Second, 40 * time.Second} {
		t.Run(each.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				var reports []<-chan *rotate.Report
				began := time.Now()
				for _, name := range []string{"a", "b"} {
					reports = append(reports, w.poolOn(name, &slowFrom{next: w.wire(), each: each}).begin())
				}
				for _, done := range reports {
					k := only(t, <-done)
					if each <= 5*time.Second && k.Exit(false) != plan.ExitDone {
						t.Errorf("exit %d: %s %v %v", k.Exit(false), k.Outcome, k.Reasons, k.Err)
					}
					t.Logf("exit %d after %s: %s %v", k.Exit(false), time.Since(began), k.Outcome, k.Reasons)
				}
				if took := time.Since(began); took > 20*time.Minute {
					t.Errorf("it took %s", took)
				}
				r := w.record(key)
				if each <= 5*time.Second && (r.Active != 2 || r.Step != plan.Steady) {
					t.Errorf("%s", r)
				}
				if r.Leased(w.aws.Now()) {
					t.Errorf("%s: the lease of %s is left", r, r.Lease.Pool)
				}
				w.sound()
			})
		})
	}
}
