package kms_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// quotas turns AWS's quotas on, some of them raised.
func (w *world) quotas(raised map[string]int) {
	w.Helper()
	if err := w.aws.SetSwitches(sandbox.Switches{Quotas: true, Raised: raised}); err != nil {
		w.Fatal(err)
	}
}

// paced disables a key n times and returns how long that took, and how many of the calls
// were throttled.
func paced(t *testing.T, c *kms.Client, id string, n int) (took time.Duration, throttled int) {
	start := time.Now()
	for range n {
		if got := c.Disable(t.Context(), id); awscall.Throttled(got) {
			throttled++
		}
	}
	return time.Since(start), throttled
}

// One run alone uses all of a quota, and is hardly throttled; a raised one is found.
func TestOneRunUsesAQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		w.quotas(nil)
		took, throttled := paced(t, w.kms, id, 600)
		if rate := float64(600-throttled) / took.Seconds(); rate < 4.7 || throttled > 20 {
			t.Errorf("%.2f calls a second, %d of 600 throttled", rate, throttled)
		}
		w.quotas(map[string]int{"DisableKey": 50})
		paced(t, w.kms, id, 3000)
		took, throttled = paced(t, w.kms, id, 3000)
		if rate := float64(3000-throttled) / took.Seconds(); rate < 45 || throttled > 60 {
			t.Errorf("of a quota of 50, %.2f calls a second, %d of 3000 throttled", rate, throttled)
		}
		w.quotas(nil)
		paced(t, w.kms, id, 300)
		took, throttled = paced(t, w.kms, id, 600)
		if rate := float64(600-throttled) / took.Seconds(); rate < 4.5 || throttled > 30 {
			t.Errorf("lowered again, %.2f calls a second, %d of 600 throttled", rate, throttled)
		}
	})
}

// When nearly all of a quota is somebody else's now, a run is soon at what is left, and not far
// below it: it falls to the pace of the calls that AWS takes.
func TestAPaceFallsToWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		w.quotas(nil)
		paced(t, w.kms, id, 100)
		w.quotas(map[string]int{"DisableKey": 1})
		_, soon := paced(t, w.kms, id, 40)
		took, later := paced(t, w.kms, id, 40)
		rate := float64(40-later) / took.Seconds()
		t.Logf("%d of 40 throttled, then %d of 40, with %.2f calls a second", soon, later, rate)
		if soon > 15 || later > 4 || rate < 0.8 {
			t.Error("the pace is not that of the quota")
		}
	})
}

// Eight runs share a quota: together they use it, and are seldom throttled.
func TestRunsShareAQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		w.quotas(nil)
		const runs, long = 8, 3 * time.Minute
		var made, throttled atomic.Int64
		var all sync.WaitGroup
		start := time.Now()
		for i := range runs {
			c := kms.New(w.conn.KMS)
			all.Go(func() {
				time.Sleep(time.Duration(i) * 37 * time.Millisecond)
				for time.Since(start) < long {
					_, n := paced(t, c, id, 1)
					made.Add(1)
					throttled.Add(int64(n))
				}
			})
		}
		all.Wait()
		rate := float64(made.Load()-throttled.Load()) / time.Since(start).Seconds()
		if share := float64(throttled.Load()) / float64(made.Load()); rate < 4.6 || share > 0.08 {
			t.Errorf("%.2f calls a second, %.1f %% throttled", rate, 100*share)
		}
	})
}

// While AWS throttles everything a run asks every few seconds, and afterwards it is soon
// back at its pace. Another operation has a pace of its own.
func TestPaceComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{}, alias)
		paced(t, w.kms, id, 50)
		w.faults(sandbox.Fault{Kind: sandbox.Refuse, Operation: "DisableKey", Code: "ThrottlingException"})
		took, _ := paced(t, w.kms, id, 20)
		if took < 6*time.Second || took > 80*time.Second {
			t.Errorf("20 throttled calls took %s", took)
		}
		start := time.Now()
		for range 3 {
			w.kms.Enable(t.Context(), id)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("three calls of another operation took %s", took)
		}
		w.faults()
		paced(t, w.kms, id, 40)
		if took, _ := paced(t, w.kms, id, 10); took > 4*time.Second {
			t.Errorf("ten calls took %s after the throttling was over", took)
		}
	})
}

