//go:build unix

package peers

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// moment is where in the life of a request it is held.
type moment string

const (
	before moment = "before" // it has left the process and was not applied
	after  moment = "after"  // it was applied and is not answered
)

// trap holds the first request for an operation, whichever process sends it.
type trap struct {
	operation string
	where     moment
	once      sync.Once
	// caught gets the process whose request is held.
	caught chan *process
	// release gets true to let the request go on, false to break its connection.
	release chan bool
	// end closes release.
	end sync.Once
}

func newTrap(operation string, where moment) *trap {
	return &trap{operation: operation, where: where, caught: make(chan *process, 1), release: make(chan bool, 1)}
}

// request is one call that AWS has answered.
type request struct {
	by        *process
	at        time.Time
	operation string
	status    int
	// target is the TargetKeyId of the request, made the KeyId of the answer.
	target, made string
}

// wire is between all processes of a world and its sandbox.
type wire struct {
	sandbox string // host and port
	trap    *trap

	mu       sync.Mutex
	requests []request
}

// listen returns the address of a proxy for one process.
func (w *wire) listen(t *testing.T, p *process) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, q *http.Request) {
		w.pass(p, answer, q)
	}))
	t.Cleanup(func() {
		if w.trap != nil { // where the test has failed, a request is held still, and Close waits for it
			w.trap.end.Do(func() { close(w.trap.release) })
		}
		server.Close()
	})
	return strings.TrimPrefix(server.URL, "http://")
}

func (w *wire) pass(p *process, answer http.ResponseWriter, q *http.Request) {
	// All of it is read first: what is held then outlives its process.
	body, err := io.ReadAll(q.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, operation, _ := strings.Cut(q.Header.Get("X-Amz-Target"), ".")
	goesOn := func(where moment) bool {
		caught := false
		if t := w.trap; t != nil && t.operation == operation && t.where == where {
			t.once.Do(func() { caught = true })
		}
		if !caught {
			return true
		}
		w.trap.caught <- p
		return <-w.trap.release
	}
	if !goesOn(before) {
		panic(http.ErrAbortHandler)
	}
	status, header, said := w.send(q, body)
	seen := request{by: p, at: time.Now(), operation: operation, status: status}
	var in struct{ TargetKeyId string }                  //nolint:revive // KMS's name
	var out struct{ KeyMetadata struct{ KeyId string } } //nolint:revive // KMS's name
	if json.Unmarshal(body, &in) == nil {
		seen.target = in.TargetKeyId
	}
	if operation == "CreateKey" && json.Unmarshal(said, &out) == nil {
		seen.made = out.KeyMetadata.KeyId
	}
	w.mu.Lock()
	w.requests = append(w.requests, seen)
	w.mu.Unlock()
	if !goesOn(after) {
		panic(http.ErrAbortHandler)
	}
	for name, values := range header {
		answer.Header()[name] = values
	}
	answer.WriteHeader(status)
	_, _ = answer.Write(said) // a process that is gone is what this is about
}

// send passes a request to the sandbox, whether or not anybody waits for the answer.
func (w *wire) send(q *http.Request, body []byte) (int, http.Header, []byte) {
	onward, err := http.NewRequest(q.Method, "http://"+w.sandbox+q.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	onward.Header = q.Header.Clone()
	answer, err := http.DefaultClient.Do(onward)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return answer.StatusCode, answer.Header, said
}

func (w *wire) seen() []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]request(nil), w.requests...)
}
