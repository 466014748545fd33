package rotate_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

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

// Where the ledger has gaps nobody knows what was held, so the key holds itself,
// and a hold that is known stays, too.
func TestRebuildHoldsWhereTheLedgerHasGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.asks(byHold).mustRun()
		w.loseRecord(key)
		w.asks(byLost).mustRun()
		r := w.record(key)
		if r.Hold == nil || !r.Hold.Self || !strings.Contains(r.Hold.Reason, "incident 7") ||
			!strings.Contains(r.Hold.Reason, "revisions 2 to") {
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
		if k.Outcome != plan.Adopted || !strings.Contains(k.Uncopied, "revision 1") {
			t.Errorf("%s %q", k.Outcome, k.Uncopied)
		}
		if w.record(key) == nil {
			t.Error("no record")
		}
	})
}

// A record that was put back from an older copy goes on from there. Where it would
// write over what the ledger tells, it is refused, and the ledger stays.
func TestRestoredRecordKeepsTheLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan)
		defer w.setUp()()
		key := w.plan.Keys[0]
		w.makeKey(key.Alias)
		w.pool("first").mustRun()
		old := w.item(key)
		w.asks(byHold).mustRun()
		w.advance(time.Minute)
		told, err := w.table.Ledger(t.Context(), key.Key(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		w.loseRecord(key)
		if _, err := awsddb.NewFromConfig(w.aws.AWSConfig(w.plan.Region, "ADMIN")).PutItem(t.Context(),
			&awsddb.PutItemInput{TableName: &w.plan.Table, Item: old}); err != nil {
			t.Fatal(err)
		}
		var codes []plan.Code
		for n := range plan.MaxEvents + 2 {
			q := byRelease
			if n%2 == 0 {
				q = byHold
			}
			if k := only(t, w.asks(q).run(t.Context())); k.Refusal != nil {
				codes = append(codes, k.Refusal.Code)
			}
			w.advance(time.Minute)
		}
		if len(codes) == 0 || codes[0] != "record-restored" {
			t.Errorf("refused %v", codes)
		}
		now, err := w.table.Ledger(t.Context(), key.Key(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if now[1].Run != told[1].Run || !now[1].At.Equal(told[1].At) {
			t.Errorf("revision 2 was %+v, is %+v", told[1], now[1])
		}
		w.asks(byLost).mustRun()
		for range plan.MaxEvents + 2 { // what the copy told is kept too
			w.asks(byHold).mustRun()
			w.advance(time.Minute)
		}
	})
}

// item returns the record as DynamoDB has it.
func (w *world) item(key plan.Policy) (it attrs) {
	w.forge(key, func(found attrs) { it = found })
	return it
}
