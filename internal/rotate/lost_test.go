package rotate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// byHold and byLost are what a person types.
var (
	byHold    = plan.Request{Verb: plan.VerbHold, Reason: "INC-1: look first"}
	byRelease = plan.Request{Verb: plan.VerbRelease, Reason: "looked"}
	byLost    = plan.Request{Verb: plan.VerbAdopt, FromKMS: true, Reason: "the record was lost"}
)

// A record that was lost before its first rotation leaves no version alias, only
// its ledger. Cron does not adopt the key again: the hold would be gone, and the
// next window would rotate. A rebuild brings the hold back.
func TestLostRecordIsNotAdoptedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		key := w.plan.Keys[0]
		v1 := w.makeKey(key.Alias)
		w.pool("first").mustRun()
		w.asks(byHold).mustRun()
		held := w.record(key).Hold
		w.loseRecord(key)
		w.advance(91 * day)
		for range 2 {
			if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Refused ||
				k.Refusal.Code != "record-lost" {
				t.Fatalf("cron: %s %+v %v", k.Outcome, k.Refusal, k.Reasons)
			}
		}
		if k := only(t, w.asks(plan.Request{Verb: plan.VerbAdopt}).run(t.Context())); k.Outcome != plan.Refused ||
			k.Refusal.Code != "record-lost" {
			t.Errorf("adopt: %s %+v", k.Outcome, k.Refusal)
		}
		w.asks(byLost).mustRun()
		r := w.record(key)
		if r.Live().KeyID != v1 || r.Active != 1 || r.Generation != 2 || r.Rev != 2+plan.RevGap {
			t.Errorf("%s rev %d, active %+v", r, r.Rev, r.Live())
		}
		if r.Hold == nil || r.Hold.Self || r.Hold.By != held.By || r.Hold.Reason != held.Reason ||
			!r.Hold.Since.Equal(held.Since) {
			t.Errorf("hold %+v, was %+v", r.Hold, held)
		}
		w.advance(time.Hour)
		if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.HeldBack && k.Outcome != plan.Settled ||
			w.calls(0, "CreateKey") > 0 {
			t.Errorf("cron: %s %v", k.Outcome, k.Reasons)
		}
	})
}

// A hold that was released stays released; the ledger tells both.
func TestRebuildKnowsTheRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.pool("first").mustRun()
		w.asks(byHold).mustRun()
		w.asks(byRelease).mustRun()
		w.loseRecord(key)
		w.asks(byLost).mustRun()
		if r := w.record(key); r.Hold != nil {
			t.Errorf("hold %+v", r.Hold)
		}
	})
}

// The event of a rebuild follows the newest one in the ledger, or of an older record the
// newest one there, and the next write follows the rebuild.
func TestRebuildFollows(t *testing.T) {
	for name, lose := range map[string]func(*world, plan.Policy){
		"the record is lost":     (*world).loseRecord,
		"the ledger is lost too": func(w *world, key plan.Policy) { w.loseLedger(); w.loseRecord(key) },
		"the record is of another table": func(w *world, key plan.Policy) {
			w.forge(key, func(it attrs) { it["table_id"] = &types.AttributeValueMemberS{Value: "another"} })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				w.pool("a").mustRun()
				last := w.record(key).Rev
				lose(w, key)
				w.asks(byLost).mustRun()
				w.asks(byHold).mustRun()
				table := w.table.Stored()
				ledger, err := table.Ledger(t.Context(), key.Key(), time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range plan.HistoryOf(nil, ledger).Findings {
					if f.Kind != plan.Jump && f.Kind != plan.Orphan {
						t.Errorf("%s: %s", f.Kind, f.Text)
					}
				}
				i := slices.IndexFunc(ledger, func(e plan.Event) bool { return e.Is(plan.EventRebuild) })
				want := plan.Link{}
				if i > 0 {
					want = plan.Link{Rev: last, Hash: ledger[i-1].Hash()}
				}
				if (i > 0) != (name != "the ledger is lost too") || ledger[i].Prev != want {
					t.Errorf("the rebuild follows %+v, want %+v", ledger[i].Prev, want)
				}
			})
		})
	}
}

// Where the ledger has gaps nobody knows what was held, so the key holds itself,
// and a hold that is known stays, too.
func TestRebuildHoldsWhereTheLedgerHasGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.asks(byHold).mustRun()
		w.loseRecord(key)
		w.deleteItem(key.Key(), "events#0000000002")
		w.asks(byLost).mustRun()
		r := w.record(key)
		if r.Hold == nil || !r.Hold.Self || !strings.Contains(r.Hold.Reason, "incident 7") ||
			!strings.Contains(r.Hold.Reason, "revisions 2 to 4") {
			t.Errorf("hold %+v", r.Hold)
		}
		w.asks(byRelease).mustRun()
		w.advance(91 * day)
		w.pool("cron").mustRun()
		if r := w.record(key); r.Active != 4 {
			t.Errorf("%s", r)
		}
	})
}

// With a whole ledger a rebuild knows all that the record knew.
func TestRebuildFromAWholeLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		was := w.record(key)
		w.loseRecord(key)
		w.asks(byLost).mustRun()
		r := w.record(key)
		if r.Hold != nil || r.Rev != was.Rev+plan.RevGap || r.Active != was.Active ||
			!r.Draining()[0].Left.Equal(was.Draining()[0].Left) {
			t.Errorf("%s, hold %+v, %+v; was %+v", r, r.Hold, r.Draining(), was.Draining())
		}
	})
}

