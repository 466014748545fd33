package rotate_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// keysMade counts the keys that keyturn made since an entry of the journal.
func (w *world) keysMade(seq int64) (n int) {
	for _, e := range w.aws.Journal() {
		if e.Seq > seq && e.Operation == "CreateKey" && e.Status == 200 {
			n++
		}
	}
	return n
}

// dayOfCron lets pools run every quarter of an hour for a day. turn is what one of
// them does in each; nil is an ordinary run.
func (w *world) dayOfCron(pools int, turn func(quarter, pool int) (done bool)) {
	w.t.Helper()
	for quarter := range 24 * 4 {
		var waits []<-chan struct{}
		for i := range pools {
			if turn != nil && turn(quarter, i) {
				continue
			}
			p, done := w.pool(fmt.Sprintf("p%d", i)), make(chan struct{})
			waits = append(waits, done)
			go func() { defer close(done); _, _ = p.Do(context.Background(), w.plan.Keys, p.request) }()
		}
		for _, done := range waits {
			<-done
		}
		w.advance(15 * time.Minute)
	}
}

// KMS denies the name of a new version for a day, to three pools with a run each
// quarter of an hour. Whatever else happens to the runs, no more keys are made
// than max_attempts, and none of them is left enabled by a run that lives.
func TestDeniedNameMakesFewKeys(t *testing.T) {
	crash := func(w *world, operation string, n int, after bool) {
		s := newCrash(w.wire(), operation, n)
		s.after = after
		w.poolOnCrash("crash", s, plan.Request{Verb: plan.VerbSchedule})
	}
	for _, c := range []struct {
		name, plan string
		most, left int // left enabled, besides the live one
		turn       func(w *world) func(quarter, pool int) bool
	}{
		{name: "three pools", plan: onePlan, most: 5},
		{name: "prepublish", plan: onePlan + "    prepublish: 2d\n", most: 5},
		{name: "two attempts", plan: onePlan + "    max_attempts: 2\n", most: 2},
		{name: "a crash after each CreateKey", plan: onePlan, most: 5, left: 5,
			turn: func(w *world) func(int, int) bool {
				return func(int, int) bool { crash(w, "CreateKey", 1, true); return true }
			}},
		{name: "a crash in the minute of the name", plan: onePlan, most: 5, left: 5,
			turn: func(w *world) func(int, int) bool {
				return func(int, int) bool { crash(w, "CreateAlias", 4, true); return true }
			}},
		{name: "every third run crashes", plan: onePlan, most: 5, left: 5, turn: func(w *world) func(int, int) bool {
			return func(quarter, pool int) bool {
				if pool == quarter%3 {
					crash(w, "CreateKey", 1, true)
				}
				return pool == quarter%3
			}
		}},
		{name: "a deadline ends each run", plan: onePlan, most: 5, left: 5, turn: func(w *world) func(int, int) bool {
			return func(quarter, pool int) bool {
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				p := w.pool("short")
				_, _ = p.Do(ctx, w.plan.Keys, p.request)
				return true
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, c.plan)
				key := w.plan.Keys[0]
				w.fault(
					sandbox.Fault{
						Operation: "CreateAlias",
						Resource:  plan.VersionAlias(key.Alias, 2),
						Kind:      sandbox.Refuse,
						Code:      "AccessDeniedException",
					},
				)
				var turn func(int, int) bool
				if c.turn != nil {
					turn = c.turn(w)
				}
				seq := w.seq()
				w.dayOfCron(3, turn)
				if n := w.keysMade(seq); n != c.most {
					t.Errorf("%d keys were made in a day, want %d", n, c.most)
				}
				if n := w.keys()["Enabled"] - 1; n > c.left {
					t.Errorf("%d of them are enabled, want at most %d", n, c.left)
				}
				if r := w.record(key); r.Hold == nil || !r.Hold.Self {
					t.Errorf("the key does not hold itself: %+v %+v", r.Hold, r.Attempts)
				}
				w.noFaults()
				w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
				w.pool("after").mustRun()
				w.advance(3 * day)
				w.pool("after").mustRun()
				if r := w.record(
					key,
				); r.Generation != 2 || r.Step != plan.Steady || r.Active != 2 || r.Attempts != nil ||
					w.names(key.Alias) != r.Live().KeyID {
					t.Errorf("%s, attempts %+v", r, r.Attempts)
				}
				w.sound()
			})
		})
	}
}

