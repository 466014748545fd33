package rotate_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Each guard of a version's retirement alone keeps it enabled; what it is, is
// said; and once it is gone, the version is retired within a day.
func TestGuardsOfRetirement(t *testing.T) {
	denied := sandbox.Fault{Operation: "GetKeyLastUsage", Kind: sandbox.Refuse, Code: "AccessDeniedException"}
	failing := sandbox.Fault{Operation: "GetKeyLastUsage", Kind: sandbox.Refuse, Code: "InternalFailure", Status: 500}
	unsupported := sandbox.Fault{Operation: "GetKeyLastUsage", Kind: sandbox.Refuse, Code: "UnknownOperationException"}
	noGrants := sandbox.Fault{Operation: "ListGrants", Kind: sandbox.Refuse, Code: "AccessDeniedException"}
	grantsFail := sandbox.Fault{Operation: "ListGrants", Kind: sandbox.Refuse,
		Code: "ServiceUnavailableException", Status: 503}
	for _, c := range []struct {
		name string
		set  func(w *world, key plan.Policy, v1 string)
		lift func(w *world, key plan.Policy, v1 string)
		say  string // among the reasons; "": nothing is asked yet
	}{
		{"another alias names it",
			func(w *world, _ plan.Policy, v1 string) { w.aliasByHand("alias/reports", v1) },
			func(w *world, _ plan.Policy, _ string) { w.dropAlias("alias/reports") }, "alias/reports names it"},
		{"a version alias of another number names it",
			func(w *world, key plan.Policy, v1 string) { w.aliasByHand(plan.VersionAlias(key.Alias, 17), v1) },
			func(w *world, key plan.Policy, _ string) { w.dropAlias(plan.VersionAlias(key.Alias, 17)) },
			"v17 names it"},
		{"the alias itself was moved onto it by hand",
			func(w *world, key plan.Policy, v1 string) { w.moveByHand(key.Alias, v1) },
			func(w *world, key plan.Policy, _ string) { w.moveByHand(key.Alias, w.record(key).Live().KeyID) },
			"alias/orders-data names it"},
		{"the alias is on a foreign key",
			func(w *world, key plan.Policy, _ string) { w.moveByHand(key.Alias, w.makeKey("alias/foreign")) },
			func(w *world, key plan.Policy, _ string) { w.moveByHand(key.Alias, w.record(key).Live().KeyID) },
			"is not on v2"},
		{"the alias is gone",
			func(w *world, key plan.Policy, _ string) { w.watch.Excuse(key.Alias); w.dropAlias(key.Alias) },
			func(w *world, key plan.Policy, _ string) { w.aliasByHand(key.Alias, w.record(key).Live().KeyID) },
			"is not on v2"},
		{"it was used a minute ago",
			func(w *world, _ plan.Policy, v1 string) { w.use(v1); w.advance(time.Minute) },
			func(w *world, _ plan.Policy, _ string) { w.advance(8 * day) }, "last used"},
		{"its last use is denied",
			func(w *world, _ plan.Policy, _ string) { w.fault(denied) },
			func(w *world, _ plan.Policy, _ string) { w.noFaults() },
			"could not be learnt: KMS denied kms:GetKeyLastUsage"},
		{"its last use fails",
			func(w *world, _ plan.Policy, _ string) { w.fault(failing) },
			func(w *world, _ plan.Policy, _ string) { w.noFaults() },
			"could not be learnt: KMS GetKeyLastUsage failed"},
		{"its last use is not supported",
			func(w *world, _ plan.Policy, _ string) { w.fault(unsupported) },
			func(w *world, _ plan.Policy, _ string) { w.noFaults() },
			"could not be learnt: KMS at http://sandbox.invalid does not have GetKeyLastUsage"},
		{"somebody may use it by a grant", // a volume asks for its key when it is attached, and not before
			func(w *world, _ plan.Policy, v1 string) { w.grant(v1) },
			func(w *world, _ plan.Policy, v1 string) { w.revokeGrants(v1) }, "1 grant lets others use it"},
		{"whether it has grants is denied",
			func(w *world, _ plan.Policy, _ string) { w.fault(noGrants) },
			func(w *world, _ plan.Policy, _ string) { w.noFaults() },
			"could not be learnt: KMS denied kms:ListGrants"},
		{"whether it has grants fails",
			func(w *world, _ plan.Policy, _ string) { w.fault(grantsFail) },
			func(w *world, _ plan.Policy, _ string) { w.noFaults() },
			"could not be learnt: KMS ListGrants failed"},
		{"a hold",
			func(w *world, _ plan.Policy, _ string) { w.asks(plan.Request{Verb: plan.VerbHold}).mustRun() },
			func(w *world, _ plan.Policy, _ string) { w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun() }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				c.set(w, key, v1)
				k := only(t, w.pool("cron").mustRun())
				if s := w.state(v1); s != "Enabled" {
					t.Fatalf("v1 is %s", s)
				}
				if _, ok := draining(w.record(key), v1); !ok {
					t.Error("v1 does not drain any more")
				}
				if got := fmt.Sprint(k.Reasons); !strings.Contains(got, c.say) {
					t.Errorf("said %s, want %q", got, c.say)
				}
				if e := w.record(key).LastError; strings.Contains(c.say, "learnt") != (e != nil) {
					t.Errorf("last_error: %+v", e)
				}
				c.lift(w, key, v1)
				w.advance(day + time.Minute)
				w.pool("cron").mustRun()
				if s := w.state(v1); s != "Disabled" {
					t.Errorf("with the guard gone v1 is %s: %v", s, only(t, w.pool("cron").mustRun()).Reasons)
				}
				w.watch.Mind(key.Alias)
				w.sound()
			})
		})
	}
}

