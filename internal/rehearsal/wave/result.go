package wave

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Result is what came of a wave.
type Result struct {
	// First reports whether it was the first rotation of each key.
	First       bool
	Pools, Keys int
	// Due is how many keys were due when it began, Done how many of them have a newer
	// generation afterwards, which is live or waits for prepublish.
	Due, Done int
	// Took is the time from the start to the end of the last run.
	Took time.Duration
	// Bound is the time that the quotas allow at best: of the operation BoundBy, its
	// calls by its quota.
	Bound   time.Duration
	BoundBy string
	// Duplicates are versions beyond the first that have a name for one key and window.
	Duplicates int
	// Unnamed are keys that were made for a version and have no name.
	Unnamed int
	// Exits counts the runs by exit code, Killed those that have none.
	Exits  map[plan.Exit]int
	Killed int
	Count  Count
	// Quotas are those of KMS, by operation.
	Quotas map[string]int
}

// Rotations is a word for which rotations of the keys they were.
func (r *Result) Rotations() string {
	if r.First {
		return "first"
	}
	return "later"
}

// ExitCodes returns the exit codes of the runs, sorted.
func (r *Result) ExitCodes() []plan.Exit { return slices.Sorted(maps.Keys(r.Exits)) }

// Ratio returns how many times as long as the bound it took; 0 without a bound.
func (r *Result) Ratio() float64 {
	if r.Bound == 0 {
		return 0
	}
	return r.Took.Seconds() / r.Bound.Seconds()
}

// Throttled returns the share of the calls that change KMS that were throttled.
func (r *Result) Throttled() float64 {
	made := r.Count.Changes()
	return float64(made.Throttled) / float64(max(1, made.All()))
}

// judge looks at what AWS holds after the wave.
func (r *Result) judge(ctx context.Context, w *world, before map[string]*plan.Record) error {
	maps.Copy(r.Quotas, w.wave.Raised)
	for _, operation := range slices.Sorted(maps.Keys(r.Quotas)) {
		calls := time.Duration(r.Count["kms:"+operation].Yes)
		if took := calls * time.Second / time.Duration(r.Quotas[operation]); took > r.Bound {
			r.Bound, r.BoundBy = took, operation
		}
	}
	if err := w.box.SetSwitches(sandbox.Switches{}); err != nil {
		return err
	}
	after, err := w.records(ctx)
	if err != nil {
		return err
	}
	for key, rec := range after {
		waits := rec.Step == plan.Created // for prepublish
		if (rec.Step == plan.Steady || waits) && rec.Generation > before[key].Generation {
			r.Done++
		}
	}
	truth := w.box.Truth(w.plan.Region)
	named, versions := map[string]bool{}, map[string]int{}
	for alias, key := range truth.Names {
		if !strings.Contains(alias, "/v") {
			continue
		}
		named[key] = true
		if tags := truth.Tags[key]; tags["keyturn:window"] != "" {
			versions[tags["keyturn:alias"]+" "+tags["keyturn:window"]]++
		}
	}
	for _, n := range versions {
		r.Duplicates += n - 1
	}
	for key, tags := range truth.Tags {
		if tags["keyturn:alias"] != "" && !named[key] {
			r.Unnamed++
		}
	}
	return nil
}
