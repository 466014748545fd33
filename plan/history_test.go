package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

func events(revs ...int64) []plan.Event {
	var all []plan.Event
	for _, rev := range revs {
		all = append(all, plan.Event{Rev: rev, At: noon.Add(time.Duration(rev) * time.Minute), Run: "r",
			Who: plan.Who{Pool: "pool-1"}})
	}
	return all
}

func with(all []plan.Event, i int, change func(*plan.Event)) []plan.Event {
	change(&all[i])
	return all
}

func span(from, to int64) []plan.Event {
	var revs []int64
	for i := from; i <= to; i++ {
		revs = append(revs, i)
	}
	return events(revs...)
}

// The ledger and the record make one history; what is missing in it is found.
func TestHistory(t *testing.T) {
	rebuilt := func(e *plan.Event) { e.Kind = []plan.EventKind{plan.EventRebuild} }
	at := func(rev int64, all []plan.Event) *plan.Record { return &plan.Record{Rev: rev, Events: all} }
	for _, c := range []struct {
		name   string
		record *plan.Record
		ledger []plan.Event
		revs   int
		found  string
	}{
		{"nothing", nil, nil, 0, ""},
		{"all in the record", at(3, span(1, 3)), nil, 3, ""},
		{"the older ones were copied", at(40, span(9, 40)), span(1, 8), 40, ""},
		{"one is in both", at(40, span(9, 40)), span(1, 10), 40, ""},
		{"a lost copy", at(40, span(9, 40)), append(span(1, 3), span(5, 8)...), 39, "gap 4-4: revision 4 missing"},
		{"several lost", at(40, span(9, 40)), span(1, 3), 35, "gap 4-8: revisions 4 to 8 missing"},
		{"the first ones lost", at(40, span(9, 40)), nil, 32, "gap 1-8: revisions 1 to 8 missing"},
		{"a write without an event", at(4, span(1, 3)), nil, 3, "gap 4-4: revision 4 missing"},
		{"a record without events", at(2, nil), nil, 0, "gap 1-2: revisions 1 to 2 missing"},
		{"a copy was changed", at(3, span(1, 3)), with(events(2), 0, func(e *plan.Event) { e.Reason = "none" }), 3,
			"differs 2-2: revision 2: the ledger and the record tell it differently"},
		{"another time zone is no other time", at(3, span(1, 3)),
			with(events(2), 0, func(e *plan.Event) { e.At = e.At.In(time.FixedZone("x", 3600)) }), 3, ""},
		{"rebuilt: a jump", at(1004, append(span(1, 3), with(events(1003, 1004), 0, rebuilt)...)), nil, 5,
			"jump 4-1002: revisions 4 to 1002: the record was made again from KMS on 2026-03-11 04:43"},
		{"rebuilt with nothing left of before", at(1000, with(events(1000), 0, rebuilt)), nil, 1,
			"jump 1-999: revisions 1 to 999: the record was made again from KMS on 2026-03-11 04:40"},
		{"a jump and a gap", at(1005, with(events(1003, 1005), 0, rebuilt)), span(1, 2), 4,
			"jump 3-1002: revisions 3 to 1002: the record was made again from KMS on 2026-03-11 04:43; " +
				"gap 1004-1004: revision 1004 missing"},
		{"restored from an older copy", at(3, span(1, 3)), span(1, 5), 5,
			"beyond 4-5: revisions 4 to 5 stand in the ledger, and the record ends at 3: " +
				"it was put back from an older copy"},
		{"the record was lost", nil, span(1, 5), 5,
			"orphan 1-5: revisions 1 to 5 stand in the ledger, and there is no record: it was lost"},
	} {
		h := plan.HistoryOf(c.record, c.ledger)
		var found []string
		whole := true
		for _, f := range h.Findings {
			found = append(found, fmt.Sprintf("%s %d-%d: %s", f.Kind, f.From, f.To, f.Text))
			whole = whole && f.Kind == plan.Jump
		}
		if got := strings.Join(found, "; "); got != c.found || len(h.Events) != c.revs || h.Whole() != whole {
			t.Errorf("%s: %d events, whole %v, found %q; want %d, %q",
				c.name, len(h.Events), h.Whole(), got, c.revs, c.found)
		}
		for i := 1; i < len(h.Events); i++ {
			if h.Events[i].Rev <= h.Events[i-1].Rev {
				t.Errorf("%s: not in order at %d", c.name, i)
			}
		}
	}
}