// The deadline is drain_until, and KMS may know of a use an hour late: seven
// days and half an hour ago may have been seven days ago.
func TestRightTimeOfRetirement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := switched(t, retirePlan)
		e, _ := draining(w.record(key), v1)
		w.advance(e.DrainUntil.Add(-7*day - 30*time.Minute).Sub(w.aws.Now()))
		w.use(v1)
		for _, at := range []struct {
			d    time.Duration // from the deadline
			want string
			why  string
		}{
			{-time.Minute, "Enabled", ""}, {time.Minute, "Enabled", "last used"},
			{day, "Enabled", ""}, // less than a day after it was asked
			{day + 2*time.Minute, "Disabled", ""},
		} {
			w.advance(e.DrainUntil.Add(at.d).Sub(w.aws.Now()))
			k := only(t, w.pool("cron").mustRun())
			if s := w.state(v1); s != at.want || !strings.Contains(fmt.Sprint(k.Reasons), at.why) {
				t.Errorf("%s after the deadline v1 is %s, want %s: %v", at.d, s, at.want, k.Reasons)
			}
		}
		w.sound()
	})
}

// KMS does not know what was before it began to record: a version whose record
// is younger than unless_used_within and an hour is not retired.
func TestYoungTracking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, retirePlan)
		key := w.plan.Keys[0]
		tracking := time.Date(2026, time.April, 23, 0, 0, 0, 0, time.UTC)
		w.advance(tracking.Add(-40 * day).Sub(w.aws.Now()))
		v1 := w.makeKey(key.Alias)
		w.pool("cron").mustRun()
		w.advance(31 * day)
		w.pool("cron").mustRun()
		w.advance(tracking.Add(7*day + 30*time.Minute).Sub(w.aws.Now()))
		k := only(t, w.pool("cron").mustRun())
		if got := fmt.Sprint(k.Reasons); w.state(v1) != "Enabled" ||
			!strings.Contains(got, "recorded its use only since 2026-04-23") {
			t.Errorf("v1 is %s: %s", w.state(v1), got)
		}
		w.advance(day)
		w.pool("cron").mustRun()
		if w.state(v1) != "Disabled" {
			t.Errorf("v1 is %s", w.state(v1))
		}
		w.sound()
	})
}

