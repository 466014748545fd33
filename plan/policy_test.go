package plan_test

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

func TestMinIntervalAt(t *testing.T) {
	monthly := plan.Schedule{Cron: "0 0 1 * *"}
	march := monthly.Window(time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), time.Time{})
	for _, c := range []struct {
		name string
		p    plan.Policy
		w    plan.Window
		want time.Duration
	}{
		{"half of February before March", plan.Policy{Schedule: monthly}, march, 14 * day},
		{"as written", plan.Policy{Schedule: monthly, MinInterval: 20 * day}, march, 20 * day},
		{"half of every", plan.Policy{Schedule: plan.Schedule{Every: 90 * day}},
			plan.Window{Start: march.Start, End: march.Start.Add(90 * day)}, 45 * day},
	} {
		if got := c.p.MinIntervalAt(c.w, march.Start); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Two plans that call a key differently may have the same terms for it.
func TestDigest(t *testing.T) {
	p := plan.Policy{Name: "orders", Alias: "alias/orders-data", Drain: 30 * day}
	named, other := p, p
	named.Name, other.Drain = "orders-data", 31*day
	if p.Digest() != named.Digest() {
		t.Error("another name has another digest")
	}
	if p.Digest() == other.Digest() {
		t.Error("another drain has the same digest")
	}
}

func TestFrozenAt(t *testing.T) {
	from, to := time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 4, 0, 0, 0, 0, time.UTC)
	p := plan.Policy{Freeze: []plan.Freeze{{From: from.Add(-9 * day), To: from.Add(-8 * day)},
		{From: from, To: to, Reason: "year end"}}}
	for at, want := range map[time.Time]bool{from.Add(-1): false, from: true, to.Add(-1): true, to: false} {
		f, frozen := p.FrozenAt(at)
		if frozen != want || (frozen && f.Reason != "year end") || (!frozen && f != plan.Freeze{}) {
			t.Errorf("%v: %v, %v", at, f, frozen)
		}
	}
}
