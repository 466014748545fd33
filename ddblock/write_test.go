package ddblock

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

func verdict(err error) plan.Verdict { return awscall.Classify(err).Verdict }

// Every call that writes asks for its condition and for the item that fails it,
// and names no attribute without a placeholder.
func TestWriteRequests(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.mustWrite(nil, steadyRecord())
		if r := w.stored(); !reflect.DeepEqual(r, first) {
			w.Errorf("stored %+v", r)
		}
		second := w.mustWrite(first, following(first, "r1"))
		if r := w.stored(); !reflect.DeepEqual(r, second) {
			w.Errorf("stored %+v", r)
		}
		if got := w.net.operations(); got != "PutItem BatchGetItem UpdateItem BatchGetItem" {
			w.Fatalf("sent %s", got)
		}
		put, update := w.net.sent[0].document, w.net.sent[2].document
		for _, d := range []map[string]any{put, update} {
			if d["ReturnValuesOnConditionCheckFailure"] != "ALL_OLD" {
				w.Errorf("does not ask who was first: %v", d)
			}
		}
		if put["ConditionExpression"] != "attribute_not_exists(#key)" ||
			update["ConditionExpression"] != "#rev = :old_rev AND #op = :old_op" {
			w.Errorf("conditions %v, %v", put["ConditionExpression"], update["ConditionExpression"])
		}
		for word := range strings.FieldsFuncSeq(update["UpdateExpression"].(string),
			func(r rune) bool { return strings.ContainsRune(" ,=", r) }) {
			if word != "SET" && word != "REMOVE" && !strings.HasPrefix(word, "#") && !strings.HasPrefix(word, ":") {
				w.Errorf("%s without a placeholder", word)
			}
		}
	})
}

// Not every DynamoDB answers a failed condition with the item. The loser then
// reads it, and does not take the record for gone.
func TestNoItemInTheAnswer(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.mustWrite(nil, steadyRecord())
		second := w.mustWrite(first, following(first, "r1"))
		silent := func(ask map[string]any) func(map[string]any) {
			delete(ask, "ReturnValuesOnConditionCheckFailure")
			return nil
		}
		w.net.asks = map[string]func(map[string]any) func(map[string]any){"PutItem": silent, "UpdateItem": silent}
		for name, old := range map[string]*plan.Record{"an update": first, "a first put": nil} {
			next := following(first, "r2")
			next.Op = "late"
			if current := w.wantChanged(w.Write(w.Context(), old, next)); !reflect.DeepEqual(current, second) {
				w.Errorf("%s lost to %+v", name, current)
			}
		}
		// Its own write is recognised all the same.
		third := following(second, "r1")
		w.faults(sandbox.Fault{Service: "dynamodb", Operation: "UpdateItem", Ordinal: 1, Kind: sandbox.Lose})
		if err := w.Write(w.Context(), second, third); err != nil {
			w.Errorf("the answer to a write was lost: %v", err)
		}
		w.faults(sandbox.Fault{Service: "dynamodb", Operation: "BatchGetItem", Kind: sandbox.Refuse,
			Code: "AccessDeniedException"})
		if err := w.Write(w.Context(), second, following(second, "r2")); verdict(err) != plan.Unknown {
			w.Errorf("lost to nobody knows what: %v", err)
		}
	})
}

// What the record no longer has is removed.
func TestWriteRemoves(t *testing.T) {
	inWorld(t, func(w *world) {
		full := w.mustWrite(nil, fullRecord())
		next := steadyRecord()
		next.Rev, next.Op = full.Rev+1, "new"
		next.Events = full.Events
		w.mustWrite(full, next)
		if r := w.stored(); !reflect.DeepEqual(r, next) {
			w.Errorf("stored %+v", r)
		}
	})
}

