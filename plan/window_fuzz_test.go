package plan_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"
	_ "time/tzdata" // a zone with daylight saving, whatever the machine has

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Any schedule that a plan can hold, any time, any anchor: the windows
// partition time, the same ones whatever zone the time is told in, and those
// of `every` are the ones that plain division gives.
func FuzzWindow(f *testing.F) {
	f.Add("", int64(90*24*3600), int64(1767225600), int64(1780000000), int64(1))
	f.Add("", int64(61), int64(-1), int64(-62), int64(999_999_999))
	f.Add("0 3 29 2 *", int64(0), int64(0), int64(4_102_444_800), int64(0))
	f.Add("*/7 1-23/5 * * sun", int64(0), int64(0), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, cron string, every, anchor, unix, ns int64) {
		at := time.Unix(bounded(unix), ns%1_000_000_000)
		origin := time.Unix(bounded(anchor), 0)
		s := plan.Schedule{Every: time.Duration(every%(100*366*86400)) * time.Second}
		if cron != "" {
			line, ok := cronOfPlan(cron)
			if !ok {
				return // no cron line: the plan file refuses it
			}
			s = plan.Schedule{Cron: line}
		} else if s.Every < time.Minute {
			return // shorter than a plan file takes
		}
		checkWindows(t, s, origin, at)
		checkZones(t, s, origin, at)
		if s.Every > 0 {
			checkDivision(t, s, origin, at)
		}
	})
}

// checkZones wants the window to depend on the instant alone: not on the zone
// in which it, or the anchor, is told, least of all on daylight saving.
func checkZones(t *testing.T, s plan.Schedule, anchor, at time.Time) {
	t.Helper()
	want := s.Window(at.UTC(), anchor.UTC())
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []*time.Location{berlin, time.FixedZone("", -11*3600-1234)} {
		if got := s.Window(at.In(zone), anchor.In(zone)); got != want {
			t.Fatalf("%+v: %v lies in %v, and told as %v in %v", s, at.UTC(), want, at.In(zone), got)
		}
	}
}

// checkDivision computes a window of `every` with numbers that have no end.
func checkDivision(t *testing.T, s plan.Schedule, anchor, at time.Time) {
	t.Helper()
	every, origin := big.NewInt(int64(s.Every/time.Second)), big.NewInt(anchor.Unix())
	k := new(big.Int).Sub(big.NewInt(at.Unix()), origin)
	k.Div(k, every) // towards the past, as every is positive
	start := k.Mul(k, every).Add(k, origin).Int64()
	if got := s.Window(at, anchor); got.Start.Unix() != start || got.Length() != s.Every {
		t.Fatalf("%+v at %v: got %v, want it to start at %v", s, at.UTC(), got, time.Unix(start, 0).UTC())
	}
}

// Any cron line that a plan takes, made of sets: the window is the one that
// the calendar gives, minute by minute and day by day; and a line that fires
// at even distances has the windows of `every`.
func FuzzCron(f *testing.F) {
	// 03:04 every day
	f.Add(uint64(1)<<3, uint32(1)<<4, uint32(0), uint16(0), uint8(0), int64(1_780_000_000))
	// 29 February, near 2100
	f.Add(uint64(1), uint32(1)<<3, uint32(1)<<28, uint16(1)<<1, uint8(0), int64(4_107_542_399))
	// the 31st
	f.Add(uint64(0), uint32(0), uint32(1)<<30, uint16(0), uint8(0), int64(-2_203_891_200))
	// every 20 minutes
	f.Add(uint64(1)|1<<20|1<<40, uint32(0), uint32(0), uint16(0), uint8(0), int64(0))
	// Sundays of December
	f.Add(uint64(1)<<59, uint32(1)<<23, uint32(0), uint16(1)<<11, uint8(1)|1<<7, int64(-1))
	// every 6 hours
	f.Add(uint64(1)<<30, uint32(1)|1<<6|1<<12|1<<18, uint32(0), uint16(0), uint8(0), int64(951e6+1))
	f.Fuzz(func(t *testing.T, minutes uint64, hours, days uint32, months uint16, weekdays uint8, unix int64) {
		c := cronLine{members(minutes, 0, 59), members(uint64(hours), 0, 23), members(uint64(days), 1, 31),
			members(uint64(months), 1, 12), members(uint64(weekdays), 0, 7)}
		line, ok := cronOfPlan(c.String())
		if !ok {
			return // no cron line: the plan file refuses it
		}
		s := plan.Schedule{Cron: line}
		at := time.Unix(bounded(unix), 0).UTC()
		start, end := c.around(at)
		if got := s.Window(at, time.Time{}); !got.Start.Equal(start) || !got.End.Equal(end) {
			t.Fatalf("%q at %v: got %v to %v, want %v to %v", line, at, got.Start, got.End, start, end)
		}
		if every, anchor := c.even(); every > 0 {
			want := plan.Schedule{Every: every}.Window(at, anchor)
			if got := s.Window(at, time.Time{}); got != want || s.ShortestPeriod() != every {
				t.Fatalf("%q at %v: got %v, every %s from %v gives %v", line, at, got, every, anchor, want)
			}
		}
	})
}

// members are the numbers from low to high whose bits are set; nil is all.
func members(bits uint64, low, high int) []int {
	var list []int
	for n := low; n <= high; n++ {
		if bits>>(n-low)&1 == 1 {
			list = append(list, n)
		}
	}
	return list
}

// even is how often a line fires, and a time at which it does, if the
// distances between its firings are all the same; else 0.
func (c cronLine) even() (time.Duration, time.Time) {
	if c.days != nil || c.months != nil {
		return 0, time.Time{}
	}
	sunday := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var firings []time.Time
	for d := range 14 {
		if midnight := sunday.AddDate(0, 0, d); c.firesOn(midnight) {
			for _, m := range c.times() {
				firings = append(firings, midnight.Add(time.Duration(m)*time.Minute))
			}
		}
	}
	every := firings[1].Sub(firings[0]) // two weeks hold two firings
	for i := range firings[1:] {
		if firings[i+1].Sub(firings[i]) != every {
			return 0, time.Time{}
		}
	}
	return every, firings[0]
}

// bounded keeps a time between the years 1 and 9999, which RFC 3339 can write,
// with room for a window on either side.
func bounded(unix int64) int64 {
	const span = 4_000 * 366 * 86400
	return time.Date(5000, 1, 1, 0, 0, 0, 0, time.UTC).Unix() + unix%span
}

// cronOfPlan is a cron line as planfile takes it.
func cronOfPlan(cron string) (string, bool) {
	text := fmt.Sprintf("region: eu-west-1\ndrain: 1s\nkeys: [{alias: alias/a}]\nschedule:\n  cron: '%s'\n", cron)
	p, err := planfile.Parse("p.yaml", []byte(text))
	if err != nil || len(p.Keys) != 1 {
		return "", false
	}
	return p.Keys[0].Schedule.Cron, p.Keys[0].Schedule.Cron != ""
}
