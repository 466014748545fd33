package sandbox

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30d": 30 * day, "2w": 14 * day, "1w1d": 8 * day, "1d12h": 36 * time.Hour, "90s": 90 * time.Second,
		"50ms": 50 * time.Millisecond, "0s": 0, "1h30m": 90 * time.Minute, "0d": 0,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "30", "d", "-1d", "-1s", "1d-1h", "1x", "1d1w", "99999999w", "15250w2d",
		"106751d23h59m"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}
