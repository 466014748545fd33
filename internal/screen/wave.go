package screen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rehearsal/wave"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Wave returns the report of waves.
func Wave(p *planfile.Plan, v wave.Wave, waves []*wave.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s · %s, all due at once · %s · seed %d", p.Name, plan.Counted(len(p.Keys), "key"),
		plan.Counted(v.Pools, "pool"), v.Seed)
	for _, operation := range slices.Sorted(maps.Keys(v.Raised)) {
		fmt.Fprintf(&b, " · %s %s/s", operation, grouped(v.Raised[operation]))
	}
	b.WriteString("\n\n")
	var t table
	t.row("ROTATIONS", "DONE", "TOOK", "QUOTAS ALLOW", "THROTTLED", "TABLE")
	for _, r := range waves {
		bound := "-"
		if r.Bound > 0 {
			bound = fmt.Sprintf("%s, by %s", seconds(r.Bound), r.BoundBy)
		}
		t.row(r.Rotations(), fmt.Sprintf("%s of %s", grouped(r.Done), grouped(r.Due)), seconds(r.Took), bound,
			fmt.Sprintf("%.1f%%", 100*r.Throttled()),
			fmt.Sprintf("%s reads, %s writes", grouped(r.Count.Reads().All()), grouped(r.Count.Writes().All())))
	}
	b.WriteString(t.String() + "\n")
	for _, r := range waves {
		for _, exit := range r.ExitCodes() {
			if exit != plan.ExitDone {
				fmt.Fprintf(&b, "%s: %s ended with exit %d\n", r.Rotations(), plan.Counted(r.Exits[exit], "run"), exit)
			}
		}
		if r.Duplicates > 0 {
			fmt.Fprintf(&b, "%s: %s MADE FOR A WINDOW THAT HAD ONE\n", r.Rotations(),
				plan.Counted(r.Duplicates, "VERSION"))
		}
	}
	b.WriteString("first: each key's first rotation also names v1. THROTTLED is of the calls that change KMS.\n")
	return b.String()
}

// seconds writes a time to the second: 1m21s.
func seconds(d time.Duration) string { return d.Round(time.Second).String() }
