package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/sample"
	"github.com/keyturn/keyturn/plan"
)

// Of a key whose record was not read, or not understood, there is no sample that says it is
// neither late nor held.
func TestNoSampleWithoutRecord(t *testing.T) {
	now := sample.At("2026-12-01T03:12:40Z")
	known := &plan.Record{Schema: plan.SchemaVersion, Step: plan.Steady, Generation: 1, Active: 1,
		Versions: []plan.Version{{Version: 1, KeyID: "k1", Since: now.Add(-time.Hour)}}}
	newer := *known
	newer.Schema = 99
	for name, c := range map[string]struct {
		record *plan.Record
		want   bool
	}{"none": {nil, false}, "newer": {&newer, false}, "known": {known, true}} {
		key := KeyOf(now, Ended{Policy: sample.Policy("orders-data"), Record: c.record})
		text, err := Run{Plan: "payments", Pool: "pool-1", Ended: now, Keys: []Key{key}, Known: true}.Text()
		if err != nil {
			t.Fatal(err)
		}
		for _, metric := range []string{"keyturn_key_overdue", "keyturn_key_held"} {
			if got := strings.Contains(text, "\n"+metric+"{"); got != c.want {
				t.Errorf("record %s: a sample of %s: %v\n%s", name, metric, got, text)
			}
		}
		if !strings.Contains(text, "\nkeyturn_key_state{") {
			t.Errorf("record %s: no state\n%s", name, text)
		}
	}
}

// A plan whose drain is longer by now has an old version drain for longer than its record says.
func TestDrainOfThePlan(t *testing.T) {
	now := sample.At("2026-12-01T03:12:40Z")
	p := sample.Policy("orders-data")
	p.Drain = 40 * sample.Day
	r := &plan.Record{Schema: plan.SchemaVersion, Step: plan.Steady, Generation: 2, Active: 2, Versions: []plan.Version{
		{Version: 1, KeyID: "k1", State: plan.Draining, Left: now, DrainUntil: now.Add(30 * sample.Day)},
		{Version: 2, KeyID: "k2", Since: now}}}
	k := KeyOf(now, Ended{Policy: p, Record: r})
	if len(k.Drains) != 1 || k.Drains[0].Left != 40*sample.Day {
		t.Errorf("%+v", k.Drains)
	}
}
