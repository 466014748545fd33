package ddblock

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// noting returns the record after a write that only adds an event, as plan.Apply
// makes it: the oldest event gives way to the newest.
func noting(r *plan.Record) *plan.Record {
	n := following(r, "r1")
	n.Events = append(n.Events, plan.Event{Rev: n.Rev, At: at("2026-01-01T00:00:00Z").AddDate(0, 0, int(n.Rev)),
		Run: "r1", Reason: fmt.Sprintf("wrote %d", n.Rev)})
	for len(n.Events) > plan.MaxEvents {
		n.Ledgered = n.Events[0].Rev
		n.Events = append([]plan.Event(nil), n.Events[1:]...)
	}
	return n
}

// noted writes the record n times.
func (w *world) noted(n int) *plan.Record {
	w.Helper()
	r := steadyRecord()
	r.Events = []plan.Event{{Rev: 1, At: at("2026-01-02T00:00:00Z"), Reason: "wrote 1"}}
	w.mustWrite(nil, r)
	for range n - 1 {
		r = w.mustWrite(r, noting(r))
	}
	w.net.forget()
	return r
}

func (w *world) ledger(since time.Time) []plan.Event {
	w.Helper()
	events, err := w.Ledger(w.Context(), theKey, since)
	if err != nil {
		w.Fatal(err)
	}
	return events
}

// complete checks the revisions of all events, in the ledger and the record.
func (w *world) complete() {
	w.Helper()
	r := w.stored()
	seen := map[int64]bool{}
	for _, e := range append(w.ledger(time.Time{}), r.Events...) {
		seen[e.Rev] = true
	}
	for rev := int64(1); rev <= r.Rev; rev++ {
		if !seen[rev] {
			w.Errorf("the event of rev %d is lost", rev)
		}
	}
}

func TestLedger(t *testing.T) {
	inWorld(t, func(w *world) {
		const extra = 8
		r := w.noted(plan.MaxEvents + extra)
		w.complete()
		events := w.ledger(time.Time{})
		if len(events) != extra || len(r.Events) != plan.MaxEvents || r.Ledgered != extra {
			w.Fatalf("%d in the ledger, %d in the record, ledgered %d", len(events), len(r.Events), r.Ledgered)
		}
		for i, e := range events {
			if e.Rev != int64(i+1) || e.Reason != fmt.Sprintf("wrote %d", e.Rev) || e.Rest != nil {
				w.Errorf("event %d is %+v", i, e)
			}
		}
		if late := w.ledger(events[5].At); !reflect.DeepEqual(late, events[5:]) {
			w.Errorf("since %s: %+v", events[5].At, late)
		}
		if it := w.raw("event#0000000003"); str(it["reason"]) != "wrote 3" {
			w.Errorf("event#0000000003 is %s", toJSON(it))
		}
		for _, q := range w.net.sent {
			if q.operation == "Query" && q.document["ConsistentRead"] != true {
				w.Error("read what may be old")
			}
		}
	})
}

// The event is copied before the record lets go of it. Wherever it ends between
// the two, nothing is lost, and the next writer simply does it again.
func TestLedgerCrash(t *testing.T) {
	for name, c := range map[string]struct {
		fault sandbox.Fault
		sent  string
	}{
		"copy refused": {sandbox.Fault{Operation: "PutItem", Kind: sandbox.Refuse, Code: "AccessDeniedException"},
			"PutItem"},
		"copy unanswered": {sandbox.Fault{Operation: "PutItem", Kind: sandbox.Lose}, times(9, "PutItem")},
		"copy never left": {sandbox.Fault{Operation: "PutItem", Kind: sandbox.Drop}, times(9, "PutItem")},
		"ended after it": {sandbox.Fault{Operation: "UpdateItem", Kind: sandbox.Refuse, Code: "AccessDeniedException"},
			"PutItem UpdateItem"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				r := w.noted(plan.MaxEvents)
				w.faults(c.fault)
				if err := w.Write(w.Context(), r, noting(r)); err == nil {
					w.Fatal("it succeeded")
				}
				if got := w.net.operations(); got != c.sent {
					w.Errorf("sent %s", got)
				}
				if stored := w.stored(); !reflect.DeepEqual(stored, r) {
					w.Errorf("stored %+v", stored)
				}
				w.faults()
				w.complete()
				w.mustWrite(r, noting(r))
				w.complete()
				if events := w.ledger(time.Time{}); len(events) != 1 {
					w.Errorf("the ledger has %+v", events)
				}
			})
		})
	}
}

// Two at once copy the same event, and only one of them writes the record.
func TestLedgerTwoWriters(t *testing.T) {
	inWorld(t, func(w *world) {
		r := w.noted(plan.MaxEvents)
		winner, loser := noting(r), noting(r)
		loser.Op = "op-loser"
		w.mustWrite(r, winner)
		w.wantChanged(w.Write(w.Context(), r, loser))
		w.complete()
	})
}

// DynamoDB answers 1 MB at a time.
func TestLedgerPages(t *testing.T) {
	inWorld(t, func(w *world) {
		for rev := range 5 {
			e := plan.Event{Rev: int64(rev + 1), At: at("2026-12-01T03:12:31Z"), Reason: strings.Repeat("x", 300_000)}
			f := writing()
			eventFields(f, &e)
			f.attrs[keyAttr], f.attrs[itemAttr] = textValue(theKey), textValue(eventSortKey(e.Rev))
			w.putRaw(f.attrs)
		}
		w.mustWrite(nil, steadyRecord())
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
	inWorld(t, func(w *world) {
		it := primaryKey(theKey, eventSortKey(3))
		it["rev"] = textValue("three")
		w.putRaw(it)
		_, err := w.Ledger(w.Context(), theKey, time.Time{})
		if err == nil || !strings.Contains(err.Error(), theKey+" is malformed: event#0000000003.rev is S, not N") {
			w.Errorf("%v", err)
		}
	})
}

// What the ledger says is never overwritten: a copy is created, or it is there and
// says the same, or it is refused.
func TestLedgerIsNotOverwritten(t *testing.T) {
	inWorld(t, func(w *world) {
		r := w.noted(3)
		first := r.Events[0]
		other := first
		other.Run, other.Reason = "r2", "something else"
		for range 2 {
			if err := w.Copy(w.Context(), r, first); err != nil {
				t.Fatal(err)
			}
		}
		err := w.Copy(w.Context(), r, other)
		if differs, ok := errors.AsType[*LedgerError](err); !ok || differs.Rev != first.Rev {
			t.Errorf("%v", err)
		}
		if events := w.ledger(time.Time{}); len(events) != 1 || events[0].Reason != first.Reason {
			t.Errorf("%+v", events)
		}
		// After a rebuild both stories are kept.
		r.Events = append(r.Events, plan.Event{Rev: 1003, At: first.At, Kind: []plan.EventKind{plan.EventRebuild}})
		for range 2 {
			if err := w.Copy(w.Context(), r, other); err != nil {
				t.Fatal(err)
			}
		}
		if events := w.ledger(time.Time{}); len(events) != 2 || events[0].Reason != first.Reason ||
			events[1].Reason != other.Reason {
			t.Errorf("%+v", events)
		}
		if last, err := w.LastRev(w.Context(), theKey); err != nil || last != first.Rev {
			t.Errorf("last revision %d, %v", last, err)
		}
	})
}
