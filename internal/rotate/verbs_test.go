package rotate_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

const day = 24 * time.Hour

// asks makes a pool whose run is a person's verb.
func (w *world) asks(q plan.Request) *pool {
	p := w.pool("person")
	q.Reason = "incident 7"
	p.request = q
	return p
}

func only(t *testing.T, r *rotate.Report) rotate.KeyReport {
	t.Helper()
	if len(r.Keys) != 1 {
		t.Fatalf("%d keys", len(r.Keys))
	}
	return r.Keys[0]
}

// A rollback one second after a clean switch is safe, and happens at once: no
// signature is out.
func TestRollbackAfterCleanSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		v1 := w.names(key.Alias)
		w.pool("a").mustRun()
		w.advance(time.Second)
		w.asks(plan.Request{Verb: plan.VerbRollback}).mustRun()
		r := w.record(key)
		if w.names(key.Alias) != v1 || r.Active.Version != 1 || r.Generation != 3 || r.Step != plan.Steady || r.Fence != nil {
			t.Fatalf("%s, active v%d, fence %+v", r, r.Active.Version, r.Fence)
		}
		if len(r.Draining) != 1 || r.Draining[0].Version != 2 || r.Draining[0].DrainUntil.Before(w.aws.Now().Add(29*day)) {
			t.Errorf("v2 has no drain of its own: %+v", r.Draining)
		}
		// Typed twice it rolls back once.
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback}).mustRun())
		if k.Changed() || w.record(key).Generation != 3 {
			t.Errorf("the second rollback did something: %v", k.Reasons)
		}
		// And cron does not rotate again in this window.
		w.pool("b").mustRun()
		if g := w.record(key).Generation; g != 3 {
			t.Errorf("cron went on to generation %d", g)
		}
	})
}

// After a crash in the middle of a switch a rollback must wait as long as the
// fence says, and says until when.
func TestRollbackWaitsForTheFence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		v1 := w.names(key.Alias)
		w.poolOn("a", &answerLost{w.aws.RoundTripper(), "UpdateAlias"}).run(t.Context())
		w.advance(plan.LeaseFor + time.Second)
		r := w.record(key)
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRollback}).run(t.Context()))
		if !k.Busy || !k.Until.Equal(r.Fence.Until) || w.record(key).Rev != r.Rev {
			t.Fatalf("busy %v until %s; fence until %s", k.Busy, k.Until, r.Fence.Until)
		}
		patient := w.asks(plan.Request{Verb: plan.VerbRollback})
		patient.Wait = 30 * time.Minute
		patient.mustRun()
		if got := w.names(key.Alias); got != v1 {
			t.Errorf("the alias names %s", got)
		}
		r = w.record(key)
		if r.Step != plan.Steady || r.Active.KeyID != v1 {
			t.Errorf("%s on v%d", r, r.Active.Version)
		}
	})
}

// rotate makes a new version now, once.
func TestRotateNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.advance(2 * time.Hour)
		w.asks(plan.Request{Verb: plan.VerbRotate}).mustRun()
		if r := w.record(key); r.Generation != 3 || r.Active.Version != 3 || r.Claim.Verb != plan.VerbRotate {
			t.Fatalf("%s", r)
		}
		k := only(t, w.asks(plan.Request{Verb: plan.VerbRotate}).mustRun())
		if k.Changed() {
			t.Error("typed twice it rotated twice")
		}
		w.asks(plan.Request{Verb: plan.VerbRotate, Again: true}).mustRun()
		if r := w.record(key); r.Generation != 4 {
			t.Errorf("--again: %s", r)
		}
	})
}

const disablePlan = `
region: eu-west-1
schedule: {every: 30d}
drain: 10d
keys:
  - alias: alias/orders-data
    retire: {action: delete, unless_used_within: 7d, delete_after: 60d, deletion_window: 7d}
`

// A year of a key: each event at its right time and nothing else.
func TestYearOfDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disablePlan)
		key := w.plan.Keys[0]
		w.advance(27 * 365 * day) // past the start of KMS's tracking
		w.makeKey(key.Alias)
		start := w.aws.Now()
		w.pool("cron").mustRun()
		for range 4 * 200 {
			w.advance(6 * time.Hour)
			w.pool("cron").mustRun()
		}
		var lines []string
		for _, e := range w.record(key).Events {
			lines = append(lines, e.At.Sub(start).Truncate(time.Hour).String()+" "+e.What)
		}
		t.Log("\n" + strings.Join(lines, "\n"))
	})
}

// A disabled version is reinstated at once, and disabled by nobody after.
func TestReinstate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disablePlan)
		key := w.plan.Keys[0]
		w.advance(27 * 365 * day)
		v1 := w.makeKey(key.Alias)
		w.pool("cron").mustRun()
		for range 60 {
			w.advance(day)
			w.pool("cron").mustRun()
		}
		r := w.record(key)
		if len(r.Retired) == 0 || r.Retired[0].KeyID != v1 {
			t.Fatalf("set-up: %+v", r.Retired)
		}
		w.asks(plan.Request{Verb: plan.VerbReinstate}).mustRun()
		if st := w.state(v1); st != "Enabled" {
			t.Errorf("v1 is %s", st)
		}
		r = w.record(key)
		for _, d := range r.Draining {
			if d.KeyID == v1 && (!d.LookAfter.IsZero() || d.DrainUntil.Before(w.aws.Now().Add(9*day))) {
				t.Errorf("%+v", d)
			}
		}
	})
}

// A hold stops cron and not a person.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
		if k := only(t, w.pool("a").mustRun()); k.Outcome != plan.HeldBack || k.Changed() {
			t.Errorf("cron under hold: %s", k.Outcome)
		}
		w.asks(plan.Request{Verb: plan.VerbRotate}).mustRun()
		if r := w.record(key); r.Generation != 2 || r.Step != plan.Steady || r.Hold == nil {
			t.Errorf("%s, hold %+v", r, r.Hold)
		}
		w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
		if r := w.record(key); r.Hold != nil {
			t.Error("still held")
		}
	})
}
