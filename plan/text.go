package plan

import (
	"fmt"
	"time"
)

// Stamp formats a moment for people, in UTC: 2027-02-06 03:00.
func Stamp(t time.Time) string {
	if t.Second() != 0 {
		return t.UTC().Format("2006-01-02 15:04:05")
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// Clock formats a moment of today: 03:14:01.
func Clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// Age formats a distance in time in its largest unit or two: 67d, 3h, 6m2s.
func Age(d time.Duration) string {
	d = d.Abs()
	switch {
	case d >= 48*time.Hour:
		return FormatDuration(d.Truncate(24 * time.Hour))
	case d >= 2*time.Hour:
		return FormatDuration(d.Truncate(time.Hour))
	case d >= 10*time.Minute:
		return FormatDuration(d.Truncate(time.Minute))
	}
	return FormatDuration(d.Truncate(time.Second))
}

// Counted formats a number of things: 1 key, 2 keys.
func Counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
