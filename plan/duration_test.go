package plan_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyturn/keyturn/plan"
)

func TestParseDuration(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"90d", 90 * day, true}, {"1d12h", 36 * time.Hour, true}, {"2w", 14 * day, true},
		{"1w1d1h1m1s", 8*day + 3661*time.Second, true},
		{"0s", 0, true}, {"007m", 7 * time.Minute, true}, {"106751d", 106751 * day, true},
		{text: ""}, {text: "0"}, {text: "90"}, {text: "d"}, {text: "1mo"}, {text: "1y"}, {text: "1M"}, {text: "1h1d"},
		{text: "1d1d"}, {text: "1.5h"},
		{text: "-1d"}, {text: "+1d"}, {text: " 1d"}, {text: "1d "}, {text: "1 d"}, {text: "1d\n"}, {text: "1ms"},
		{text: "١d"},
		{text: "106752d"}, {text: "106751d24h"}, {text: "99999999999999999999s"},
	} {
		got, err := plan.ParseDuration(c.text)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("ParseDuration(%q) = %v, %v", c.text, got, err)
		}
	}
}

// What ParseDuration takes for a duration is what the schema of the plan does.
func TestParseDurationForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([0-9]{0,3}[wdhmsy]?){0,6}`).Draw(t, "text")
		_, err := plan.ParseDuration(text)
		taken := err == nil || strings.Contains(err.Error(), "longer than 292 years")
		if form := text != "" && plan.DurationForm().MatchString(text); form != taken {
			t.Fatalf("ParseDuration(%q): %v", text, err)
		}
	})
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second - 1: "0s", time.Second: "1s", 90 * time.Minute: "1h30m", 30 * day: "30d",
		36*time.Hour + 1:  "1d12h",
		-90 * time.Second: "-1m30s", math.MinInt64: "-106751d23h47m16s",
	} {
		if got := plan.FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(math.MaxInt64/time.Second)).Draw(t, "seconds")) * time.Second
		if got, err := plan.ParseDuration(plan.FormatDuration(d)); err != nil || got != d {
			t.Fatalf("%v → %s → %v, %v", d, plan.FormatDuration(d), got, err)
		}
	})
}