// KMS does not answer whether a version got its name. Within the hour no run makes
// another key for it, so an outage of some hours does not use up what max_attempts
// allows, and one of a day makes no more keys than that.
func TestUnansweredNameWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		w.fault(
			sandbox.Fault{
				Operation: "CreateAlias",
				Resource:  plan.VersionAlias(w.plan.Keys[0].Alias, 2),
				Kind:      sandbox.Drop,
			},
		)
		seq := w.seq()
		for range 3 {
			w.pool("a").run(t.Context())
			w.pool("b").run(t.Context())
			w.advance(15 * time.Minute)
		}
		if n := w.keysMade(seq); n != 1 {
			t.Errorf("%d keys were made within the hour", n)
		}
		w.dayOfCron(3, nil)
		if n := w.keysMade(seq); n != 5 {
			t.Errorf("%d keys were made in a day", n)
		}
		w.sound()
	})
}

// denies answers a denial to the calls of one operation, but for those that name
// what was there before.
type denies struct {
	next      http.RoundTripper
	operation string
	spare     []string
	until     time.Time // when it ends by itself; zero: never
	calls     int
}

func (d *denies) RoundTrip(r *http.Request) (*http.Response, error) {
	over := !d.until.IsZero() && !time.Now().Before(d.until)
	if over || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+d.operation) {
		return d.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	for _, name := range d.spare {
		if bytes.Contains(body, []byte(strconv.Quote(name))) {
			return d.next.RoundTrip(r)
		}
	}
	d.calls++
	h := http.Header{"X-Amzn-Requestid": {"r-1"}, "Content-Type": {"application/x-amz-json-1.1"}}
	return &http.Response{StatusCode: 400, Header: h, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"__type":"AccessDeniedException","message":"not yet"}`))}, nil
}

// KMS denies a call on what this generation has just made. That may be
// authorisation which lags: a run tries MaxTries times, and for five minutes
// nothing is counted against the generation. Then it is. A denied move is answered,
// so none of its signatures stays in the fence.
func TestDenialOfWhatWasJustMade(t *testing.T) {
	for _, c := range []struct {
		operation string
		resumed   bool
	}{
		{"Encrypt", false}, {"UpdateAlias", false}, {"DescribeKey", false},
		{"DescribeKey", true}, {"ListResourceTags", true}, {"GetKeyPolicy", true},
	} {
		t.Run(fmt.Sprint(c.operation, " resumed ", c.resumed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				if c.resumed {
					s := newCrash(w.wire(), "CreateAlias", 2)
					s.after = true
					w.poolOnCrash("crash", s, plan.Request{Verb: plan.VerbSchedule})
					w.advance(plan.LeaseFor + time.Second)
				}
				run := func() int {
					d := &denies{
						next:      w.wire(),
						operation: c.operation,
						spare:     []string{key.Alias, plan.VersionAlias(key.Alias, 1), w.names(key.Alias)},
					}
					if c.operation == "UpdateAlias" {
						d.spare = nil
					}
					k := only(t, w.poolOn("a", d).run(t.Context()))
					if k.Outcome != plan.Failed || k.Err == nil || !strings.Contains(k.Err.Error(), "denied") {
						t.Fatalf("%s: %v", k.Outcome, k.Err)
					}
					if r := w.record(key); r.Fence != nil || r.Lease != nil {
						t.Errorf("fence %+v, lease %+v", r.Fence, r.Lease)
					}
					return d.calls
				}
				if n := run(); n != plan.MaxTries {
					t.Errorf("%d calls", n)
				}
				if r := w.record(key); r.Attempts != nil || r.Generation != 2 {
					t.Errorf("%s: counted at once: %+v", r, r.Attempts)
				}
				w.advance(plan.AuthorisationLag)
				if n := run(); n != 1 {
					t.Errorf("%d calls after five minutes", n)
				}
				if r := w.record(key); r.Attempts == nil || r.Attempts.Count != 1 {
					t.Errorf("%s: not counted after five minutes: %+v", r, r.Attempts)
				}
				w.pool("b").mustRun()
				if r := w.record(key); r.Active != 2 || w.keys()["Enabled"] != 2 || w.keys()["Disabled"] != 0 {
					t.Errorf("%s, keys %v", r, w.keys())
				}
				w.sound()
			})
		})
	}
}

// A name that is denied for less than a minute is given in the same run, to the
// same key.
func TestNameDeniedAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		d := &denies{next: w.wire(), operation: "CreateAlias", spare: []string{w.names(w.plan.Keys[0].Alias)},
			until: time.Now().Add(40 * time.Second)}
		if k := only(t, w.poolOn("a", d).run(t.Context())); k.Outcome != plan.Settled {
			t.Errorf("%s: %v", k.Outcome, k.Err)
		}
		rotatedOnce(t, w)
		if got := w.keys(); got["Enabled"] != 2 || got["Disabled"] != 0 {
			t.Errorf("keys: %v", got)
		}
		w.sound()
	})
}

// The first version of an alias that keyturn makes is named, so what it could not
// put the alias on is kept, and nothing is made again.
func TestFirstAliasDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onePlan+"    spec: SYMMETRIC_DEFAULT\n    usage: ENCRYPT_DECRYPT\n")
		create := plan.Request{Verb: plan.VerbAdopt, Create: true}
		d := &denies{
			next:      w.wire(),
			operation: "CreateAlias",
			spare:     []string{plan.VersionAlias(w.plan.Keys[0].Alias, 1)},
		}
		for range 2 {
			p := w.poolOn("a", d)
			p.request = create
			if k := only(t, p.run(t.Context())); k.Outcome != plan.Failed {
				t.Errorf("%s: %v", k.Outcome, k.Err)
			}
		}
		w.asks(create).mustRun()
		if got := w.keys(); got["Enabled"] != 1 || got["Disabled"] != 0 {
			t.Errorf("keys: %v", got)
		}
		w.sound()
	})
}

// A denied DisableKey of a key that could not be named is repeated, for that may be
// authorisation which lags, too.
func TestDeniedDisablingOfAFreshKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := due(t, onePlan)
		v2 := plan.VersionAlias(w.plan.Keys[0].Alias, 2)
		if err := w.aws.SetSwitches(sandbox.Switches{Faults: []sandbox.Fault{
			{Operation: "CreateAlias", Resource: v2, Kind: sandbox.Refuse, Code: "AccessDeniedException"},
			{Operation: "DisableKey", Ordinal: 1, Kind: sandbox.Refuse, Code: "AccessDeniedException"},
			{Operation: "DisableKey", Ordinal: 2, Kind: sandbox.Refuse, Code: "AccessDeniedException"},
		}}); err != nil {
			t.Fatal(err)
		}
		w.pool("a").run(t.Context())
		if got := w.keys(); got["Enabled"] != 1 || got["Disabled"] != 1 {
			t.Errorf("keys: %v", got)
		}
		w.sound()
	})
}

// KMS answers no CreateKey, and carries out each. A key that may have been made stays
// counted, so a day of that makes no more than max_attempts runs can. After the first
// of them the next run goes on at once; then one runs an hour.
func TestUnansweredKeysAreCounted(t *testing.T) {
	for _, c := range []struct{ name, plan string }{
		{"three pools", onePlan}, {"two attempts", onePlan + "    max_attempts: 2\n    prepublish: 2d\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, c.plan)
				key := w.plan.Keys[0]
				w.fault(sandbox.Fault{Operation: "CreateKey", Kind: sandbox.Lose})
				made := w.keys()["Enabled"]
				for range 3 {
					w.pool("a").run(t.Context())
					w.pool("b").run(t.Context())
					w.advance(15 * time.Minute)
				}
				if n := w.keys()["Enabled"] - made; n != 2*plan.MaxTries {
					t.Errorf("%d keys were made within the hour", n)
				}
				w.dayOfCron(3, nil)
				if n, most := w.keys()["Enabled"]-made, key.MaxAttempts*plan.MaxTries; n != most {
					t.Errorf("%d keys were made in a day, want %d", n, most)
				}
				if r := w.record(key); r.Hold == nil || !r.Hold.Self {
					t.Errorf("the key does not hold itself: %+v %+v", r.Hold, r.Attempts)
				}
				w.noFaults()
				w.asks(plan.Request{Verb: plan.VerbRelease}).mustRun()
				w.pool("after").mustRun()
				w.advance(3 * day)
				w.pool("after").mustRun()
				if r := w.record(key); r.Generation != 2 || r.Active != 2 || r.Attempts != nil {
					t.Errorf("%s, attempts %+v", r, r.Attempts)
				}
			})
		})
	}
}
