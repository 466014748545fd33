package rehearsal

import (
	"strings"
	"testing"
	"time"
)

const weekly = `
region: eu-west-1
schedule: {every: 7d}
drain: 1d
keys:
  - alias: alias/orders-data
    retire: {action: disable, unless_used_within: 1d}
  - alias: alias/reports
`

// The same seed makes the same course, to the last word of its story; another
// seed makes another.
func TestSameSeedSameCourse(t *testing.T) {
	story := func(seed uint64) string {
		d := Draw{Seed: seed, Pools: 2, Plan: weekly, Span: 9 * day, Every: 6 * time.Hour, Trouble: AllTrouble}
		stage, err := d.stage()
		if err != nil {
			t.Fatal(err)
		}
		first := d.course(t.Context(), stage, nil, false)
		return d.course(t.Context(), stage, first.choices, true).Story()
	}
	one, again, two := story(1), story(1), story(2)
	if one != again {
		a, b := strings.Split(one, "\n"), strings.Split(again, "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("line %d differs:\n%s\n%s", i+1, a[i], b[i])
			}
		}
		t.Errorf("%d lines and %d lines", len(a), len(b))
	}
	if one == two || !strings.Contains(one, "UpdateAlias") {
		t.Errorf("two seeds make one course, or nothing happened: %d bytes", len(one))
	}
}

// The course that choices were noted of is the one that is told: to replay
// them comes to the same end.
func TestReplay(t *testing.T) {
	d := Draw{Seed: 11, Pools: 2, Plan: weekly, Span: 20 * day, Every: 6 * time.Hour, Trouble: AllTrouble}
	stage, err := d.stage()
	if err != nil {
		t.Fatal(err)
	}
	first := d.course(t.Context(), stage, nil, false)
	again := d.course(t.Context(), stage, first.choices, true)
	if len(first.choices) == 0 {
		t.Fatal("nothing out of the ordinary happened")
	}
	if a, b := textOf(first.Record(0)), textOf(again.Record(0)); a != b || first.Steps != again.Steps ||
		first.Tally != again.Tally {
		t.Errorf("%d events and\n%s\n%+v\n%d events and\n%s\n%+v", first.Steps, a, first.Tally,
			again.Steps, b, again.Tally)
	}
}
