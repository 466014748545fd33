package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	// Day is 24 hours.
	Day  = 24 * time.Hour
	week = 7 * Day
)

// DurationPattern is the form of a duration, also in the schema (there with a
// minimum length of 1). The units go from large to small, each at most once:
// "30m1d" is more likely a typing error.
const DurationPattern = `^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$`

// DurationHint describes that form to people.
const DurationHint = "a number and a unit, s m h d or w, as in 90d or 1d12h; " +
	"m is minutes, and months have no fixed length"

// DurationForm matches a duration, and "".
var DurationForm = Pattern(DurationPattern)

// The units of a duration, and how long each is.
const units = "wdhms"

var lengths = [len(units)]time.Duration{week, Day, time.Hour, time.Minute, time.Second}

// ParseDuration reads a duration of the plan file: s, m, h, d (24 hours) and w
// (7 days), from large to small, as in "90d" or "1d12h". There are no months
// and no years, because they have no fixed length; no fractions and no signs; and
// a zero has a unit too.
func ParseDuration(s string) (time.Duration, error) {
	var total time.Duration
	fits, least := true, 0 // least is the largest unit that may follow
	for rest, more := s, true; more; more = rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		unit := -1
		if digits > 0 && digits < len(rest) {
			unit = strings.IndexByte(units, rest[digits])
		}
		if unit < least {
			return 0, fmt.Errorf("%q is not a duration: write %s", s, DurationHint)
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if fits = fits && err == nil && n <= int64((math.MaxInt64-total)/lengths[unit]); fits {
			total += time.Duration(n) * lengths[unit]
		}
		least, rest = unit+1, rest[digits+1:]
	}
	if !fits {
		return 0, fmt.Errorf("%q is longer than 292 years", s)
	}
	return total, nil
}

// FormatDuration formats a duration as ParseDuration reads it: "30d", "1h30m",
// "0s". A fraction of a second is dropped; a negative one gets a minus sign.
func FormatDuration(d time.Duration) string {
	seconds := int64(d / time.Second)
	if seconds == 0 {
		return "0s"
	}
	var b strings.Builder
	if seconds < 0 {
		b.WriteByte('-')
		seconds = -seconds
	}
	for _, u := range [...]struct {
		name string
		size int64
	}{{"d", 24 * 60 * 60}, {"h", 60 * 60}, {"m", 60}, {"s", 1}} {
		if n := seconds / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
		}
		seconds %= u.size
	}
	return b.String()
}
