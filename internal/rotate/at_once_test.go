package rotate_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// One Runner may carry out several requests at once: each has the answers that
// its own calls got.
func TestOneRunnerTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const yaml = "region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n" +
			"  - alias: alias/orders-data\n  - alias: alias/session-mac\n"
		w := due(t, yaml)
		if err := w.aws.SetSwitches(slow); err != nil {
			t.Fatal(err)
		}
		p := w.pool("pool1")
		reports := make([]*rotate.Report, len(w.plan.Keys))
		var wait sync.WaitGroup
		for i := range w.plan.Keys {
			wait.Go(func() {
				var err error
				reports[i], err = p.Do(t.Context(), w.plan.Keys[i:i+1], p.request)
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for i, r := range reports {
			k := r.Keys[0]
			if k.Policy.Name != w.plan.Keys[i].Name || !k.Did(plan.WriteFinish) || r.Caller == nil || r.Table == nil {
				t.Errorf("%s: %+v", w.plan.Keys[i].Name, r)
			}
		}
	})
}
