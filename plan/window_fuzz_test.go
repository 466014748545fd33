package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Any schedule that a plan can hold, any time, any anchor: the windows
// partition time.
func FuzzWindow(f *testing.F) {
	f.Add("", int64(90*24*3600), int64(1767225600), int64(1780000000), int64(1))
	f.Add("", int64(61), int64(-1), int64(-62), int64(999_999_999))
	f.Add("0 3 29 2 *", int64(0), int64(0), int64(4_102_444_800), int64(0))
	f.Add("*/7 1-23/5 * * sun", int64(0), int64(0), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, cron string, every, anchor, unix, ns int64) {
		at := time.Unix(bounded(unix), ns%1_000_000_000)
		s := plan.Schedule{Every: time.Duration(every%(100*366*86400)) * time.Second}
		if cron != "" {
			line, ok := cronOfPlan(cron)
			if !ok {
				t.Skip()
			}
			s = plan.Schedule{Cron: line}
		} else if s.Every < time.Minute {
			t.Skip()
		}
		checkWindows(t, s, time.Unix(bounded(anchor), 0), at)
	})
}

// bounded keeps a time between the years 1 and 9999, which RFC 3339 can write,
// with room for a window on either side.
func bounded(unix int64) int64 {
	const span = 4_000 * 366 * 86400
	return time.Date(5000, 1, 1, 0, 0, 0, 0, time.UTC).Unix() + unix%span
}

// cronOfPlan is a cron line as ParseFile takes it.
func cronOfPlan(cron string) (string, bool) {
	text := "region: eu-west-1\ndrain: 1s\nkeys: [{alias: alias/a}]\nschedule:\n  cron: '" + cron + "'\n"
	p, err := plan.ParseFile("p.yaml", []byte(text))
	if err != nil || len(p.Keys) != 1 {
		return "", false
	}
	return p.Keys[0].Schedule.Cron, p.Keys[0].Schedule.Cron != ""
}
