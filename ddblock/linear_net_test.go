package ddblock

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// courier is a network on which each request is late and about half meet with
// something worse. What it does to a request is drawn when it is sent.
type courier struct {
	next   http.RoundTripper
	met    *tally
	mu     sync.Mutex
	random *rand.Rand
	silent int            // so many requests more get no answer
	onWay  sync.WaitGroup // requests whose sender is no longer waiting
}

// arrived waits until nothing is on its way any more.
func (c *courier) arrived() { c.onWay.Wait() }

// errBroken is all that a sender hears of a connection that broke.
var errBroken = errors.New("connection reset by peer")

func (c *courier) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	outcome, delay := c.draw()
	c.met.note(outcome)
	pass := func() (*http.Response, error) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return c.next.RoundTrip(again)
	}
	time.Sleep(delay / 8)
	switch outcome {
	case "dropped":
		return nil, errBroken
	case "lost":
		c.forget(pass)
		return nil, errBroken
	case "error": // AWS's own, after the effect
		c.forget(pass)
		return answer(r, http.StatusInternalServerError, "InternalServerError"), nil
	case "refused":
		return answer(r, http.StatusBadRequest, "AccessDeniedException"), nil
	case "late": // the sender has given up, and it arrives among later ones
		c.later(delay, pass)
		return nil, errBroken
	case "twice": // and the second answer is the one that comes back
		c.forget(pass)
	case "echo":
		c.later(delay, pass)
	}
	return pass()
}

// draw returns what happens to a request. Some are so late that their signature is
// almost over. Now and then nothing is carried out and answered for a while,
// longer than Write is patient.
func (c *courier) draw() (outcome string, delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	outcomes := []string{"refused", "lost", "dropped", "error", "late", "twice", "echo",
		"passed", "passed", "passed", "passed", "passed", "passed", "passed", "passed"}
	if c.random.IntN(40) == 0 {
		c.silent = 25
	}
	if c.silent > 0 {
		c.silent--
		outcomes = outcomes[:5]
	}
	delay = time.Duration(1 + c.random.Int64N(int64(1600*time.Millisecond)))
	if c.random.IntN(8) == 0 {
		delay *= 100
	}
	return outcomes[c.random.IntN(len(outcomes))], min(delay, 4*time.Minute)
}

// later passes a request on while its sender goes on.
func (c *courier) later(delay time.Duration, pass func() (*http.Response, error)) {
	c.onWay.Go(func() {
		time.Sleep(delay)
		c.forget(pass)
	})
}

// forget passes a request on and loses the answer.
func (c *courier) forget(pass func() (*http.Response, error)) {
	if response, err := pass(); err == nil {
		_ = response.Body.Close()
	}
}

// answer returns an error as DynamoDB writes it.
func answer(r *http.Request, status int, code string) *http.Response {
	text := `{"__type": "com.amazonaws.dynamodb.v20120810#` + code + `", "message": "an error of this test"}`
	return &http.Response{Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amzn-Requestid": {"lost"}},
		Body:          io.NopCloser(bytes.NewReader([]byte(text))),
		ContentLength: int64(len(text)), Request: r}
}

// tally counts what has been met.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (m *tally) note(what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counts == nil {
		m.counts = map[string]int{}
	}
	m.counts[what]++
}

func (m *tally) outcomes(history []porcupine.Operation) {
	for _, o := range history {
		if !o.Input.(access).write {
			continue
		}
		said := o.Output.(outcome)
		m.note("said " + said.kind)
		if said.past {
			m.note("lost to a follower of itself")
		}
	}
}

func (m *tally) want(t *testing.T, all ...string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	t.Log(m.counts)
	for _, what := range all {
		if m.counts[what] < 10 {
			t.Errorf("met %q only %d times", what, m.counts[what])
		}
	}
}
