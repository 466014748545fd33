package search

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// slowScenes returns those in which each call takes seconds.
func slowScenes(b Bounds) []*Scene {
	two := []Act{{Pool: "a"}, {Pool: "b"}}
	slow := func(name string, each, within time.Duration, end func(*World) string) *Scene {
		return &Scene{Name: name, Plan: keepPlan, Prepare: due, Acts: two, Clock: later, Bounds: b, Call: each,
			Within: within, End: end}
	}
	return []*Scene{
		slow("calls are slow", 5*time.Second, 8*minute, rotated),
		slow("calls are too slow", 8*time.Second, 15*minute, leftFree),
		slow("a lease is renewed too slowly", 12*time.Second, 15*minute, leftFree),
	}
}

// rotated returns what is wrong if not each run ends with 0, and the rotation that was due is
// not done.
func rotated(w *World) string {
	for _, run := range w.Runs {
		for _, k := range run.Reports {
			if exit := k.Exit(false); exit != plan.ExitDone {
				return fmt.Sprintf("%s ended with %d: %s %v", run.ID, exit, k.Outcome, k.Reasons)
			}
		}
	}
	if r := w.Record(0); r.Active != 2 {
		return fmt.Sprintf("the rotation that was due was not done: %s", r)
	}
	return leftFree(w)
}

// leftFree returns what is wrong if a run that is over has the lease.
func leftFree(w *World) string {
	if r := w.Record(0); r.Leased(w.Now()) {
		return fmt.Sprintf("%s is over, and has the lease", r.Lease.Run)
	}
	return ""
}
