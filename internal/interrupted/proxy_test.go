//go:build unix

package interrupted

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// moment is where in the life of a request it is held.
type moment string

const (
	before moment = "before" // it has left the process and was not applied
	after  moment = "after"  // it was applied and is not answered
)

// request is one call as the proxy saw it.
type request struct {
	// pool is that of the process that sent it, by its access key.
	pool string
	// n is the number of the request of that process, from 1.
	n int
	// operation is a name such as "UpdateAlias".
	operation string
	// held is the moment at which the request was held, if it was.
	held moment
	// status is that of AWS's answer.
	status int
}

// hold stops one request of one process. Its end is pass or cut.
type hold struct {
	pool  string
	which func(request) bool
	where moment
	met   bool
	// arrived gets the request when it has reached the proxy.
	arrived chan request
	// end gets true to let the request go on, false to break its connection.
	end chan bool
	// over is closed when that has happened.
	over chan struct{}
}

// pass lets the request, or its answer, go on, and returns when it has been
// applied and answered, also if no client waits for the answer.
func (h *hold) pass() {
	h.end <- true
	<-h.over
}

// cut breaks the connection: the request is never applied, or its answer never
// arrives.
func (h *hold) cut() {
	h.end <- false
	<-h.over
}

// proxy stands before the embedded AWS. It counts the requests of each process,
// holds some, and calls seen for each one that was applied.
type proxy struct {
	aws http.Handler
	// seen is called for one request at a time, before it is answered.
	seen func(request)

	mu    sync.Mutex
	count map[string]int
	// first has a channel that is closed with the first request of a process.
	first map[string]chan struct{}
	holds []*hold

	// turn is held while a request is applied and seen.
	turn sync.Mutex
}

func newProxy(aws http.Handler, seen func(request)) *proxy {
	return &proxy{aws: aws, seen: seen, count: map[string]int{}, first: map[string]chan struct{}{}}
}

// nth returns the n-th request of a process, from 1.
func nth(n int) func(request) bool {
	return func(q request) bool { return q.n == n }
}

// call returns the first request for an operation.
func call(operation string) func(request) bool {
	return func(q request) bool { return q.operation == operation }
}

// hold arms the proxy for one request of a process, the first of which which
// is true.
func (p *proxy) hold(pool string, which func(request) bool, where moment) *hold {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Both have room for one, so that neither a request which nobody waits
	// for nor a verdict on one that never came holds anybody up.
	h := &hold{pool: pool, which: which, where: where,
		arrived: make(chan request, 1), end: make(chan bool, 1), over: make(chan struct{})}
	p.holds = append(p.holds, h)
	return h
}

// cutAll ends what is still held, so that the server can be closed.
func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.holds {
		select {
		case h.end <- false:
		default:
		}
	}
}

// begun is closed once a process has sent a request.
func (p *proxy) begun(pool string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.beginning(pool)
}

func (p *proxy) beginning(pool string) chan struct{} {
	if p.first[pool] == nil {
		p.first[pool] = make(chan struct{})
	}
	return p.first[pool]
}

// requests returns how many a process has sent.
func (p *proxy) requests(pool string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count[pool]
}

// arrive counts a request and finds the hold that is meant for it.
func (p *proxy) arrive(r *http.Request) (request, *hold) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if operation == "" {
		operation = "GetCallerIdentity" // STS names its calls in the body; we make only this one
	}
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(credential, "/")
	q := request{pool: strings.ToLower(id), operation: operation}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count[q.pool]++
	q.n = p.count[q.pool]
	if q.n == 1 {
		close(p.beginning(q.pool))
	}
	for _, h := range p.holds {
		if !h.met && h.pool == q.pool && h.which(q) {
			h.met, q.held = true, h.where
			return q, h
		}
	}
	return q, nil
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// All of it is read before anything else: what is held then needs no
	// connection, and lives on when its process is dead.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	q, h := p.arrive(r)
	if h != nil {
		defer close(h.over)
	}
	goesOn := func(where moment) bool {
		if h == nil || h.where != where {
			return true
		}
		h.arrived <- q
		return <-h.end
	}
	if !goesOn(before) {
		panic(http.ErrAbortHandler) // net/http's way to break a connection
	}
	answer := p.apply(q, r, body)
	if !goesOn(after) {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // a process that went away is what this is about
}

// apply passes a request to AWS, whether or not anybody still waits for the
// answer.
func (p *proxy) apply(q request, r *http.Request, body []byte) *httptest.ResponseRecorder {
	r = r.WithContext(context.WithoutCancel(r.Context()))
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	p.turn.Lock()
	defer p.turn.Unlock()
	p.aws.ServeHTTP(answer, r)
	q.status = answer.Code
	p.seen(q)
	return answer
}
