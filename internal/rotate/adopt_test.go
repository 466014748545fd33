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

// A role that may not list aliases is told of a moved one all the same, only
// not since when; and that counts against no generation that is open.
func TestDriftWithoutListAliases(t *testing.T) {
	for _, open := range []bool{false, true} {
		t.Run(map[bool]string{true: "a generation is open", false: "steady"}[open], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				foreign := w.makeKey("alias/other")
				if open {
					w.fault(sandbox.Fault{Operation: "CreateKey", Kind: sandbox.Refuse, Code: "ThrottlingException"})
					w.pool("cron").run(t.Context())
				}
				w.moveByHand(key.Alias, foreign)
				w.fault(sandbox.Fault{Operation: "ListAliases", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
				for range 7 {
					w.advance(2 * time.Hour)
					if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Refused || k.Refusal.Code != "drift" {
						t.Fatalf("%s %+v: %v", k.Outcome, k.Refusal, k.Err)
					}
				}
				if r := w.record(key); r.Attempts != nil || r.Hold != nil || r.LastError.Code != "drift" || (r.Step != plan.Steady) != open {
					t.Errorf("%s, attempts %+v, hold %+v, last error %+v", r, r.Attempts, r.Hold, r.LastError)
				}
			})
		})
	}
}
