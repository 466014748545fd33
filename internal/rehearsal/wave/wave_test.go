package wave

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// A thread that nobody ends is a goroutine that stays.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// planOf returns a plan with n keys that are alike.
func planOf(n int) string {
	var b strings.Builder
	b.WriteString("region: eu-west-1\nschedule: {every: 90d}\ndrain: 30d\nkeys:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - alias: alias/key-%05d\n", i)
	}
	return b.String()
}

// waveOf returns a wave in which a run waits as long as it takes.
func waveOf(keys, pools int) Wave {
	return Wave{Seed: 1, Plan: planOf(keys), Pools: pools, Wait: 24 * time.Hour,
		Begin: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
}

func play(t testing.TB, v Wave) *Result {
	t.Helper()
	r, err := v.Play(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every key is rotated once, whoever does it, also where v1 must be named first.
func TestEveryKeyIsRotatedOnce(t *testing.T) {
	for _, first := range []bool{false, true} {
		v := waveOf(24, 4)
		v.First = first
		r := play(t, v)
		if r.Due != 24 || r.Done != 24 || r.Duplicates != 0 || r.Unnamed != 0 || r.Exits[plan.ExitDone] != 4 {
			t.Errorf("first %v: %+v", first, r)
		}
		created, named := r.Count["kms:CreateKey"].Yes, r.Count["kms:CreateAlias"].Yes
		if want := 24; created != want || first && named != 2*want || !first && named != want {
			t.Errorf("first %v: made %d keys and %d aliases", first, created, named)
		}
		if r.Took < r.Bound || r.Bound < 4*time.Second {
			t.Errorf("first %v: took %s, and the quotas allow %s", first, r.Took, r.Bound)
		}
	}
}

// One seed makes one wave, to the last call.
func TestSameSeedSameWave(t *testing.T) {
	v := waveOf(12, 3)
	v.KillOne = true
	first := play(t, v)
	if again := play(t, v); !reflect.DeepEqual(first, again) {
		t.Errorf("once   %+v\nagain  %+v", first, again)
	}
	v.Seed++
	if other := play(t, v); reflect.DeepEqual(first, other) {
		t.Error("another seed made the same wave")
	}
}

// One of the pools is killed, anywhere: the others do all the keys, none of them twice.
func TestOneKilled(t *testing.T) {
	killed := 0
	for seed := range uint64(8) {
		v := waveOf(8, 3)
		v.Seed, v.KillOne = seed, true
		r := play(t, v)
		killed += r.Killed
		if r.Done != 8 || r.Duplicates != 0 || r.Unnamed > r.Killed*2 {
			t.Errorf("seed %d: %+v", seed, r)
		}
	}
	if killed < 4 {
		t.Errorf("only %d of 8 runs were killed", killed)
	}
}

// A quota that AWS has raised is the one that holds.
func TestRaised(t *testing.T) {
	v := waveOf(20, 2)
	v.Raised = map[string]int{"CreateKey": 50, "CreateAlias": 50, "UpdateAlias": 50}
	if r := play(t, v); r.Bound != 400*time.Millisecond || r.Count.Changes().Throttled != 0 {
		t.Errorf("%+v", r)
	}
}

// Whoever looks while a wave is under way sees how many keys are finished, in work and left.
func TestProgress(t *testing.T) {
	v := waveOf(20, 2)
	v.Progress = new(Progress)
	worked, ended := make(chan bool), make(chan struct{})
	go func() {
		saw := false
		for {
			_, inWork, _ := v.Progress.Keys()
			saw = saw || inWork > 0
			select {
			case <-ended:
				worked <- saw
				return
			default:
			}
		}
	}()
	play(t, v)
	close(ended)
	if !<-worked {
		t.Error("no key was seen in work")
	}
	if finished, inWork, waiting := v.Progress.Keys(); finished != 20 || inWork != 0 || waiting != 0 {
		t.Errorf("%d finished, %d in work, %d waiting", finished, inWork, waiting)
	}
}

// A table that is busy throttles reads and writes; every run waits, and none fails.
func TestThrottledTable(t *testing.T) {
	v := waveOf(60, 4)
	v.Capacity = sandbox.Capacity{Reads: 30, Writes: 12}
	r := play(t, v)
	if r.Done != 60 || r.Exits[plan.ExitDone] != 4 || r.Duplicates != 0 {
		t.Errorf("%+v", r)
	}
	if r.Count.Reads().Throttled == 0 || r.Count.Writes().Throttled == 0 {
		t.Errorf("the table has not throttled: reads %+v, writes %+v", r.Count.Reads(), r.Count.Writes())
	}
}

// All pools read all records in the same second, which is more than the table serves: the
// reads are spread, each pool gets all of them, and none fails.
func TestThrottledReads(t *testing.T) {
	v := waveOf(1000, 8)
	v.Idle, v.Capacity = true, sandbox.Capacity{Reads: 1200}
	r := play(t, v)
	if r.Exits[plan.ExitDone] != 8 || r.Count.Writes().All() != 0 || r.Count.Reads().Throttled == 0 {
		t.Errorf("%+v", r)
	}
	if at := time.Duration(8*1000/1200-1) * time.Second; r.Took < at || r.Took > 5*at {
		t.Errorf("took %s, and the table needs %s at best", r.Took, at)
	}
}
