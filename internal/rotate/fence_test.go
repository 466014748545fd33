package rotate_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// While a signature may be alive no generation is claimed: the run waits, and
// says so when --wait is over.
func TestNoClaimWhileFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, strings.Replace(onePlan, "90d}", "10m}", 1)+"\n    drain: 5m\n")
		key := w.plan.Keys[0]
		lose(t, w, "UpdateAlias", sandbox.Lose, 1)
		w.pool("a").mustRun() // signs twice: the first answer was lost
		r := w.record(key)
		if !r.Fenced(w.aws.Now()) || r.Fence.Signers != 1 || r.Step != plan.Steady {
			t.Fatalf("fence %+v, %s", r.Fence, r)
		}
		generation := r.Generation
		w.advance(10 * time.Minute)
		report := w.pool("b").run(t.Context())
		if k := report.Keys[0]; !k.Busy || !k.Until.Equal(r.Fence.Until) {
			t.Errorf("busy %v until %s, want %s", k.Busy, k.Until, r.Fence.Until)
		}
		w.advance(10 * time.Minute)
		w.pool("c").mustRun()
		if r = w.record(key); r.Generation != generation+1 || r.Fence != nil {
			t.Errorf("after the fence: %s, fence %+v", r, r.Fence)
		}
	})
}

// A person's retire says at once that the disabling of another run, which had time to write the
// answer down, may arrive until after --wait.
func TestRetireWhileItsVersionIsFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, key, v1 := drained(t, retirePlan)
		cron := newPark(w.wire(), "DisableKey")
		done := w.poolOn("cron", cron).begin()
		<-cron.held
		e, _ := draining(w.record(key), v1)
		w.advance(plan.LeaseFor)
		began := w.aws.Now()
		k := only(t, w.asks(retireV1).run(t.Context()))
		if !k.Busy || !k.Fenced || !k.Until.Equal(e.Fence.Until) || w.aws.Now().Sub(began) > time.Second {
			t.Errorf("busy %v, fenced %v until %s, after %s", k.Busy, k.Fenced, k.Until, w.aws.Now().Sub(began))
		}
		close(cron.release)
		<-done
	})
}

// A lost answer, a dropped request, a refusal, at each call of a rotation in
// turn: the run or the next one carries the same generation through, with one
// version behind the alias and never a second rotation.
func TestFaultAtEachCall(t *testing.T) {
	t.Parallel()
	operations := []string{"BatchGetItem", "Query", "PutItem", "DescribeTable", "GetCallerIdentity", "DescribeKey",
		"UpdateItem",
		"GetKeyPolicy", "ListResourceTags", "ListGrants", "GetKeyRotationStatus", "EnableKeyRotation",
		"CreateKey", "CreateAlias", "Encrypt", "Decrypt", "UpdateAlias"}
	kinds := []sandbox.Fault{
		{Kind: sandbox.Drop}, {Kind: sandbox.Lose},
		{Kind: sandbox.Refuse, Code: "ThrottlingException"}, {Kind: sandbox.Refuse, Code: "AccessDeniedException"},
		{Kind: sandbox.Refuse, Code: "InternalServerError", Status: 500},
		{Kind: sandbox.Lose, Code: "InternalServerError", Status: 500},
	}
	most := 3
	if testing.Short() {
		most = 1
	}
	for _, operation := range operations {
		for _, fault := range kinds {
			for ordinal := 1; ordinal <= most; ordinal++ {
				fault.Operation, fault.Ordinal, fault.Caller = operation, ordinal, "a"
				t.Run(operation+" "+string(fault.Kind)+fault.Code, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w, _ := dueRotating(t, onePlan, 365)
						if err := w.aws.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{fault}}); err != nil {
							t.Fatal(err)
						}
						p := w.pool("a")
						_, _ = p.Do(t.Context(), w.plan.Keys, p.request)
						if err := w.aws.SetSwitches(sandbox.Switches{}); err != nil {
							t.Fatal(err)
						}
						w.advance(plan.LeaseFor + time.Second)
						w.pool("b").mustRun()
						rotatedOnce(t, w)
					})
				})
			}
		}
	}
}

// rotatedOnce checks what must be true after one due rotation, whatever
// happened on the way.
func rotatedOnce(t *testing.T, w *world) {
	t.Helper()
	key := w.plan.Keys[0]
	r := w.record(key)
	if r.Generation != 2 || r.Step != plan.Steady || r.Active != 2 || len(r.Draining()) != 1 {
		t.Errorf("%s, draining %+v", r, r.Draining())
	}
	if got := w.names(key.Alias); got != r.Live().KeyID {
		t.Errorf("the alias names %s, the record says %s", got, r.Live().KeyID)
	}
	if got := w.names(plan.VersionAlias(key.Alias, 2)); got != r.Live().KeyID {
		t.Errorf("v2 names %s, the record says %s", got, r.Live().KeyID)
	}
	for i, e := range w.ledger(key) {
		if e.Rev != int64(i)+1 {
			t.Errorf("event %d has rev %d", i, e.Rev)
		}
	}
	if r.Lease != nil {
		t.Errorf("lease left behind: %+v", r.Lease)
	}
}

// A takeover sees the alias on the target already. That is not enough: reads
// lag, and after a rollback they may show an older move to the same key. It
// sends the move itself and ends the switch on its own yes.
func TestSeenOnTargetIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		w.poolOn("a", &answerLost{w.aws.RoundTripper(), "UpdateAlias"}).run(t.Context())
		r := w.record(w.plan.Keys[0])
		if r.Step != plan.Switching || w.names(w.plan.Keys[0].Alias) != r.Next().KeyID {
			t.Fatalf("set-up: %s", r)
		}
		w.advance(plan.LeaseFor + time.Second)
		seq := w.seq()
		w.pool("b").mustRun()
		if got := w.since(seq); !strings.Contains(got, "UpdateAlias×1") {
			t.Errorf("the switch was ended without an own yes: %s", got)
		}
		rotatedOnce(t, w)
	})
}

// answerLost applies an operation and breaks the connection instead of
// answering, every time.
type answerLost struct {
	next      http.RoundTripper
	operation string
}

func (a *answerLost) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := a.next.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+a.operation) {
		_ = res.Body.Close()
		return nil, errBroken
	}
	return res, err
}

type broken struct{}

func (broken) Error() string { return "connection reset by peer" }

var errBroken = broken{}

func lose(t *testing.T, w *world, operation string, kind sandbox.Kind, ordinal int) {
	t.Helper()
	fault := sandbox.Fault{Operation: operation, Kind: kind, Ordinal: ordinal}
	err := w.aws.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{fault}})
	if err != nil {
		t.Fatal(err)
	}
}

func lastCall(w *world, operation string) sandbox.Entry {
	var last sandbox.Entry
	for _, e := range w.aws.Journal() {
		if e.Operation == operation {
			last = e
		}
	}
	return last
}
