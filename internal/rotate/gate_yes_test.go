package rotate_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

const gatePlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    before_switch: [ask]
`

// waits makes the version of the next window, a month later: before_switch says not yet.
func waits(w *world) {
	w.advance(31 * day)
	p := w.pool("early")
	p.Gate = func(context.Context, rotate.Gate) plan.GateSeen { return plan.GateSeen{} }
	p.mustRun()
}

// before_switch said yes, and its run stood still. Since then before_switch says not yet.
func TestYesOfBeforeSwitchFromBeforeAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := managed(t, gatePlan)
		waits(w)
		asked := 0
		late := w.pool("late")
		late.Gate = func(context.Context, rotate.Gate) plan.GateSeen {
			if asked++; asked > 1 {
				return plan.GateSeen{}
			}
			time.Sleep(12 * time.Hour)
			return plan.GateSeen{Open: true}
		}
		late.run(t.Context())
		if w.names(key.Alias) != v1 {
			t.Errorf("the alias was moved on a yes of 12 hours ago; asked %d times", asked)
		}
		w.sound()
	})
}

// before_switch said yes about v2, and its run stood still. Since then v2 was given up, v3 is
// live, and v4 waits: nobody has said yes about v4.
func TestYesOfBeforeSwitchAboutAnotherVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, _ := managed(t, gatePlan)
		waits(w)
		asked := []string{}
		late := w.pool("late")
		late.Gate = func(_ context.Context, g rotate.Gate) plan.GateSeen {
			asked = append(asked, g.Env[2])
			if len(asked) > 1 {
				return plan.GateSeen{}
			}
			w.asks(plan.Request{Verb: plan.VerbRotate, Abandon: true}).mustRun()
			waits(w)
			if r := w.record(key); r.Step != plan.Created || r.Target != 4 && r.Target != 3 {
				t.Errorf("set-up: %s, target %d", r, r.Target)
			}
			return plan.GateSeen{Open: true}
		}
		late.run(t.Context())
		if r := w.record(key); r.Step == plan.Steady {
			t.Errorf("v%d is live; asked about %v", r.Active, asked)
		}
		w.sound()
	})
}
