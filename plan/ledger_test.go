package plan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyturn/keyturn/plan"
)

// told is a run that has looked at the ledger, whose last item has these events.
func told(last ...plan.Event) sight {
	return func(o *plan.Observed) {
		o.LedgerRev, o.LastItem, o.ReadAgain = plan.LastRev(last), last, false
	}
}

func again(o *plan.Observed) { o.ReadAgain = true }

// A run looks at the ledger before its first write, and does not touch a record that the
// ledger contradicts.
func TestLedgerFirst(t *testing.T) {
	mine := func(r *plan.Record) { r.Events = events(68, 69, 70) }
	other := with(events(69, 70), 1, func(e *plan.Event) { e.Run = "other" })
	unread := func(o *plan.Observed) { o.LedgerRev = nil }
	for _, c := range []struct {
		name string
		o    plan.Observed
		want string
	}{
		{"not looked yet", seen(unread), "look ledger"},
		{"the ledger is behind", seen(told(events(67, 68)...)), "claim"},
		{"the ledger is as far", seen(told(events(69, 70)...)), "claim"},
		{"the ledger goes on", seen(told(events(70, 71)...)), "look record"},
		{"and still does", seen(told(events(70, 71)...), again), "refuse record-restored"},
		{"the ledger tells otherwise", seen(told(other...)), "look record"},
		{"and still does so", seen(told(other...), again), "refuse record-restored"},
		{"it was read further before", seen(told(events(69, 70)...), func(o *plan.Observed) { o.RecordRev = 71 }),
			"look record"},
	} {
		d := plan.Decide(noon, ordersPolicy(), record(plan.Steady, mine), bySchedule, c.o)
		if got := said(d); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	closed := func(r *plan.Record) { r.Window = opened }
	quiet := plan.Decide(noon, ordersPolicy(), record(plan.Steady, mine, closed), bySchedule, seen(unread))
	if got := said(quiet); got != "stop settled" {
		t.Errorf("nothing due: %s", got)
	}
	for _, q := range []plan.Request{{Verb: plan.VerbRollback, Version: 7}, {Verb: plan.VerbRelease},
		{Verb: plan.VerbReinstate, Version: 6}} {
		if got := said(plan.Decide(noon, ordersPolicy(), record(plan.Steady, mine), q,
			seen(unread, v6Seen("Enabled")))); got != "look ledger" {
			t.Errorf("%s, done by the record: %s", q.Verb, got)
		}
	}
}

// A record that goes back while a run works on it was put back.
func TestRecordGoesBack(t *testing.T) {
	o := seen(told(events(60)...))
	o.Join(noon, ordersPolicy(), bySchedule, record(plan.Steady))
	r := record(plan.Steady)
	r.Rev, r.Events = 69, events(69)
	if got := said(plan.Decide(noon, ordersPolicy(), r, bySchedule, o)); got != "look record" {
		t.Error(got)
	}
	o.ReadAgain = true
	if got := said(plan.Decide(noon, ordersPolicy(), r, bySchedule, o)); got != "refuse record-restored" {
		t.Error(got)
	}
}

// ledgerWorld is a record and its ledger, and the runs that write both, one small step at
// a time. It knows every event that was written.
type ledgerWorld struct {
	t      *rapid.T
	now    time.Time
	record *plan.Record
	ledger map[int64][]plan.Event // by the first revision of an item
	runs   []*ledgerRun
	begun  int
	// wrote are the events of the story that the record is of.
	wrote map[int64]plan.Event
	// restored is how many runs had begun when the record was put back; -1 if it was not.
	restored int
}

type ledgerRun struct {
	n   int
	rec *plan.Record
	q   plan.Request
	o   plan.Observed
}

func (w *ledgerWorld) tail() []plan.Event {
	last := int64(0)
	for first := range w.ledger {
		last = max(last, first)
	}
	return w.ledger[last]
}

func (w *ledgerWorld) begin() {
	w.begun++
	r := &ledgerRun{n: w.begun, rec: w.record, q: plan.Request{Verb: plan.VerbHold, Reason: fmt.Sprint(w.begun)}}
	r.o.Caller, r.o.Table, r.o.First = &plan.Caller{ARN: "arn"}, &plan.TableSeen{ID: "table-1"}, w.record
	w.runs = append(w.runs, r)
}

// step lets a run go one step on; it reports whether the run is over. Its calls may be
// carried out or not, and answered or not.
func (w *ledgerWorld) step(r *ledgerRun) (over bool) {
	r.o.Self = plan.Self{Run: fmt.Sprint("run", r.n), Op: fmt.Sprint(w.begun, w.now.UnixNano()), Pool: "p"}
	r.o.Join(w.now, ordersPolicy(), r.q, r.rec)
	a := plan.Decide(w.now, ordersPolicy(), r.rec, r.q, r.o).Act
	fault := rapid.SampledFrom([]string{"", "", "", "not carried out", "no answer"}).Draw(w.t, "fault")
	yes := plan.Result{Answer: plan.Answer{Verdict: plan.Yes}}
	switch {
	case a.Kind == plan.LookLedger:
		yes.Events = w.tail()
	case a.Kind == plan.LookWrite:
		for _, item := range w.ledger {
			yes.Events = append(yes.Events, item...)
		}
	case a.Kind == plan.LookRecord:
		r.rec = w.record
	case a.Kind == plan.CopyEvents:
		yes.Events = w.ledger[a.Events[0].Rev]
		if yes.Events == nil && fault != "not carried out" {
			w.ledger[a.Events[0].Rev] = a.Events
		}
		if fault != "" {
			yes.Answer = plan.Answer{Verdict: plan.Unknown}
		}
	case a.Kind.Writes():
		return w.write(r, a, fault)
	default:
		return true
	}
	r.o.Learn(w.now, r.rec, a, yes)
	return false
}

func (w *ledgerWorld) write(r *ledgerRun, a plan.Act, fault string) (over bool) {
	switch {
	case w.record.Op != r.rec.Op:
		r.rec = w.record
		r.o.LostTo(a, r.rec)
		return false
	case fault == "not carried out":
		return true
	case w.restored >= 0 && r.n > w.restored:
		w.t.Fatalf("run %d writes %s, and the record was put back before it began", r.n, a.Kind)
	}
	next := plan.Apply(w.record, a)
	w.record = next
	e := next.Events[len(next.Events)-1]
	w.wrote[e.Rev] = e
	if fault == "no answer" {
		return true
	}
	r.rec = next
	r.o.Wrote(a)
	return false
}

// check finds an event that is in neither place, or told otherwise.
func (w *ledgerWorld) check() {
	told := map[int64]plan.Event{}
	for _, e := range w.record.Events {
		told[e.Rev] = e
	}
	items := map[int64]bool{}
	for first, item := range w.ledger {
		for i, e := range item {
			if items[e.Rev] && w.restored < 0 {
				w.t.Fatalf("two items tell revision %d", e.Rev)
			}
			items[e.Rev] = true
			if e.Rev != first+int64(i) {
				w.t.Fatalf("item %d: entry %d has revision %d", first, i, e.Rev)
			}
			if was, twice := told[e.Rev]; twice && !plan.SameEvent(was, e) && w.restored < 0 {
				w.t.Fatalf("revision %d is told twice", e.Rev)
			}
			told[e.Rev] = e
		}
	}
	for rev, e := range w.wrote {
		if got, ok := told[rev]; !ok || !plan.SameEvent(got, e) {
			w.t.Fatalf("revision %d is lost: %+v", rev, got)
		}
	}
}

// putBack puts an older copy of the record in its place. What the ledger tells is known,
// what only the record told is lost with it.
func (w *ledgerWorld) putBack(old *plan.Record) {
	last := *plan.LastRev(w.tail())
	w.record, w.restored = old, w.begun
	for rev := range w.wrote {
		if rev > last {
			delete(w.wrote, rev)
		}
	}
}

// In drawn worlds no event is lost, items of the ledger do not overlap, and after an older
// copy was put back no run writes that began then.
func TestLedgerDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := steadyAt7()
		r.Rev, r.Op, r.Events = 1, "born", events(1)
		w := &ledgerWorld{t: t, now: noon, record: r, ledger: map[int64][]plan.Event{}, restored: -1,
			wrote: map[int64]plan.Event{1: r.Events[0]}}
		old := r
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			w.now = w.now.Add(time.Second)
			switch n := rapid.IntRange(0, 40).Draw(t, "what"); {
			case len(w.runs) == 0 || n < 4 && len(w.runs) < 3:
				w.begin()
			case n == 4:
				w.runs = slices.Delete(w.runs, 0, 1) // it is killed
			case n == 5 && w.restored < 0:
				old = w.record
			case n == 6 && w.restored < 0 && *plan.LastRev(w.tail()) > old.Rev:
				w.putBack(old)
			default:
				i := rapid.IntRange(0, len(w.runs)-1).Draw(t, "run")
				if w.step(w.runs[i]) {
					w.runs = slices.Delete(w.runs, i, i+1)
				}
			}
			w.check()
		}
	})
}