// The answer is lost, the write is not: the SDK's repetition is refused, for the
// item is no longer as it was, and then it has to be known as ours.
func TestLostAnswer(t *testing.T) {
	for _, how := range []sandbox.Fault{
		{Kind: sandbox.Lose},
		{Kind: sandbox.Lose, Code: "InternalServerError", Status: 500},
		{Kind: sandbox.Lose, Code: "ThrottlingException"},
	} {
		t.Run("answer lost "+how.Code, func(t *testing.T) {
			inWorld(t, func(w *world) {
				how.Ordinal = 1
				how.Operation = "PutItem"
				w.faults(how)
				first := w.mustWrite(nil, steadyRecord())
				how.Operation = "UpdateItem"
				w.faults(how)
				second := w.mustWrite(first, following(first, "r1"))
				if got := w.net.operations(); got != "PutItem PutItem UpdateItem UpdateItem" {
					w.Errorf("sent %s", got)
				}
				if r := w.stored(); !reflect.DeepEqual(r, second) {
					w.Errorf("stored %+v", r)
				}
			})
		})
	}
}

// The request is lost, or refused for the moment: it is sent again.
func TestLostRequest(t *testing.T) {
	for _, how := range []sandbox.Fault{
		{Kind: sandbox.Drop},
		{Kind: sandbox.Refuse, Code: "InternalServerError", Status: 500},
		{Kind: sandbox.Refuse, Code: "ThrottlingException"},
		{Kind: sandbox.Refuse, Code: "ReplicatedWriteConflictException"}, // which the SDK would not repeat by itself
	} {
		t.Run("not applied "+how.Code, func(t *testing.T) {
			inWorld(t, func(w *world) {
				how.Ordinal = 1
				how.Operation = "PutItem"
				w.faults(how)
				first := w.mustWrite(nil, steadyRecord())
				how.Operation = "UpdateItem"
				w.faults(how)
				second := w.mustWrite(first, following(first, "r1"))
				if r := w.stored(); !reflect.DeepEqual(r, second) {
					w.Errorf("stored %+v", r)
				}
			})
		})
	}
}

// Two write on one revision: one of them has written, the other learns what.
func TestTwoWriters(t *testing.T) {
	inWorld(t, func(w *world) {
		race := func(old, a, b *plan.Record) {
			w.Helper()
			// Both are under way at once.
			if err := w.aws.SetSwitches(sandbox.Switches{Latency: sandbox.Duration(time.Second)}); err != nil {
				w.Fatal(err)
			}
			var errs [2]error
			var wait sync.WaitGroup
			nexts := [2]*plan.Record{a, b}
			for i := range nexts {
				wait.Go(func() { errs[i] = w.Write(w.Context(), old, nexts[i]) })
			}
			wait.Wait()
			winner, loser := 0, 1
			if errs[0] != nil {
				winner, loser = 1, 0
			}
			if errs[winner] != nil {
				w.Fatalf("nobody won: %v, %v", errs[0], errs[1])
			}
			if current := w.wantChanged(errs[loser]); !reflect.DeepEqual(current, nexts[winner]) {
				w.Errorf("the loser saw %+v", current)
			}
			if r := w.stored(); !reflect.DeepEqual(r, nexts[winner]) {
				w.Errorf("stored %+v", r)
			}
		}
		a, b := steadyRecord(), steadyRecord()
		a.Op, b.Op = "op-a", "op-b"
		race(nil, a, b)
		first := w.stored()
		race(first, following(first, "a"), following(first, "b"))
	})
}

// The same revision with another op is another record, as is the same op with
// another revision: one that was put back from a backup, say, or repaired by hand.
func TestWriteWantsRevAndOp(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.mustWrite(nil, steadyRecord())
		for name, differs := range map[string]func(*plan.Record){
			"op":  func(r *plan.Record) { r.Op = "op-other" },
			"rev": func(r *plan.Record) { r.Rev++ },
		} {
			other := first.Clone()
			differs(other)
			if current := w.wantChanged(w.Write(w.Context(), other,
				following(other, "r1"))); !reflect.DeepEqual(current, first) {
				w.Errorf("another %s: stored %+v", name, current)
			}
		}
	})
}

