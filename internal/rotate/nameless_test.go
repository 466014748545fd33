package rotate_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// keys counts the account's keys by their state.
func (w *world) keys() map[string]int {
	w.t.Helper()
	states := map[string]int{}
	list, err := w.admin.ListKeys(w.t.Context(), &awskms.ListKeysInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, k := range list.Keys {
		states[w.state(aws.ToString(k.KeyId))]++
	}
	return states
}

// CreateAlias v<n> is refused, run after run: by a policy, or because the
// account has no alias left. Each run makes a key, and disables it before it
// ends: nobody else can have named it. None but the live one stays enabled.
func TestRefusedNameLeavesNothingEnabled(t *testing.T) {
	for _, code := range []string{"AccessDeniedException", "LimitExceededException"} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				// The adopted version's name is granted: what is refused is v2.
				w.fault(sandbox.Fault{Operation: "CreateAlias", Resource: plan.VersionAlias(key.Alias, 2),
					Kind: sandbox.Refuse, Code: code})
				for range 3 {
					w.pool("a").run(t.Context())
					w.advance(time.Hour)
				}
				if got := w.keys(); got["Enabled"] != 1 || got["Disabled"] != 3 {
					t.Errorf("keys: %v", got)
				}
				w.noFaults()
				w.pool("b").mustRun()
				rotatedOnce(t, w)
				w.sound()
			})
		})
	}
}

// A name that may have been given is another matter: an attempt without an
// answer, and then a refusal. The key is the version; it must not be disabled.
func TestNameWithoutAnAnswerIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		v2 := plan.VersionAlias(key.Alias, 2)
		if err := w.aws.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{
			{Operation: "CreateAlias", Resource: v2, Ordinal: 1, Kind: sandbox.Lose},
			{Operation: "CreateAlias", Resource: v2, Ordinal: 2, Kind: sandbox.Refuse, Code: "AccessDeniedException"},
		}}); err != nil {
			t.Fatal(err)
		}
		seq := w.seq()
		w.pool("a").run(t.Context())
		if w.calls(seq, "DisableKey") != 0 || w.state(w.names(v2)) != "Enabled" {
			t.Errorf("v2 is %s", w.state(w.names(v2)))
		}
		w.noFaults()
		w.pool("b").mustRun()
		rotatedOnce(t, w)
		if got := w.keys(); got["Enabled"] != 2 || got["Disabled"] != 0 {
			t.Errorf("keys: %v", got)
		}
		w.sound()
	})
}

// A person holds the key while a run is between making a version and naming it.
func TestHeldBeforeTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		parked := newPark(w.wire(), "CreateKey")
		done := w.poolOn("a", parked).begin()
		<-parked.held
		w.advance(2 * plan.LeaseFor) // so that the lease is renewed before the next effect, and the hold is seen
		w.asks(plan.Request{Verb: plan.VerbHold}).mustRun()
		close(parked.release)
		<-done
		if got := w.keys(); got["Enabled"] != 1 || got["Disabled"] != 1 {
			t.Errorf("keys: %v", got)
		}
		w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
		w.pool("b").mustRun()
		rotatedOnce(t, w)
		w.sound()
	})
}

// Two runs make a version for one generation: one is slow to, its lease ends, and
// another takes over. The loser that lives disables its own fresh key at once,
// and nothing else; which of them is slow, and where, is all the same.
func TestLoserDisablesItsOwnKey(t *testing.T) {
	for _, at := range []struct {
		operation string
		n         int
	}{{"CreateKey", 1}, {"CreateAlias", 2}} { // the first CreateAlias names the adopted version
		t.Run(at.operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				parked := newPause(w.wire(), at.operation, at.n)
				done := w.poolOn("slow", parked).begin()
				<-parked.held
				w.advance(plan.LeaseFor + time.Second)
				w.pool("b").mustRun()
				seq := w.seq()
				close(parked.release)
				<-done
				if w.calls(seq, "DisableKey") != 1 {
					t.Errorf("%d calls of DisableKey", w.calls(seq, "DisableKey"))
				}
				if got := w.keys(); got["Enabled"] != 2 || got["Disabled"] != 1 {
					t.Errorf("keys: %v", got)
				}
				rotatedOnce(t, w)
				if r := w.record(w.plan.Keys[0]); w.state(r.Live().KeyID) != "Enabled" ||
					w.state(r.Draining()[0].KeyID) != "Enabled" {
					t.Error("a version of the record is disabled")
				}
				w.sound()
			})
		})
	}
}

// The answer to a CreateKey is lost, and the key was made: nobody knows its id,
// so it stays enabled, has never served, and audit --orphans finds it by its tag.
// One lost answer leaves one such key.
func TestLostCreateKeyLeavesOneOrphan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		w.fault(sandbox.Fault{Operation: "CreateKey", Ordinal: 1, Kind: sandbox.Lose})
		w.pool("a").mustRun()
		rotatedOnce(t, w)
		if got := w.keys(); got["Enabled"] != 3 || got["Disabled"] != 0 {
			t.Errorf("keys: %v", got)
		}
		w.sound()
	})
}

// never loses the requests of one operation before they reach AWS.
type never struct {
	next      http.RoundTripper
	operation string
}

func (n never) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+n.operation) {
		return nil, errBroken
	}
	return n.next.RoundTrip(r)
}

// A run stands still with a key that it has not named, and what it was made for is
// given up since, by a rollback that KMS refuses. Nobody will ever name that
// key: the run looks for its name for a minute, once, and goes on.
func TestNameThatNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		key := w.plan.Keys[0]
		w.pool("a").mustRun()
		w.advance(100 * day)
		parked := newPause(never{w.wire(), "CreateAlias"}, "CreateAlias", 1)
		done := w.poolOn("slow", parked).begin()
		<-parked.held
		time.Sleep(plan.LeaseFor + time.Second)
		w.fault(sandbox.Fault{Operation: "UpdateAlias", Kind: sandbox.Refuse, Code: "AccessDeniedException"})
		q := plan.Request{Verb: plan.VerbRollback, Abandon: true}
		if k := only(t, w.asks(q).run(t.Context())); k.Outcome != plan.Failed {
			t.Fatalf("set-up: %s %v", k.Outcome, k.Refusal)
		}
		w.noFaults()
		seq := w.seq()
		close(parked.release)
		if k := only(t, <-done); k.Outcome == plan.Failed {
			t.Errorf("%s: %v", k.Outcome, k.Err)
		}
		if r, n := w.record(key), w.calls(seq, "DescribeKey"); r.Step != plan.Steady || r.Active != 1 || n > 60 {
			t.Errorf("%s, after %d calls of DescribeKey", r, n)
		}
	})
}
