package rotate_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// The schedule that breaks every rotation with a lock alone: a run is paused
// between its last check and its UpdateAlias; another finishes that rotation; a
// person rotates again, as soon as that is allowed; the paused run goes on. Its
// request was signed before it was confirmed, so by then AWS refuses it, and
// the alias stays. The pause is put at both places where there is one: before
// the bytes leave, and after the confirming write was answered. With a fence
// shorter than a signature's life the first fails; with the signature made
// after the write, the second.
func TestStaleMoveIsRefused(t *testing.T) {
	for _, at := range []struct {
		name string
		park func(*world) *parkAt
	}{
		{"before the bytes leave", func(w *world) *parkAt { return newParkAt(w, "UpdateAlias", 1, false) }},
		{"after the confirming write", func(w *world) *parkAt { return newParkAt(w, "UpdateItem", 2, true) }},
	} {
		t.Run(at.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := due(t, onePlan)
				key := w.plan.Keys[0]
				parked := at.park(w)
				stale := make(chan *rotate.Report)
				go func() {
					p := w.poolOn("stale", parked)
					// A suspended machine's monotonic clock stands still too: the run
					// cannot know how late it is.
					awake := p.Now
					p.Now = func() time.Time {
						if parked.suspended.IsZero() {
							return awake()
						}
						return parked.suspended
					}
					stale <- p.run(t.Context())
				}()
				<-parked.held
				if r := w.record(key); r.Step != plan.Switching || r.Fence == nil {
					t.Fatalf("paused at the wrong place: %s", r)
				}

				time.Sleep(plan.LeaseFor + time.Second) // for everybody else
				w.pool("b").mustRun()
				r := w.record(key)
				if r.Generation != 2 || r.Step != plan.Steady || !r.Fenced(w.aws.Now()) {
					t.Fatalf("%s, fence %+v: the paused run's signature is out", r, r.Fence)
				}
				person := w.asks(plan.Request{Verb: plan.VerbRotate, Again: true})
				person.Wait = time.Hour
				person.mustRun()
				if r = w.record(key); r.Generation != 3 || w.names(key.Alias) != r.Live().KeyID {
					t.Fatalf("the person's rotation: %s", r)
				}

				seq := w.seq()
				close(parked.release)
				report := <-stale
				if got := w.names(key.Alias); got != r.Live().KeyID {
					t.Errorf("the stale run moved the alias back to %s", got)
				}
				if last := lastCall(w, "UpdateAlias"); last.Seq <= seq || last.Error != "InvalidSignatureException" {
					t.Errorf("the stale UpdateAlias was answered %d %q", last.Status, last.Error)
				}
				if now := w.record(key); now.Generation != 3 || now.Step != plan.Steady {
					t.Errorf("after the stale run: %s", now)
				}
				if k := report.Keys[0]; k.Did(plan.WriteFinish) {
					t.Error("the stale run wrote that it finished")
				}
			})
		})
	}
}

// parkAt is a transport that stops at the n-th call of an operation, before it
// leaves or when it was answered.
type parkAt struct {
	next      http.RoundTripper
	operation string
	nth       int
	answered  bool
	held      chan struct{}
	release   chan struct{}
	suspended time.Time // when it stopped, by AWS's clock
	now       func() time.Time
}

func newParkAt(w *world, operation string, nth int, answered bool) *parkAt {
	return &parkAt{next: w.aws.RoundTripper(), now: w.aws.Now, operation: operation, nth: nth, answered: answered,
		held: make(chan struct{}), release: make(chan struct{})}
}

// RoundTrip is called by one run, one call at a time.
func (p *parkAt) RoundTrip(r *http.Request) (*http.Response, error) {
	here := false
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+p.operation) {
		p.nth--
		here = p.nth == 0
	}
	if here && !p.answered {
		p.hold()
	}
	res, err := p.next.RoundTrip(r)
	if here && p.answered {
		p.hold()
	}
	return res, err
}

func (p *parkAt) hold() {
	p.suspended = p.now()
	close(p.held)
	<-p.release
}
