package acceptance

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

var silent = log.New(io.Discard, "", 0)

// gate stands before a cloud and counts what passes. While victim is set,
// everybody else waits at the gate; the victim is killed when its last call has
// been carried out, before that is answered. One call can be held back. Whatever
// still waits when the test ends is let go: see end.
type gate struct {
	next http.Handler

	mu sync.Mutex
	// asked counts the requests, by operation.
	asked map[string]int
	// done counts those answered with success.
	done   map[string]int
	victim string
	last   func(operation string) bool
	kill   func()
	opened chan struct{}
	holds  *held

	// end lets everything go that waits, unanswered: the test is over, and a case
	// that has failed had no time to do it.
	end  context.CancelFunc
	over context.Context
}

func newGate(next http.Handler) *gate {
	g := &gate{next: next}
	g.over, g.end = context.WithCancel(context.Background())
	g.reset()
	return g
}

// held is a call that was made and has not arrived yet.
type held struct {
	operation string
	came, let chan struct{}
	ended     chan struct{}
	// status is that of the last answer.
	status int
}

// kills makes pool the victim: it alone may call, until the first call of which
// last is true has been carried out; then it is killed and the gate opens.
func (g *gate) kills(pool string, last func(operation string) bool, kill func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.victim, g.last, g.kill, g.opened = strings.ToUpper(pool), last, kill, make(chan struct{})
}

// afterCalls is true of the n-th call.
func afterCalls(n int) func(string) bool {
	return func(string) bool {
		n--
		return n == 0
	}
}

// open lets everybody through.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.victim != "" {
		g.victim = ""
		close(g.opened)
	}
}

// hold keeps the next call of an operation back until h.let is closed.
func (g *gate) hold(operation string) *held {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds = &held{operation: operation, came: make(chan struct{}), let: make(chan struct{}),
		ended: make(chan struct{})}
	return g.holds
}

// reset starts counting again.
func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked, g.done = map[string]int{}, map[string]int{}
}

// changes returns the calls that changed KMS, by operation.
func (g *gate) changes() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	counts := map[string]int{}
	for _, operation := range []string{"CreateKey", "CreateAlias", "UpdateAlias", "DeleteAlias", "EnableKey",
		"DisableKey",
		"ScheduleKeyDeletion", "CancelKeyDeletion", "PutKeyPolicy", "TagResource"} {
		if n := g.done[operation]; n > 0 {
			counts[operation] = n
		}
	}
	return counts
}

func (g *gate) requests(operation string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked[operation]
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := operationOf(r)
	g.mu.Lock()
	victim, opened := g.victim, g.opened
	mine := victim != "" && strings.Contains(r.Header.Get("Authorization"), "Credential="+victim+"/")
	last := mine && g.last(operation)
	h := g.holds
	if h != nil && h.operation == operation {
		g.holds = nil
	} else {
		h = nil
	}
	g.mu.Unlock()
	if victim != "" && !mine {
		select {
		case <-opened:
		case <-r.Context().Done():
			return
		case <-g.over.Done():
			return
		}
	}
	if h != nil && !h.wait(r, g.over.Done()) {
		return
	}
	if h == nil && !last {
		g.pass(w, r)
		return
	}
	// No client waits for the answer any more. A backend may send none.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), *processTime)
	defer cancel()
	defer context.AfterFunc(g.over, cancel)()
	status := g.pass(httptest.NewRecorder(), r.WithContext(ctx))
	if h != nil {
		h.status = status
		close(h.ended)
		return
	}
	g.kill()
	g.open()
}

// wait keeps a request, with its body, until it is let go, and reports whether it
// was: the test may be over before.
func (h *held) wait(r *http.Request, over <-chan struct{}) bool {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	close(h.came)
	select {
	case <-h.let:
		return true
	case <-over:
		return false
	}
}

// pass lets a call through, counts it, and returns the status it was answered
// with.
func (g *gate) pass(w http.ResponseWriter, r *http.Request) int {
	operation := operationOf(r)
	g.mu.Lock()
	g.asked[operation]++
	g.mu.Unlock()
	s := &statusWriter{ResponseWriter: w, answered: func(status int) {
		if status == http.StatusOK {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.done[operation]++
		}
	}}
	g.next.ServeHTTP(s, r)
	return s.status
}

// statusWriter reports a status before the client sees it: when a process
// has ended, all its calls have been counted.
type statusWriter struct {
	http.ResponseWriter
	answered func(status int)
	status   int
}

// WriteHeader notes the status.
func (s *statusWriter) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
		s.answered(status)
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write is WriteHeader too, if that was not called.
func (s *statusWriter) Write(b []byte) (int, error) {
	if s.status == 0 {
		s.WriteHeader(http.StatusOK)
	}
	return s.ResponseWriter.Write(b)
}
