package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

// cronWindow returns the window of a cron line that contains t: from the last time
// it fires at or before t to the first one after t. It panics for a line that
// never fires; planfile accepts no such line.
func cronWindow(cron string, t time.Time) Window {
	t = t.UTC() // daylight saving does not exist here
	start, err := gronx.PrevTickBefore(cron, t, true)
	if err != nil {
		panic(fmt.Sprintf("plan: cron %q did not fire before %s: %v", cron, t.Format(time.RFC3339), err))
	}
	end, err := gronx.NextTickAfter(cron, t, false)
	if err != nil {
		panic(fmt.Sprintf("plan: cron %q does not fire after %s: %v", cron, t.Format(time.RFC3339), err))
	}
	return Window{Start: start, End: end}
}

// cronShortest returns the shortest time between two firings of a cron line. It is
// exact, and does not walk through centuries of minutes.
//
// A line of a plan never restricts both the day of the month and the day of the
// week, so it fires at the same times of day on every day on which it fires at all.
// The shortest gap is one inside a day, or the one over night, from the last time of
// a day to the first of the next, between the two firing days that are closest
// together.
//
// Nine years contain every distance between two neighbouring firing days that could
// be the shortest. Days of the month depend only on whether a year is a leap year:
// 2000 to 2008 has both kinds in every order, and two 29ths of February four years
// apart. And every month has each weekday together with the next one.
func cronShortest(cron string) time.Duration {
	f := strings.Fields(cron)
	times := strings.Join([]string{f[0], f[1], "*", "*", "*"}, " ")
	days := strings.Join([]string{"0", "0", f[2], f[3], f[4]}, " ")
	from := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

	// The windows that start in one day. The last of them reaches over night to the
	// first of the next firing day.
	first := cronWindow(times, from.Add(-time.Second)).End
	last, within := first, Day
	for w := cronWindow(times, first); w.End.Before(first.Add(Day)); w = cronWindow(times, w.End) {
		within = min(within, w.Length())
		last = w.End
		if within == time.Minute {
			return within // the least there is
		}
	}
	overNight := first.Add(Day).Sub(last)

	apart := time.Duration(0)
	until := from.AddDate(9, 0, 0)
	for w := cronWindow(days, from); w.Start.Before(until); w = cronWindow(days, w.End) {
		if l := w.Length(); apart == 0 || l < apart {
			apart = l
		}
		if apart == Day {
			break // the least there is
		}
	}
	overNight += apart - Day
	if last.Equal(first) {
		return overNight
	}
	return min(within, overNight)
}
