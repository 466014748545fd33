package plan_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyturn/keyturn/plan"
)

// cronLine is a cron line as the sets it stands for: what the library is
// measured against, with nothing of its code.
type cronLine struct {
	minutes, hours, days, months, weekdays []int // nil: all
}

func (c cronLine) String() string {
	field := func(list []int) string {
		if list == nil {
			return "*"
		}
		var words []string
		for _, n := range list {
			words = append(words, strconv.Itoa(n))
		}
		return strings.Join(words, ",")
	}
	return strings.Join([]string{field(c.minutes), field(c.hours), field(c.days), field(c.months), field(c.weekdays)},
		" ")
}

func crons() *rapid.Generator[cronLine] {
	some := func(low, high int) *rapid.Generator[[]int] {
		return rapid.Map(rapid.SliceOfNDistinct(rapid.IntRange(low, high), 1, 4, rapid.ID[int]), func(l []int) []int {
			slices.Sort(l)
			return l
		})
	}
	maybe := func(g *rapid.Generator[[]int]) *rapid.Generator[[]int] { return rapid.OneOf(rapid.Just([]int(nil)), g) }
	return rapid.Custom(func(t *rapid.T) cronLine {
		c := cronLine{
			minutes: maybe(some(0, 59)).Draw(t, "minutes"), hours: maybe(some(0, 23)).Draw(t, "hours"),
			months: maybe(some(1, 12)).Draw(t, "months"),
		}
		if rapid.Bool().Draw(t, "by weekday") {
			c.weekdays = some(0, 7).Draw(t, "weekdays")
			return c
		}
		c.days = maybe(some(1, 31)).Draw(t, "days")
		if c.months != nil && c.days != nil && c.days[0] > 29 {
			c.days[0] = 29 // some month has it, at least in leap years
		}
		return c
	})
}

func in(list []int, n int) bool { return list == nil || slices.Contains(list, n) }

func (c cronLine) firesOn(d time.Time) bool {
	weekday := int(d.Weekday())
	if !in(c.weekdays, weekday) && !(weekday == 0 && slices.Contains(c.weekdays, 7)) {
		return false
	}
	_, month, dayOfMonth := d.Date()
	return in(c.days, dayOfMonth) && in(c.months, int(month))
}

// times is the minutes of a day at which it fires.
func (c cronLine) times() []int {
	var out []int
	for m := range 24 * 60 {
		if in(c.hours, m/60) && in(c.minutes, m%60) {
			out = append(out, m)
		}
	}
	return out
}

// around is the last firing at or before t and the first after it, day by day
// and minute by minute.
func (c cronLine) around(t time.Time) (start, end time.Time) {
	times := c.times()
	midnight := t.UTC().Truncate(day)
	for d := midnight; start.IsZero(); d = d.Add(-day) {
		if !c.firesOn(d) {
			continue
		}
		for _, m := range slices.Backward(times) {
			if f := d.Add(time.Duration(m) * time.Minute); !f.After(t) {
				start = f
				break
			}
		}
	}
	for d := midnight; end.IsZero(); d = d.Add(day) {
		if !c.firesOn(d) {
			continue
		}
		for _, m := range times {
			if f := d.Add(time.Duration(m) * time.Minute); f.After(t) {
				end = f
				break
			}
		}
	}
	return start, end
}

func TestCronWindowsAgainstTheCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, at := crons().Draw(t, "cron"), moments().Draw(t, "t")
		start, end := c.around(at)
		got := plan.Schedule{Cron: c.String()}.Window(at, time.Time{})
		if !got.Start.Equal(start) || !got.End.Equal(end) {
			t.Fatalf("%q at %v: got %v to %v, want %v to %v", c, at.UTC(), got.Start, got.End, start, end)
		}
	})
}

// The Gregorian calendar repeats itself after 400 years, weekdays too; a walk
// over all of them cannot miss the shortest gap.
func TestCronShortestPeriodAgainstTheCalendar(t *testing.T) {
	var calendar []time.Time
	for n := range 146097 + 9*366 {
		calendar = append(calendar, time.Unix(int64(n)*86400, 0).UTC())
	}
	for seed := range 30 { // each takes long enough under the race detector
		c := crons().Example(seed)
		times := c.times()
		shortest := 9 * 366 * day
		for i := 1; i < len(times); i++ {
			shortest = min(shortest, time.Duration(times[i]-times[i-1])*time.Minute)
		}
		overNight := time.Duration(times[0]-times[len(times)-1]) * time.Minute
		last := -1
		for n, d := range calendar {
			if !c.firesOn(d) {
				continue
			}
			if last >= 0 {
				shortest = min(shortest, time.Duration(n-last)*day+overNight)
			}
			last = n
		}
		if got := (plan.Schedule{Cron: c.String()}).ShortestPeriod(); got != shortest {
			t.Errorf("%q: got %v, want %v", c, got, shortest)
		}
	}
}

func TestCronWindows(t *testing.T) {
	for _, c := range []struct{ cron, at, start, end string }{
		{"0 3 1 * *", "2026-02-01T02:59:59Z", "2026-01-01T03:00:00Z", "2026-02-01T03:00:00Z"},
		{"0 3 1 * *", "2026-02-01T03:00:00Z", "2026-02-01T03:00:00Z", "2026-03-01T03:00:00Z"},
		{"0 3 29 2 *", "2099-12-31T00:00:00Z", "2096-02-29T03:00:00Z", "2104-02-29T03:00:00Z"},
		{"0 0 * * 7", "2026-03-04T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z"},
		// the hour Berlin leaves out
		{"30 2 * * *", "2026-03-29T03:00:00+02:00", "2026-03-28T02:30:00Z", "2026-03-29T02:30:00Z"},
		{"0 3 31 * *", "2026-09-15T00:00:00Z", "2026-08-31T03:00:00Z", "2026-10-31T03:00:00Z"},
		{"0 3 1 JAN,jul *", "2026-05-01T00:00:00Z", "2026-01-01T03:00:00Z", "2026-07-01T03:00:00Z"},
		{"*/20 9-17/4 * * mon-fri", "2026-03-06T17:41:00Z", "2026-03-06T17:40:00Z", "2026-03-09T09:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		w := plan.Schedule{Cron: c.cron}.Window(at, time.Time{})
		if got := fmt.Sprint(w.ID(), " ", w.End.Format(time.RFC3339)); got != c.start+" "+c.end {
			t.Errorf("%q at %s: %s, want %s %s", c.cron, c.at, got, c.start, c.end)
		}
	}
}

func TestShortestPeriod(t *testing.T) {
	for _, c := range []struct {
		s    plan.Schedule
		want time.Duration
	}{
		{plan.Schedule{Every: 90 * day}, 90 * day},
		{plan.Schedule{Cron: "* * * * *"}, time.Minute},
		{plan.Schedule{Cron: "0 3 1 * *"}, 28 * day},
		{plan.Schedule{Cron: "0 3 1 */3 *"}, 90 * day},
		{plan.Schedule{Cron: "0 3 31 * *"}, 31 * day},
		{plan.Schedule{Cron: "0 3 29 2 *"}, 1461 * day},
		{plan.Schedule{Cron: "0 3 28,29 2 *"}, day},
		{plan.Schedule{Cron: "0 3 * * 1"}, 7 * day},
		{plan.Schedule{Cron: "0 23,1 * * *"}, 2 * time.Hour},
		{plan.Schedule{Cron: "0 23,1 * * 1"}, 22 * time.Hour},
	} {
		if got := c.s.ShortestPeriod(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.s, got, c.want)
		}
	}
}
