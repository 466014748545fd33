package rotate_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A reinstate is written and stands still before its EnableKey, while cron's disabling is out. A
// person retires the version: DisableKey is answered yes. Before that is written the EnableKey
// arrives. No fence prevents that, but the reinstate must say that it was overtaken
// (docs/protocol.md): the retire is told that the version is disabled.
func TestLateEnablingBeforeARetireIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := drained(t, retirePlan)
		w.watch.Excuse(v1)
		cron := newPark(w.wire(), "DisableKey")
		cronDone := w.poolOn("stale", cron).begin()
		<-cron.held
		late := newPark(w.wire(), "EnableKey")
		reinstated := w.asksOn(late, plan.Request{Verb: plan.VerbReinstate, Version: 1}).begin()
		<-late.held
		w.advance(time.Second)
		slow := newPause(w.wire(), "DisableKey", 1)
		slow.after = true
		p := w.poolOn("person", slow)
		p.request = plan.Request{Verb: plan.VerbRetire, Version: 1, Reason: "leaked"}
		retired := p.begin()
		<-slow.held
		if e, _ := draining(w.record(key), v1); e.RetiredBy == "" || w.state(v1) != "Disabled" {
			t.Fatalf("set-up: %+v, %s", e, w.state(v1))
		}
		close(late.release)
		r := only(t, <-reinstated)
		close(slow.release)
		k, is := only(t, <-retired), w.state(v1)
		close(cron.release)
		<-cronDone
		if endOf(k) == isDone && is == "Enabled" && endOf(r) != isOvertaken {
			t.Errorf("the retire says %q, v1 is %s, and the reinstate says %q", textOf(k), is, textOf(r))
		}
	})
}

// A dry-run of a reinstate reads no record after the write that it assumes: the table knows nothing
// of that.
func TestDryRunOfAReinstateWhileBytesAreOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := drained(t, retirePlan)
		cron := newPark(w.wire(), "DisableKey")
		done := w.poolOn("stale", cron).begin()
		<-cron.held
		p := w.asks(plan.Request{Verb: plan.VerbReinstate, Version: 1})
		p.Dry = true
		k := only(t, p.run(t.Context()))
		if _, writes := k.Last(plan.WriteReinstate); k.Outcome != plan.Settled || !writes {
			t.Errorf("%s: %v", k.Outcome, k.Reasons)
		}
		close(cron.release)
		<-done
		if s := w.state(v1); s != "Disabled" {
			t.Errorf("v1 is %s", s)
		}
	})
}
