package rotate_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// aroundRead calls functions before and after the n-th read of several records at once is
// sent and answered.
type aroundRead struct {
	next          http.RoundTripper
	nth           int
	before, after func()
}

func (a *aroundRead) RoundTrip(r *http.Request) (*http.Response, error) {
	here := false
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".BatchGetItem") {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		if strings.Count(string(text), "alias/") > 1 {
			a.nth--
			here = a.nth == 0
		}
	}
	if !here {
		return a.next.RoundTrip(r)
	}
	a.before()
	answer, err := a.next.RoundTrip(r)
	a.after()
	return answer, err
}

// A run that goes on with one busy key reads the others again as well before it reports:
// by then other runs have finished them.
func TestReadsEveryBusyKeyAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wave(t, 2)
		var release []func()
		for i := range w.plan.Keys { // a run has died in the middle of each
			dying := newPark(w.wire(), "CreateKey")
			dead := w.poolOn("dying", dying)
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = dead.Do(t.Context(), w.plan.Keys[i:i+1], dead.request)
			}()
			<-dying.held
			release = append(release, func() { close(dying.release); <-done })
		}
		finish := func(i int) {
			other := w.pool("other")
			r, err := other.Do(t.Context(), w.plan.Keys[i:i+1], other.request)
			if err != nil || r.Exit(false) != plan.ExitDone {
				t.Errorf("the other run: %v, %v", r, err)
			}
		}
		// The first read of both is that of the start, the second one that before the report.
		p := w.poolOn("patient", &aroundRead{next: w.wire(), nth: 2,
			before: func() { finish(1) }, after: func() { finish(0) }})
		p.Wait = 10 * time.Second // less than the leases last
		r := p.run(t.Context())
		for _, k := range r.Keys {
			if k.Busy || k.Record.Active != 2 {
				t.Errorf("%s: busy %v, %s", k.Policy.Name, k.Busy, k.Record)
			}
		}
		for _, free := range release {
			free()
		}
		w.sound()
	})
}

// A clock that goes on while a run decides does not make it skip a window: what opens
// between a decision and its end is due, and the run rotates it.
func TestWindowOpensWhileDeciding(t *testing.T) {
	for tick := range 40 {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, onePlan)
			key := w.plan.Keys[0]
			w.makeKey(key.Alias)
			w.pool("first").mustRun()
			opens := plan.DueAt(w.aws.Now(), key, w.record(key)).Next
			w.advance(opens.Sub(w.aws.Now()) - 10*time.Second)
			p := w.pool("a")
			began, ticks := w.aws.Now(), 0
			p.Now = func() time.Time { // each reading is a tick later, and at the tick-th the window opens
				ticks++
				return opens.Add(w.aws.Now().Sub(began) + time.Duration(ticks-tick)*time.Microsecond)
			}
			k := only(t, p.run(t.Context()))
			if !k.Did(plan.WriteFinish) {
				t.Errorf("opens at tick %d: %s %v, exit %d", tick, k.Outcome, k.Reasons, k.Exit(false))
			}
		})
	}
}

// Only a rotation counts as one: somebody may have rolled the key back while a run waited.
func TestDoneByOther(t *testing.T) {
	live := func(n int64) *plan.Record { return &plan.Record{Active: n} }
	for _, c := range []struct {
		before, after *plan.Record
		done          bool
	}{
		{live(2), live(3), true},
		{live(2), live(2), false},
		{live(2), live(1), false},
		{live(0), live(1), false},
		{nil, live(1), false},
		{live(2), nil, false},
	} {
		if k := (rotate.KeyReport{Before: c.before, Record: c.after}); k.DoneByOther() != c.done {
			t.Errorf("%v, then %v: %v", c.before, c.after, k.DoneByOther())
		}
	}
}
