package ddblock

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// told returns the events of some revisions, each of another day.
func told(from, to int64) (es []plan.Event) {
	for rev := from; rev <= to; rev++ {
		es = append(es, plan.Event{Rev: rev, At: at("2026-01-01T00:00:00Z").AddDate(0, 0, int(rev)),
			Kind: []plan.EventKind{plan.EventNote}, Run: "r1", Reason: fmt.Sprintf("wrote %d", rev),
			Who: plan.Who{Pool: "pool-1", By: "arn"}})
	}
	return es
}

func (w *world) ledger(since time.Time) []plan.Event {
	w.Helper()
	events, err := w.Ledger(w.Context(), theKey, since)
	if err != nil {
		w.Fatal(err)
	}
	return unstored(events)
}

// unstored returns events without their stored form, which tests of their own look at.
func unstored(events []plan.Event) []plan.Event {
	for i := range events {
		events[i].Stored = ""
		unstored(events[i].Replaced)
	}
	return events
}

func (w *world) mustCopy(es []plan.Event) {
	w.Helper()
	if there, err := w.Copy(w.Context(), theKey, es); err != nil || there != nil {
		w.Fatalf("%v, %v", there, err)
	}
}

// An item of the ledger has the events of contiguous revisions, and who wrote them.
// The last one shows how far the ledger goes.
func TestLedger(t *testing.T) {
	inWorld(t, func(w *world) {
		if tail, err := w.Tail(w.Context(), theKey); err != nil || tail != nil {
			w.Fatalf("%v, %v", tail, err)
		}
		w.mustCopy(told(1, 9))
		w.mustCopy(told(10, 12))
		w.mustCopy(told(13, 13))
		if got := w.ledger(time.Time{}); !reflect.DeepEqual(got, told(1, 13)) {
			w.Errorf("%+v", got)
		}
		if late := w.ledger(told(11, 11)[0].At); !reflect.DeepEqual(late, told(11, 13)) {
			w.Errorf("since revision 11: %+v", late)
		}
		if tail, err := w.Tail(w.Context(), theKey); err != nil || !reflect.DeepEqual(unstored(tail), told(13, 13)) {
			w.Errorf("the last item is %+v, %v", tail, err)
		}
		it := w.raw("events#0000000010")
		if len(it) != 4 || it["who"] == nil || it["events"] == nil {
			w.Errorf("events#0000000010 is %s", toJSON(it))
		}
		for _, q := range w.net.sent {
			if q.operation == "Query" && q.document["ConsistentRead"] != true {
				w.Error("read what may be old")
			}
		}
	})
}

// An item is never written over. Whoever finds it there is shown what it tells.
func TestLedgerIsNotOverwritten(t *testing.T) {
	inWorld(t, func(w *world) {
		w.mustCopy(told(1, 3))
		before := w.raw("events#0000000001")
		for _, es := range [][]plan.Event{told(1, 3), told(1, 5), {{Rev: 1, At: at("2026-01-09T00:00:00Z"),
			Run: "r2"}}} {
			there, err := w.Copy(w.Context(), theKey, es)
			if err != nil || !reflect.DeepEqual(unstored(there), told(1, 3)) {
				w.Errorf("there is %+v, %v", there, err)
			}
			if after := w.raw("events#0000000001"); !reflect.DeepEqual(before, after) {
				w.Errorf("it was %s, is %s", toJSON(before), toJSON(after))
			}
		}
	})
}

// A lost answer to a copy is settled by the item itself.
func TestLedgerCopyUnanswered(t *testing.T) {
	for name, c := range map[string]struct {
		fault sandbox.Fault
		sent  string
		fails bool
		there int
	}{
		"refused": {sandbox.Fault{Operation: "PutItem", Kind: sandbox.Refuse, Code: "AccessDeniedException"},
			"PutItem", true, 0},
		"the answer is lost": {sandbox.Fault{Operation: "PutItem", Ordinal: 1, Kind: sandbox.Lose},
			"PutItem PutItem", false, 2},
		"all answers are lost": {sandbox.Fault{Operation: "PutItem", Kind: sandbox.Lose}, times(9, "PutItem"), true, 2},
		"never arrived":        {sandbox.Fault{Operation: "PutItem", Kind: sandbox.Drop}, times(9, "PutItem"), true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.faults(c.fault)
				_, err := w.Copy(w.Context(), theKey, told(1, 2))
				if got := w.net.operations(); got != c.sent || (err != nil) != c.fails {
					w.Errorf("sent %s, %v", got, err)
				}
				w.faults()
				if events := w.ledger(time.Time{}); len(events) != c.there {
					w.Errorf("the ledger has %+v", events)
				}
			})
		})
	}
}

// The event of a rebuild has the events that it replaces, and who wrote them.
func TestReplaced(t *testing.T) {
	inWorld(t, func(w *world) {
		r := steadyRecord()
		other := told(7, 8)
		other[1].Run, other[1].Who = "r2", plan.Who{Pool: "pool-2"}
		r.Events = []plan.Event{{Rev: 1009, At: at("2026-02-01T00:00:00Z"), Run: "r3", Who: plan.Who{Pool: "person"},
			Kind: []plan.EventKind{plan.EventRebuild}, Replaced: other}}
		w.mustWrite(nil, r)
		if got := w.stored(); !reflect.DeepEqual(got, r) {
			w.Errorf("%+v", got)
		}
		w.mustCopy(r.Events)
		if got := w.ledger(time.Time{}); len(got) != 1 || !plan.SameEvent(got[0], r.Events[0]) {
			w.Errorf("%+v", got)
		}
	})
}

// DynamoDB answers 1 MB at a time.
func TestLedgerPages(t *testing.T) {
	inWorld(t, func(w *world) {
		for rev := range int64(5) {
			es := told(rev+1, rev+1)
			es[0].Reason = strings.Repeat("x", 300_000)
			w.mustCopy(es)
		}
		w.net.forget()
		if events := w.ledger(time.Time{}); len(events) != 5 {
			w.Errorf("read %d", len(events))
		}
		if got := w.net.operations(); got != times(2, "Query") {
			w.Errorf("took %s", got)
		}
	})
}

func TestLedgerMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		events any
		want   string
	}{
		"no events":      {nil, "events#0000000003.events is missing"},
		"not a revision": {told(3, 3), "events#0000000003.events[0].rev is S, not N"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				it := primaryKey(theKey, eventsSortKey(3))
				if es, ok := c.events.([]plan.Event); ok {
					f := writing()
					events(f, &es)
					set(f.attrs, []string{"events", "0", "rev"}, textValue("three"))
					it["events"] = f.attrs["events"]
				}
				w.putRaw(it)
				_, err := w.Ledger(w.Context(), theKey, time.Time{})
				if err == nil || !strings.Contains(err.Error(), theKey+" is malformed: "+c.want) {
					w.Errorf("%v", err)
				}
				if _, err = w.Tail(w.Context(), theKey); err == nil {
					w.Error("its last item is read")
				}
			})
		})
	}
}

// The newest event has its hash whichever item it stands in: the event of a rebuild follows
// it, and a record whose event follows one without a hash would be malformed.
func TestLedgerHasHashes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.mustCopy(told(1, 9))
		w.mustCopy(told(5, 5)) // put there by somebody: it sorts behind
		events, err := w.Ledger(w.Context(), theKey, time.Time{})
		if head := plan.Head(events); err != nil || head.Rev != 9 || head.Hash == "" {
			w.Errorf("the head is %+v, %v", head, err)
		}
	})
}
