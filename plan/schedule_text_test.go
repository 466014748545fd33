package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// A schedule is read as it was written; nothing else is one.
func TestScheduleOf(t *testing.T) {
	anchor := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, s := range []plan.Schedule{{Every: 90 * day}, {Every: 36 * time.Hour, Anchor: anchor}, {Cron: "0 3 1 * *"}} {
		if got, ok := plan.ScheduleOf(s.Text()); !ok || got != s {
			t.Errorf("%s: %+v, %v", s.Text(), got, ok)
		}
	}
	for _, text := range []string{"", "every", "every 0s", "every 1", "every 1d from", "every 1d from x", "90d", "cron",
		"cron x", "cron 0 3 30 2 *", "cron 0 3 1 *", "cron * * * * * *", "never"} {
		if got, ok := plan.ScheduleOf(text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
