package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// Duration is a length of time that is written with the units of a plan file:
// `30d`, `2w`, `1d12h`, `90s`, and `ms` besides, for latencies.
type Duration time.Duration

// ParseDuration reads a length of time: whole weeks and days first, then what
// time.ParseDuration understands. It is never negative.
func ParseDuration(text string) (time.Duration, error) {
	rest, total := text, time.Duration(0)
	for _, unit := range []struct {
		letter string
		length time.Duration
	}{{"w", week}, {"d", day}} {
		number, after, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || n < 0 || n > int64((1<<63-1)/unit.length) {
			return 0, badDuration(text)
		}
		total += time.Duration(n) * unit.length
		rest = after
	}
	if rest == "" && text != "" && total >= 0 {
		return total, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || total < 0 || total+d < total {
		return 0, badDuration(text)
	}
	return total + d, nil
}

func badDuration(text string) error {
	return fmt.Errorf("%q is not a duration: write 30d, 36h or 90s (units s m h d w, ms for latencies)", text)
}

// MarshalJSON writes the duration as a string that UnmarshalJSON reads.
func (d Duration) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(d).String())
}

// UnmarshalJSON reads a duration from a string.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a duration is a string such as \"30d\", not %s", data)
	}
	parsed, err := ParseDuration(text)
	if err != nil {
		return err
	}
	*d = Duration(parsed)
	return nil
}