func TestWriteOnGoneRecord(t *testing.T) {
	inWorld(t, func(w *world) {
		if current := w.wantChanged(w.Write(w.Context(), steadyRecord(),
			following(steadyRecord(), "r1"))); current != nil {
			w.Errorf("there is %+v", current)
		}
		if r := w.stored(); r != nil {
			w.Errorf("made %+v", r)
		}
	})
}

// A person has set a hold since. Our lease is in the record as before; that
// does not make it the record we knew.
func TestStillOurLease(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.mustWrite(nil, steadyRecord())
		ours := w.mustWrite(first, following(first, "r1"))
		held := following(ours, "person")
		held.Lease, held.Hold = ours.Lease, &plan.Hold{By: "person", Since: at("2026-12-01T03:12:40Z")}
		w.mustWrite(ours, held)
		if current := w.wantChanged(w.Write(w.Context(), ours, following(ours, "r1"))); !reflect.DeepEqual(current,
			held) {
			w.Errorf("stored %+v", current)
		}
	})
}

// What AWS never answered is unknown, also when a later attempt was refused:
// the first may have had its effect.
func TestUnknownOutcome(t *testing.T) {
	const update = "UpdateItem"
	perTry := 3 // of the SDK's default retryer
	for name, c := range map[string]struct {
		faults []sandbox.Fault
		calls  int
		want   plan.Verdict
		soft   bool
	}{
		"never answered": {[]sandbox.Fault{{Operation: update, Kind: sandbox.Drop}},
			writeTries * perTry, plan.Unknown, false},
		"only 500": {[]sandbox.Fault{{Operation: update, Kind: sandbox.Refuse, Status: 500,
			Code: "InternalServerError"}}, writeTries * perTry, plan.Unknown, false},
		"once unanswered, then throttled": {[]sandbox.Fault{
			{Operation: update, Kind: sandbox.Drop, Ordinal: 1},
			{Operation: update, Kind: sandbox.Refuse, Code: "ThrottlingException"}},
			writeTries * perTry, plan.Unknown, false},
		"once unanswered, then denied": {[]sandbox.Fault{
			{Operation: update, Kind: sandbox.Drop, Ordinal: 1},
			{Operation: update, Kind: sandbox.Refuse, Code: "AccessDeniedException"}},
			1 + writeTries, plan.Unknown, false},
		"only throttled": {[]sandbox.Fault{{Operation: update, Kind: sandbox.Refuse, Code: "ThrottlingException"}},
			perTry, plan.No, true},
		"denied": {[]sandbox.Fault{{Operation: update, Kind: sandbox.Refuse, Code: "AccessDeniedException"}}, 1,
			plan.No, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				first := w.mustWrite(nil, steadyRecord())
				w.net.forget()
				w.faults(c.faults...)
				err := w.Write(w.Context(), first, following(first, "r1"))
				answer := awscall.Classify(err)
				if answer.Verdict != c.want || answer.Soft != c.soft {
					w.Errorf("%v\nis taken for %s, soft %v", err, answer.Verdict, answer.Soft)
				}
				if got := w.net.operations(); got != times(c.calls, update) {
					w.Errorf("sent %s, not %d", got, c.calls)
				}
				if err == nil || !strings.Contains(err.Error(), theKey) {
					w.Errorf("does not say what was written: %v", err)
				}
			})
		})
	}
}

// An outage that outlasts one try does not outlast the next.
func TestLateAnswer(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.mustWrite(nil, steadyRecord())
		var outage []sandbox.Fault
		for n := 1; n <= 4; n++ { // more than the SDK tries
			kind := sandbox.Drop
			if n == 2 {
				kind = sandbox.Lose
			}
			outage = append(outage, sandbox.Fault{Operation: "UpdateItem", Kind: kind, Ordinal: n})
		}
		w.faults(outage...)
		second := w.mustWrite(first, following(first, "r1"))
		if r := w.stored(); !reflect.DeepEqual(r, second) {
			w.Errorf("stored %+v", r)
		}
	})
}
