package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Cron makes v2 and may not try it, so no write says that there is a v2. A
// person moves the alias onto it by hand and types adopt: it stays v2, has one
// version alias, and a record that is lost later can be made again.
func TestAdoptOfTheOpenGenerationsVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.fault(sandbox.Fault{Operation: "Encrypt", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		w.pool("cron").run(t.Context())
		w.noFaults()
		if r := w.record(key); r.Step != plan.Claimed || r.Target != nil {
			t.Fatalf("set-up: %s", r)
		}
		v2 := w.names(plan.VersionAlias(key.Alias, 2))
		w.moveByHand(key.Alias, v2)
		w.advance(time.Hour)
		w.asks(plan.Request{Verb: plan.VerbAdopt}).mustRun()
		if r := w.record(key); r.Active.Version != 2 || r.Active.KeyID != v2 || r.Generation != 3 {
			t.Errorf("%s, active %+v", r, r.Active)
		}
		w.advance(91 * day)
		w.pool("cron").mustRun()
		r := w.record(key)
		if e, ok := draining(r, v2); r.Active.Version != 4 || !ok || e.Version != 2 {
			t.Errorf("%s, draining %+v", r, r.Draining)
		}
		w.loseRecord(key)
		w.asks(plan.Request{Verb: plan.VerbAdopt, FromKMS: true}).mustRun()
	})
}