// With unless_used_within: off nobody asks.
func TestRetireWithoutAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := drained(t, strings.Replace(retirePlan, "7d}", "off}", 1))
		w.fault(sandbox.Fault{Operation: "GetKeyLastUsage", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		w.use(v1)
		seq := w.seq()
		w.pool("cron").mustRun()
		if n := w.calls(seq, "GetKeyLastUsage"); n != 0 || w.state(v1) != "Disabled" {
			t.Errorf("asked %d times, v1 is %s", n, w.state(v1))
		}
		w.sound()
	})
}

// A version is asked about once a day, by one run, in whatever order runs come.
func TestAskedDaily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, v1 := drained(t, retirePlan)
		seq := w.seq()
		for d := range 4 {
			w.use(v1)
			for range 24 * 4 {
				w.pool("cron").mustRun()
				w.advance(15 * time.Minute)
			}
			if n := w.calls(seq, "GetKeyLastUsage"); n != d+1 {
				t.Errorf("day %d: asked %d times", d+1, n)
			}
		}
		w.advance(8 * day)
		seq = w.seq()
		if err := w.aws.SetSwitches(slow); err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for i := range 16 {
			p := w.pool(fmt.Sprintf("pool%d", i))
			wait.Go(func() { p.mustRun() })
		}
		wait.Wait()
		if n, m := w.calls(seq, "GetKeyLastUsage"), w.calls(seq, "DisableKey"); n != 1 || m != 1 {
			t.Errorf("16 pools asked %d times and disabled %d times", n, m)
		}
		w.sound()
	})
}

// Two versions drain at once; pools ask about them at the same instant. Each
// is asked about once, although every write makes the others start again.
func TestTwoDrainsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := managed(t, strings.Replace(retirePlan, "drain: 10d", "drain: 20d", 1))
		w.advance(31 * day)
		w.pool("cron").mustRun()
		v2 := w.record(key).Live().KeyID
		w.asks(plan.Request{Verb: plan.VerbRotate, Again: true}).mustRun()
		w.advance(21 * day)
		if err := w.aws.SetSwitches(slow); err != nil {
			t.Fatal(err)
		}
		seq := w.seq()
		var wait sync.WaitGroup
		for i := range 4 {
			p := w.pool(fmt.Sprintf("pool%d", i))
			wait.Go(func() { p.mustRun() })
		}
		wait.Wait()
		if w.state(v1) != "Disabled" || w.state(v2) != "Disabled" {
			t.Errorf("v1 is %s, v2 is %s", w.state(v1), w.state(v2))
		}
		if n, m := w.calls(seq, "GetKeyLastUsage"), w.calls(seq, "DisableKey"); n != 2 || m != 2 {
			t.Errorf("asked %d times, disabled %d times", n, m)
		}
		w.sound()
	})
}

// One KMS key under two aliases of the plan is disabled under neither while the
// other needs it.
func TestOneKeyUnderTwoAliases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, retirePlan+`  - alias: alias/reports
    schedule: {every: 120d}
    retire: {action: disable, unless_used_within: 7d}
`)
		w.advance(27 * 365 * day)
		shared := w.makeKey("alias/orders-data")
		w.aliasByHand("alias/reports", shared)
		w.pool("cron").mustRun()
		for range 150 {
			w.advance(day)
			w.pool("cron").mustRun()
			if s := w.state(shared); s != "Enabled" {
				t.Fatalf("it is %s", s)
			}
		}
		r := w.record(w.plan.Keys[1])
		if r.Active != 2 || len(r.Draining()) != 1 {
			t.Errorf("reports: %s, draining %+v", r, r.Draining())
		}
		if r := w.record(w.plan.Keys[0]); r.Active < 5 || len(r.Draining()) > 2 {
			t.Errorf("the drain that cannot end keeps orders-data from rotating: %s", r)
		}
		w.sound()
	})
}

