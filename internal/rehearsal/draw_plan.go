package rehearsal

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// drawPlan draws a plan with n keys, of all kinds of terms.
func drawPlan(r *rand.Rand, n int) string {
	var b strings.Builder
	fmt.Fprint(&b, "region: eu-west-1\nschedule: {every: 30d}\ndrain: 10d\nkeys:\n")
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	for i := range n {
		fmt.Fprintf(&b, "  - alias: alias/key-%d\n", i+1)
		fmt.Fprintf(&b, "    schedule: %s\n", one("{every: 30d}", "{every: 14d}", "{every: 90d}",
			`{cron: "0 3 1 * *"}`, `{cron: "30 2 * * 1"}`))
		fmt.Fprintf(&b, "    drain: %s\n", one("1d", "3d", "6d"))
		if retire := one("", "{action: disable, unless_used_within: 7d}", "{action: disable, unless_used_within: off}",
			"{action: delete, unless_used_within: 1d, delete_after: 7d, deletion_window: 7d}"); retire != "" {
			fmt.Fprintf(&b, "    retire: %s\n", retire)
		}
		if r.IntN(4) == 0 {
			fmt.Fprintf(&b, "    prepublish: %s\n", one("1h", "2d"))
		}
		if r.IntN(4) == 0 {
			fmt.Fprintf(&b, "    before_switch: [ask-somebody]\n")
		}
	}
	return b.String()
}
