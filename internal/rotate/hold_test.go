package rotate_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

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
		w.sound()
	})
}

// hold --until ends by itself.
func TestHoldUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.asks(plan.Request{Verb: plan.VerbHold, Until: w.aws.Now().Add(2 * time.Hour)}).mustRun()
		w.advance(time.Hour)
		if k := only(t, w.pool("a").mustRun()); k.Outcome != plan.HeldBack {
			t.Errorf("held: %s", k.Outcome)
		}
		w.advance(time.Hour)
		w.pool("a").mustRun()
		if r := w.record(key); r.Generation != 2 || r.Step != plan.Steady {
			t.Errorf("%s", r)
		}
		w.sound()
	})
}

// The hold is set while a rotation is parked before each of its calls in turn.
// What has happened is written down: a move that is sent ends its generation.
// Nothing is signed any more; released, the generation goes on with the
// version that was made.
func TestHoldWhileARunIsInFlight(t *testing.T) {
	for n := 1; ; n++ {
		operation := ""
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				pause := newPause(w.wire(), "", n)
				done := w.poolOn("a", pause).begin()
				select {
				case <-pause.held:
				case <-done:
					return // it has fewer calls
				}
				operation = pause.at
				w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
				close(pause.release)
				<-done
				r := w.record(key)
				// On its way, or answered: parked before the move itself, or
				// before the write that ends it.
				moved := n >= 20
				if got := w.calls(0, "UpdateAlias"); (got == 1) != moved ||
					(r.Step == plan.Steady && r.Generation == 2) != moved {
					t.Errorf("held before %s: UpdateAlias×%d, %s", operation, got, r)
				}
				if !moved && r.Fence != nil {
					t.Errorf("held before %s: nothing was sent, and there is a fence", operation)
				}
				if r.Lease != nil || r.Hold == nil {
					t.Errorf("held before %s: lease %+v, hold %+v", operation, r.Lease, r.Hold)
				}
				w.advance(time.Hour)
				if k := only(t, w.pool("cron").mustRun()); k.Changed() {
					t.Errorf("cron under hold: %v", k.Reasons)
				}
				w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
				w.pool("cron").mustRun()
				if r := w.record(key); r.Generation != 2 || r.Step != plan.Steady || r.Active != 2 {
					t.Errorf("released: %s", r)
				}
				if made := w.calls(0, "CreateKey"); made != 1 {
					t.Errorf("held before %s: %d versions were made", operation, made)
				}
				w.sound()
			})
		})
		if operation == "" {
			if n != 23 { // 20 is the move, 21 the write that ends it, 22 the copy
				t.Errorf("%d calls", n-1)
			}
			return
		}
	}
}

// The same with a retirement in flight: what is signed and marked goes out,
// nothing else is, and what was answered is written down.
func TestHoldWhileARetirementIsInFlight(t *testing.T) {
	for n := 1; ; n++ {
		operation := ""
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, key, v1 := drained(t, retirePlan)
				pause := newPause(w.wire(), "", n)
				done := w.poolOn("a", pause).begin()
				select {
				case <-pause.held:
				case <-done:
					return
				}
				operation = pause.at
				last := w.record(key).Events
				marked := last[len(last)-1].Is(plan.EventMark)
				w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
				close(pause.release)
				<-done
				want := "Enabled"
				if marked || operation == "PutItem" { // the copy, when all is done
					want = "Disabled"
				}
				_, retired := wasRetired(w.record(key), v1)
				if s := w.state(v1); s != want && !(operation == "UpdateItem" && s == "Disabled") ||
					retired != (s == "Disabled") {
					t.Errorf("held before %s: v1 is %s, retired %v", operation, s, retired)
				}
				w.sound()
			})
		})
		if operation == "" {
			return
		}
	}
}

// What a person began under a hold is finished by any run, until the hold is
// set again.
func TestWhatAPersonBeganUnderHold(t *testing.T) {
	for _, verb := range []plan.Verb{plan.VerbRotate, plan.VerbRollback} {
		for _, again := range []bool{false, true} {
			t.Run(fmt.Sprint(verb, " held again ", again), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := due(t, onePlan)
					key := w.plan.Keys[0]
					w.pool("a").mustRun()
					w.advance(2 * time.Hour)
					w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
					crash := newCrash(w.wire(), "UpdateItem", 2) // claimed, and no more
					w.poolOnCrash("person", crash, plan.Request{Verb: verb, Reason: "x"})
					if r := w.record(key); r.Step != plan.Claimed {
						t.Fatalf("set-up: %s", r)
					}
					if again {
						w.advance(time.Second)
						w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
					}
					w.advance(plan.LeaseFor + time.Minute)
					k := only(t, w.pool("cron").mustRun())
					if r := w.record(key); (r.Step == plan.Steady && r.Generation == 3) == again {
						t.Errorf("%s: %s %v", r, k.Outcome, k.Reasons)
					}
					w.sound()
				})
			})
		}
	}
}

