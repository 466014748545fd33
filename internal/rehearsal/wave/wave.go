package wave

import (
	"context"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Wave describes one wave.
type Wave struct {
	// Seed is what all is drawn from.
	Seed uint64
	// Plan is the plan file. Policies holds the contents of the key policies it names.
	Plan     string
	Policies map[string]string
	// Pools is how many runs start at the same instant.
	Pools int
	// Wait is the --wait of the runs.
	Wait time.Duration
	// Begin is when the keys are made.
	Begin time.Time
	// First has the wave be the first rotation of each key, which also names v1.
	First bool
	// Idle has nothing be due: every pool reads all records, and ends.
	Idle bool
	// KillOne has one run killed at a drawn call.
	KillOne bool
	// Capacity is that of the table, in units a second; zero is without a limit.
	Capacity sandbox.Capacity
	// Raised are quotas that AWS has raised, by operation, in requests per second.
	Raised map[string]int
	// Progress, if given, is told how far the wave is.
	Progress *Progress
}

// DefaultWait is the default of --wait.
const DefaultWait = 2 * time.Minute

// Both plays the wave of first rotations, and a later one.
func (v Wave) Both(ctx context.Context) ([]*Result, error) {
	var both []*Result
	for _, first := range []bool{true, false} {
		v.First = first
		r, err := v.Play(ctx)
		if err != nil {
			return nil, err
		}
		both = append(both, r)
	}
	return both, nil
}

// spread is within what time cron starts the pools.
const spread = 200 * time.Millisecond

// callsOfRotation is about how many calls a rotation takes.
const callsOfRotation = 25

// Play plays the wave.
func (v Wave) Play(ctx context.Context) (*Result, error) {
	w, err := newWorld(ctx, v)
	if err != nil {
		return nil, err
	}
	if err := w.box.SetSwitches(sandbox.Switches{Quotas: true, Raised: v.Raised, Capacity: v.Capacity}); err != nil {
		return nil, err
	}
	before, err := w.records(ctx)
	if err != nil {
		return nil, err
	}
	res := &Result{First: v.First, Keys: len(w.plan.Keys), Due: w.due(before), Pools: v.Pools, Count: Count{},
		Quotas: sandbox.KMSQuotas(),
		Exits:  map[plan.Exit]int{}}
	began, draw := w.clock.now, v.random(3)
	victim, killAt := draw.IntN(v.Pools), 1+draw.IntN(callsOfRotation*res.Due/v.Pools+1)
	nobody := process{clock: w.clock}
	runs := nobody.Group()
	for pool := range v.Pools {
		at := 0
		if v.KillOne && pool == victim {
			at = killAt
		}
		runner, h, err := w.start(ctx, pool, res.Count, at)
		if err != nil {
			return nil, err
		}
		late := time.Duration(draw.Int64N(int64(spread)))
		runs.Go(func() {
			h.sleep(late)
			res.ran(ctx, w, runner, began)
		})
	}
	runs.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return res, res.judge(ctx, w, before)
}

// ran lets a run go to its end.
func (r *Result) ran(ctx context.Context, w *world, runner *rotate.Runner, began time.Time) {
	ended := false
	defer func() {
		if !ended {
			r.Killed++
		}
	}()
	report, err := runner.Do(ctx, w.plan.Keys, plan.Request{Verb: plan.VerbSchedule})
	ended = true
	r.Took = max(r.Took, w.clock.now.Sub(began))
	if err != nil {
		r.Exits[plan.ExitFailed]++
		return
	}
	r.Exits[report.Exit(false)]++
}