// Bytes are signed when their turn comes, so that they do not age, and are then sent at
// once.
func TestSignedBytesDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{}, alias)
		w.sign(id)
		start := time.Now()
		signed := w.sign(id)
		if time.Since(start) < 100*time.Millisecond {
			t.Error("a second signature did not wait for its turn")
		}
		start = time.Now()
		w.kms.Send(t.Context(), signed)
		if took := time.Since(start); took != 0 {
			t.Errorf("signed bytes waited %s", took)
		}
	})
}

// Calls that have turns do not wait; turns that were given back are there for others.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		rotation := plan.Calls{CreateKey: 1, CreateAlias: 1, UpdateAlias: 1}
		if wait := w.kms.UntilTurns(rotation); wait != 0 {
			t.Errorf("the first turns come in %s", wait)
		}
		w.kms.Reserve(rotation)
		wait := w.kms.UntilTurns(rotation)
		if wait <= 0 || wait > time.Second {
			t.Errorf("the second turns come in %s", wait)
		}
		time.Sleep(wait)
		turns := w.kms.Reserve(rotation)
		start := time.Now()
		w.kms.CreateAlias(turns.Within(t.Context()), alias, id)
		if took := time.Since(start); took != 0 {
			t.Errorf("a call with a turn waited %s", took)
		}
		w.kms.CreateAlias(turns.Within(t.Context()), alias+"-too", id)
		if time.Since(start) == 0 {
			t.Error("a second call had the turn of the first")
		}
		turns.GiveBack()
		if wait := w.kms.UntilTurns(plan.Calls{CreateKey: 1}); wait != 0 {
			t.Errorf("the turn that was given back comes in %s", wait)
		}
	})
}

// What a run has called at its faster pace is not made up for at the slower one: after
// throttled calls the next turn is one pause away.
func TestNoDebtAtASlowerPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		w.faults(sandbox.Fault{Kind: sandbox.Refuse, Operation: "CreateAlias", Code: "ThrottlingException"})
		for range 6 { // work under way waits for one call at most
			w.kms.CreateAlias(t.Context(), alias, id)
		}
		if wait := w.kms.UntilTurns(plan.Calls{CreateAlias: 1}); wait <= 0 || wait > 4*time.Second {
			t.Errorf("the next turn comes in %s", wait)
		}
	})
}

// Turns that were reserved and not taken come before others, also at a slower pace.
func TestOpenTurnsComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		turns := w.kms.Reserve(plan.Calls{CreateAlias: 4})
		w.faults(sandbox.Fault{Kind: sandbox.Refuse, Operation: "CreateAlias", Code: "ThrottlingException"})
		w.kms.CreateAlias(turns.Within(t.Context()), alias, id)
		one := plan.Calls{CreateAlias: 1}
		behind := w.kms.UntilTurns(one)
		turns.GiveBack()
		if after := w.kms.UntilTurns(one); behind < 3*time.Second || after != 0 {
			t.Errorf("%s until the next turn behind three open ones, %s without", behind, after)
		}
	})
}

// Calls that were under way when AWS throttled the first of them are of the pace before: together
// they slow it down once.
func TestFallsOnceForCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		id := w.key(&awskms.CreateKeyInput{})
		one := plan.Calls{CreateAlias: 1}
		pause := func() time.Duration { // between two turns
			first := w.kms.UntilTurns(one)
			w.kms.Reserve(one)
			return w.kms.UntilTurns(one) - first
		}
		turns := w.kms.Reserve(plan.Calls{CreateAlias: 4})
		before := pause()
		time.Sleep(10 * before) // virtual: the turns have come, and the calls are sent late
		w.faults(sandbox.Fault{Kind: sandbox.Refuse, Operation: "CreateAlias", Code: "ThrottlingException"})
		for range 4 {
			w.kms.CreateAlias(turns.Within(t.Context()), alias, id)
		}
		if after := pause(); after <= before || after > 3*before {
			t.Errorf("%s between two turns, and %s after four calls of one pace were throttled", before, after)
		}
	})
}
