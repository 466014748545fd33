package search

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal"
	"github.com/keyturn/keyturn/plan"
)

// A run that renews its lease for longer than it may without a step forward is found, to the
// second; one that took a step, freed the lease or lost it to another run is not.
func TestWatchFindsALeaseThatIsKept(t *testing.T) {
	const bound = 270 * time.Second // two times what was seen gets too old, and a look
	lease := func(run string) func(*World, *plan.Record) {
		return func(w *World, r *plan.Record) {
			r.Lease = &plan.Lease{Pool: "a", Host: "h", Run: run, Since: w.Now(), Until: w.Now().Add(time.Minute)}
		}
	}
	one, other := lease("one"), lease("other")
	free := func(_ *World, r *plan.Record) { r.Lease = nil }
	step := func(w *World, r *plan.Record) { // one retires v1
		one(w, r)
		r.Entry(1).State, r.Entry(1).KeptAt = plan.Kept, w.Now()
	}
	type write struct {
		after  time.Duration // since the first
		change func(*World, *plan.Record)
	}
	// Renewed every 50 seconds, but for one write in between.
	renewed := func(last time.Duration, between ...write) []write {
		all := between
		for at := time.Duration(0); at < last; at += 50 * time.Second {
			all = append(all, write{at, one})
		}
		all = append(all, write{last, one})
		slices.SortStableFunc(all, func(a, b write) int { return cmp.Compare(a.after, b.after) })
		return all
	}
	for _, c := range []struct {
		name   string
		writes []write
		found  bool
	}{
		{"for as long as it may", renewed(bound), false},
		{"a second longer", renewed(bound + time.Second), true},
		{"a step in between", renewed(bound+time.Second, write{110 * time.Second, step}), false},
		{"freed in between", renewed(bound+time.Second, write{110 * time.Second, free}), false},
		{"another run's in between", renewed(bound+time.Second, write{110 * time.Second, other}), false},
		{"a step, and then for too long", renewed(112*time.Second+bound, write{110 * time.Second, step}), true},
		{"over in between", []write{{0, one}, {61 * time.Second, one}, {bound + time.Second, one}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage, err := rehearsal.NewStage(&Scene{Name: c.name, Plan: keepPlan, Prepare: switched,
				Bounds: rehearsal.Every})
			if err != nil {
				t.Fatal(err)
			}
			w := stage.World()
			w.Watch.Look("the beginning", "")
			var since time.Duration
			for _, wr := range c.writes {
				w.Advance(wr.after - since)
				since = wr.after
				writeByHand(w, func(r *plan.Record) { wr.change(w, r) })
				w.ByHand("a write", "")
			}
			found := slices.ContainsFunc(w.Watch.Broken,
				func(b rehearsal.Broken) bool { return b.Invariant == "lease" })
			if found != c.found {
				t.Errorf("found: %t; broken: %v", found, w.Watch.Broken)
			}
		})
	}
}