// Of the terms of the switch and of today's plan the more careful wins, and
// drain_until is never computed again.
func TestTermsOfRetirement(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(p *plan.Policy)
		want   string
		kept   bool
	}{
		{"as it was", func(*plan.Policy) {}, "Disabled", false},
		{"today's plan keeps", func(p *plan.Policy) { p.Retire = plan.Retire{Action: plan.RetireKeep} },
			"Enabled", true},
		{"today's plan deletes: it is disabled first",
			func(p *plan.Policy) { p.Retire.Action = plan.RetireDelete }, "Disabled", false},
		{"a longer unless_used_within today",
			func(p *plan.Policy) { p.Retire.UnlessUsedWithin = 60 * day }, "Enabled", false},
		{"a shorter one today", func(p *plan.Policy) { p.Retire.UnlessUsedWithin = time.Hour }, "Enabled", false},
		{"off today", func(p *plan.Policy) { p.Retire.UsageOff = true }, "Enabled", false},
		{"a shorter drain today", func(p *plan.Policy) { p.Drain = day }, "Disabled", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				// Used two days ago: the frozen seven days keep it, an hour would not.
				if c.want == "Enabled" && !c.kept {
					w.use(v1)
					w.advance(2 * day)
				}
				c.change(&w.plan.Keys[0])
				w.pool("cron").mustRun()
				if s := w.state(v1); s != c.want {
					t.Errorf("v1 is %s, want %s", s, c.want)
				}
				e, ok := wasRetired(w.record(key), v1)
				if kept := ok && !e.KeptAt.IsZero(); kept != c.kept {
					t.Errorf("kept: %v, want %v", kept, c.kept)
				}
				w.sound()
			})
		})
	}
}

// Who makes the drain longer in the plan has the version before for so long,
// although its deadline is written already; shorter is never so.
func TestLongerDrainToday(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := switched(t, retirePlan)
		since := w.record(key).Draining()[0].Left
		w.plan.Keys[0].Drain = 20 * day
		for _, at := range []struct {
			d    time.Duration
			want string
		}{{10*day + time.Minute, "Enabled"}, {20*day - time.Minute, "Enabled"}, {20*day + time.Minute, "Disabled"}} {
			w.advance(since.Add(at.d).Sub(w.aws.Now()))
			w.pool("cron").mustRun()
			if s := w.state(v1); s != at.want {
				t.Errorf("%s after the switch v1 is %s, want %s", at.d, s, at.want)
			}
		}
		w.sound()
	})
}

// A drain that is over when the window opens does not stand in its way: the
// run that finds both ends the one and does the other, and refuses nothing.
func TestMaxDrainingSettledInTheSameRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := managed(t, strings.Replace(retirePlan, "drain: 10d", "drain: 30d\nmax_draining: 1", 1))
		w.advance(31 * day)
		w.pool("cron").mustRun()
		w.advance(30 * day) // nobody runs until after the next window has opened
		w.advance(day)
		w.pool("cron").mustRun()
		if g := w.record(key).Generation; g != 3 || w.state(v1) != "Disabled" {
			t.Errorf("generation %d, v1 is %s", g, w.state(v1))
		}
		for _, e := range w.ledger(key) {
			if e.Is(plan.EventRefused) {
				t.Errorf("revision %d: %v", e.Rev, e.Kind)
			}
		}
		w.sound()
	})
}

// More versions than max_draining: the next rotation refuses, and the marks go
// on, so that it can end.
func TestMaxDraining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := managed(t, strings.Replace(retirePlan, "drain: 10d", "drain: 30d\nmax_draining: 1", 1))
		w.advance(31 * day)
		w.pool("cron").mustRun()
		for range 40 { // v1 is in use
			w.advance(day)
			w.use(v1)
			w.pool("cron").run(t.Context())
		}
		k := only(t, w.pool("cron").run(t.Context()))
		if k.Outcome != plan.Refused || k.Refusal.Code != "max-draining" ||
			!strings.Contains(fmt.Sprint(k.Reasons), "1 version awaits disabling") {
			t.Fatalf("%s %v", k.Outcome, k.Reasons)
		}
		if g := w.record(key).Generation; g != 2 {
			t.Errorf("rotated: generation %d", g)
		}
		w.advance(9 * day) // not used any more
		w.pool("cron").mustRun()
		if r := w.record(key); w.state(v1) != "Disabled" || r.Generation != 3 {
			t.Errorf("v1 is %s, %s", w.state(v1), r)
		}
		w.sound()
	})
}
