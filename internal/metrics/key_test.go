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