// A run that read no record, and then sees a ledger, reads once more: another pool
// has just adopted the key.
func TestAdoptedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		w.makeKey(w.plan.Keys[0].Alias)
		pause := newPark(w.wire(), "ListAliases")
		done := make(chan plan.Outcome)
		b := w.poolOn("b", pause)
		go func() { done <- b.run(t.Context()).Keys[0].Outcome }()
		<-pause.held
		w.pool("a").mustRun()
		close(pause.release)
		if got := <-done; got != plan.Settled {
			t.Errorf("%s", got)
		}
	})
}

// A copy that fails is told, and nothing else comes of it.
func TestCopyFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.fault(sandbox.Fault{Operation: "PutItem", Ordinal: 2, Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		k := only(t, w.pool("a").mustRun())
		if k.Outcome != plan.Adopted || !strings.Contains(k.Uncopied, "revision 1 ") {
			t.Errorf("%s %q", k.Outcome, k.Uncopied)
		}
		if w.record(key) == nil {
			t.Error("no record")
		}
	})
}

// putBack writes an older copy of a record over it.
func (w *world) putBack(key plan.Policy, old attrs) {
	w.t.Helper()
	w.loseRecord(key)
	if _, err := awsddb.NewFromConfig(w.aws.AWSConfig(w.plan.Region, "ADMIN")).PutItem(w.t.Context(),
		&awsddb.PutItemInput{TableName: &w.plan.Table, Item: old}); err != nil {
		w.t.Fatal(err)
	}
}

// A record that was put back from an older copy is noticed before anything is written or
// made, and the ledger stays.
func TestPutBackIsNoticedBeforeTheClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.pool("first").mustRun()
		old := w.item(key)
		w.advance(91 * day)
		w.pool("a").mustRun()
		w.advance(91 * day)
		told := w.copied(key)
		w.putBack(key, old)
		for _, q := range []plan.Request{{Verb: plan.VerbSchedule}, byHold, byRelease, {Verb: plan.VerbRotate}} {
			seq := w.seq()
			k := only(t, w.asks(q).run(t.Context()))
			if k.Outcome != plan.Refused || k.Refusal.Code != "record-restored" ||
				!strings.Contains(k.Refusal.What, "goes on to revision 4, and its record ends at 1") {
				t.Errorf("%s: %s %+v %v", q.Verb, k.Outcome, k.Refusal, k.Reasons)
			}
			if calls := w.since(seq); w.calls(seq, "UpdateItem")+w.calls(seq, "PutItem")+w.calls(seq, "CreateKey") > 0 {
				t.Errorf("%s: %s", q.Verb, calls)
			}
		}
		w.asks(byLost).mustRun()
		now := w.copied(key)
		if !cmp.Equal(now[:len(told)], told) || len(now) != len(told)+1 || len(now[len(told)].Replaced) > 0 {
			t.Errorf("%d, %s", len(now), cmp.Diff(told, now))
		}
	})
}

// A copy that was put back and written to tells revisions otherwise than the ledger, and
// may be ahead of it. A rebuild keeps both stories.
func TestPutBackAndWrittenTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		defer w.setUp()()
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.pool("first").mustRun()
		old := w.item(key)
		w.asks(byHold).mustRun()
		told := w.copied(key)
		w.putBack(key, old)
		w.loseLedgerAfter(key, 1) // nobody can know
		w.asks(byRelease).mustRun()
		w.asks(byHold).mustRun()
		other := w.copied(key)[1:]
		w.putLedger(key, told[1:]) // what was lost is back
		if k := only(t, w.pool("cron").run(t.Context())); k.Outcome != plan.Settled {
			t.Errorf("with nothing to write: %s %v", k.Outcome, k.Reasons)
		}
		k := only(t, w.asks(byRelease).run(t.Context()))
		if k.Outcome != plan.Refused || k.Refusal.Code != "record-restored" ||
			!strings.Contains(k.Refusal.What, "tells revision 2 otherwise than its record") {
			t.Errorf("%s %+v %v", k.Outcome, k.Refusal, k.Reasons)
		}
		w.asks(byLost).mustRun()
		now := w.copied(key)
		rebuild := now[len(now)-1]
		if len(now) != 3 || !cmp.Equal(now[:2], told) || !cmp.Equal(rebuild.Replaced, other) {
			t.Errorf("told %+v, and %+v instead; now %+v", told, other, now)
		}
		if k := only(t, w.asks(byRelease).run(t.Context())); k.Outcome != plan.Settled {
			t.Errorf("%s %v", k.Outcome, k.Reasons)
		}
	})
}

// copied returns what the ledger tells.
func (w *world) copied(key plan.Policy) []plan.Event {
	w.t.Helper()
	events, err := w.table.Ledger(w.t.Context(), key.Key(), time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	return unstored(events)
}

// unstored returns events without their stored form.
func unstored(events []plan.Event) []plan.Event {
	for i := range events {
		events[i].Stored = ""
		unstored(events[i].Replaced)
	}
	return events
}

// loseLedgerAfter deletes the ledger's items that begin after a revision.
func (w *world) loseLedgerAfter(key plan.Policy, rev int64) {
	w.t.Helper()
	for _, e := range w.copied(key) {
		if e.Rev > rev {
			w.deleteItem(key.Key(), fmt.Sprintf("events#%010d", e.Rev))
		}
	}
}

// putLedger puts events into the ledger, over what is there.
func (w *world) putLedger(key plan.Policy, events []plan.Event) {
	w.t.Helper()
	w.loseLedgerAfter(key, events[0].Rev-1)
	if there, err := w.table.Copy(w.t.Context(), key.Key(), events); err != nil || there != nil {
		w.t.Fatalf("%v, %v", there, err)
	}
}

// item returns the record as DynamoDB has it.
func (w *world) item(key plan.Policy) (it attrs) {
	w.forge(key, func(found attrs) { it = found })
	return it
}