// A key holds itself after max_attempts definite refusals, counted once an
// hour, or that many keys that may have been made, one an hour; an hour of outage,
// and any time of throttling or expired credentials, does not get it there.
// Release, and a finish, clear the count.
func TestSelfHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault  sandbox.Fault
		holds  bool
		counts bool
	}{
		{sandbox.Fault{Kind: sandbox.Refuse, Code: "AccessDeniedException"}, true, true},
		{sandbox.Fault{Kind: sandbox.Refuse, Code: "ThrottlingException"}, false, false},
		{sandbox.Fault{Kind: sandbox.Refuse, Code: "ExpiredTokenException"}, false, false},
		{sandbox.Fault{Kind: sandbox.Refuse, Code: "InternalFailure", Status: 500}, true, false},
		{sandbox.Fault{Kind: sandbox.Drop}, true, false},
	} {
		for _, operation := range []string{"CreateKey", "UpdateAlias"} {
			c.fault.Operation = operation
			unknown := c.fault.Kind == sandbox.Drop || c.fault.Status == 500
			if unknown && operation == "UpdateAlias" {
				continue // a fence and a takeover; no refusal that could be counted
			}
			// What KMS does not answer about a CreateKey for hours may have made a key each time.
			holds := c.holds || unknown
			t.Run(operation+" "+string(c.fault.Kind)+c.fault.Code, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := due(t, onePlan)
					key := w.plan.Keys[0]
					w.fault(c.fault)
					for range 5 { // an hour and a quarter, two pools
						w.pool("a").run(t.Context())
						w.pool("b").run(t.Context())
						w.advance(15 * time.Minute)
					}
					r := w.record(key)
					if r.Hold != nil {
						t.Fatalf("held after an hour: %+v", r.Hold)
					}
					count := 0
					if r.Attempts != nil {
						count = r.Attempts.Count
					}
					if most := map[bool]int{true: 2}[c.counts]; count > most || c.counts && count == 0 {
						t.Errorf("counted %d in an hour", count)
					}
					for range 6 {
						w.advance(time.Hour)
						w.pool("a").run(t.Context())
					}
					r = w.record(key)
					if (r.Hold != nil && r.Hold.Self) != holds {
						t.Fatalf("hold %+v, attempts %+v", r.Hold, r.Attempts)
					}
					w.noFaults()
					w.advance(time.Hour)
					if holds {
						if k := only(t, w.pool("a").run(t.Context())); k.Outcome != plan.Refused ||
							k.Refusal.Code != "held-itself" {
							t.Errorf("%s %+v", k.Outcome, k.Refusal)
						}
						w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
						if r = w.record(key); r.Hold != nil || r.Attempts != nil {
							t.Errorf("released: hold %+v, attempts %+v", r.Hold, r.Attempts)
						}
					}
					w.pool("a").mustRun()
					if r = w.record(key); r.Generation != 2 || r.Step != plan.Steady || r.Attempts != nil {
						t.Errorf("%s, attempts %+v", r, r.Attempts)
					}
					w.sound()
				})
			})
		}
	}
}

// Release clears the count also before it has led to a hold.
func TestReleaseClearsTheCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.lose("CreateKey", 1, "AccessDeniedException")
		w.pool("a").run(t.Context())
		if w.record(key).Attempts == nil {
			t.Fatal("set-up: not counted")
		}
		w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
		if r := w.record(key); r.Attempts != nil {
			t.Errorf("%+v", r.Attempts)
		}
		w.sound()
	})
}

// A target that can never work: the key holds itself at once.
func TestSelfHoldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan+"    prepublish: 2d\n")
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.disableByHand(w.record(key).Next().KeyID)
		w.advance(2*day + time.Hour)
		k := only(t, w.pool("a").run(t.Context()))
		if r := w.record(key); k.Outcome != plan.Refused || k.Refusal.Code != "held-itself" ||
			r.Hold == nil || !r.Hold.Self {
			t.Errorf("%s %+v, hold %+v", k.Outcome, k.Refusal, r.Hold)
		}
		// It is news in the run that wrote it, and after a release once more.
		news := func(k rotate.KeyReport, want bool, when string) {
			if k.Outcome != plan.Refused || k.Refusal.Code != "held-itself" || k.News != want {
				t.Errorf("%s: %s %+v, news %v", when, k.Outcome, k.Refusal, k.News)
			}
		}
		news(k, true, "at first")
		news(only(t, w.pool("b").run(t.Context())), false, "from then on")
		w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
		news(only(t, w.pool("b").run(t.Context())), true, "released, and not repaired")
		w.sound()
	})
}
