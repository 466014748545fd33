package plan

import (
	"fmt"
	"time"

	"github.com/adhocore/gronx"
)

// cronWindow is the window of a cron line that contains t: from the last
// firing at or before t to the first one after it. The line was checked by
// parseCron, so it fires again and again.
func cronWindow(cron string, t time.Time) Window {
	t = t.UTC()
	start, err := gronx.PrevTickBefore(cron, t, true)
	if err != nil {
		panic(fmt.Sprintf("plan: no firing of cron %q before %s: %v", cron, t, err))
	}
	end, err := gronx.NextTickAfter(cron, t, false)
	if err != nil {
		panic(fmt.Sprintf("plan: no firing of cron %q after %s: %v", cron, t, err))
	}
	return Window{Start: start, End: end}
}

// cronShortest is the shortest time between two firings of a cron line.
func cronShortest(cron string) time.Duration {
	from := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	until := from.AddDate(9, 0, 0)
	shortest := time.Duration(0)
	for w := cronWindow(cron, from); w.Start.Before(until); w = cronWindow(cron, w.End) {
		if l := w.Length(); shortest == 0 || l < shortest {
			shortest = l
		}
	}
	return shortest
}
