package cmd

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// outside is what a plan names outside AWS: a server of HTTPS on loopback.
type outsider struct {
	*httptest.Server
	mu     sync.Mutex
	paths  []string
	bodies []string
	header []http.Header
	// refuse is how many calls of a path are refused.
	refuse map[string]int
}

func newOutsider(t *testing.T) *outsider {
	t.Helper()
	o := &outsider{refuse: map[string]int{}}
	o.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.refuse[r.URL.Path] > 0 {
			o.refuse[r.URL.Path]--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		o.paths, o.bodies = append(o.paths, r.URL.Path), append(o.bodies, string(body))
		o.header = append(o.header, r.Header)
	}))
	t.Cleanup(o.Close)
	return o
}

// heard returns the paths that were called since the last time.
func (o *outsider) heard() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.paths
	o.paths = nil
	return all
}

// adds puts lines at the top of the cloud's plan.
func (c *cloud) adds(lines string) {
	c.t.Helper()
	if err := os.WriteFile(c.plan, []byte(lines+onePlan), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// tells runs keyturn with an outsider that it trusts.
func (c *cloud) tells(o *outsider, want int, args ...string) *process {
	c.t.Helper()
	p := newProcess()
	p.Outside = o.Client().Transport
	if _, exit := c.runIn(c.t.Context(), p, args...); exit != want {
		c.t.Fatalf("%v: exit %d, want %d\n%s", args, exit, want, p.err.String())
	}
	return p
}

// Every run that acts, has nothing due or fails pings its end; with every, its start too.
func TestPing(t *testing.T) {
	o := newOutsider(t)
	c := newCloud(t)
	c.adds("ping: " + o.URL + "/check-1\n")
	for _, by := range []string{"", "ping_by: every\n"} {
		start := []string{"/check-1/start"}
		if by == "" {
			start = nil
		}
		c.adds("ping: " + o.URL + "/check-1\n" + by)
		c.tells(o, 10, "run", "--detailed-exitcode")
		if got := o.heard(); !reflect.DeepEqual(got, append(start, "/check-1")) {
			t.Errorf("%q, a rotation: %v", by, got)
		}
		c.tells(o, 0, "run")
		if got := o.heard(); !reflect.DeepEqual(got, append(start, "/check-1")) {
			t.Errorf("%q, nothing due: %v", by, got)
		}
		c.advance(91 * day)
	}
	c.drift()
	c.tells(o, 13, "run")
	if got := o.heard(); !reflect.DeepEqual(got, []string{"/check-1/start", "/check-1/13"}) {
		t.Errorf("a refusal: %v", got)
	}
	if last := o.bodies[len(o.bodies)-1]; !strings.Contains(last, "pool pool-1: exit 13; 1 keys: 0 changed") {
		t.Errorf("%q", last)
	}
	c.adds("ping: " + o.URL + "/check-1\naccount: '999999999999'\n") // and a run that did not come to its keys
	p := newProcess()
	p.Outside, p.vars["AWS_PROFILE"] = o.Client().Transport, "x"
	c.transport = nil
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_PROFILE", "there-is-none")
	if _, exit := c.runIn(t.Context(), p, "run"); exit == 0 {
		t.Error("it has credentials")
	}
	if got := o.heard(); len(got) != 1 || !strings.HasPrefix(got[0], "/check-1/") {
		t.Errorf("no credentials: %v", got)
	}
}

// A second try is made; a ping that fails is a warning, without the address, which may be a
// secret, and changes no exit code.
func TestPingFails(t *testing.T) {
	o := newOutsider(t)
	c := newCloud(t)
	c.adds("ping: " + o.URL + "/secret\n")
	o.refuse["/secret"] = 1
	if p := c.tells(o, 0, "run"); p.err.Len() > 0 && strings.Contains(p.err.String(), "pinged") {
		t.Errorf("once refused: %s", p.err.String())
	}
	if got := o.heard(); len(got) != 1 {
		t.Errorf("once refused: %v", got)
	}
	o.refuse["/secret"] = 2
	p := c.tells(o, 0, "run")
	if said := p.err.String(); !strings.Contains(said, "warning: not pinged: 127.0.0.1:") ||
		!strings.Contains(said, "answered 503") || strings.Contains(said, "secret") {
		t.Errorf("refused: %s", said)
	}
	p = newProcess() // one that does not trust it
	p.Outside = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") })
	if _, exit := c.runIn(t.Context(), p, "run"); exit != 0 || !strings.Contains(p.err.String(), "no route") ||
		strings.Contains(p.err.String(), "secret") {
		t.Errorf("exit %d: %s", exit, p.err.String())
	}
}

// With winner, one that only waited for another run says nothing.
func TestPingOfTheWinner(t *testing.T) {
	o := newOutsider(t)
	c := newCloud(t)
	c.adds("ping: " + o.URL + "/check-1\n")
	came, open := c.gate.close("CreateKey")
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.tells(o, 0, "run")
	}()
	<-came
	c.tells(o, 11, "run", "--wait", "0s")
	if got := o.heard(); len(got) != 0 {
		t.Errorf("it stood by: %v", got)
	}
	open()
	<-done
	if got := o.heard(); !slices.Equal(got, []string{"/check-1"}) {
		t.Errorf("it acted: %v", got)
	}
}

// Only a key that another run's lease holds, or that another run rotated, is somebody else's.
func TestStoodBy(t *testing.T) {
	for code, want := range map[plan.Code]bool{plan.CodeLeased: true, plan.CodeThrottled: false,
		plan.CodeFenced: false} {
		r := &rotate.Report{Keys: []rotate.KeyReport{{Policy: &plan.Policy{}, Busy: true,
			Reasons: []plan.Reason{{Code: code}}}}}
		if got := stoodBy(r, r.Exit(false)); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// What only looks calls no address of the plan, and neither does --sandbox.
func TestLooksCallNoAddress(t *testing.T) {
	c := newCloud(t)
	c.adds("ping: https://127.0.0.1:1/check\nping_by: every\n")
	for _, args := range [][]string{{"run", "--dry-run"}, {"run", "--dry-run", "--ask"}, {"status"}, {"audit"},
		{"verify"},
		{"validate", c.plan},
		{"history", "orders-data", "--verify"}, {"cost"},
		{"rehearse", "--plan", c.plan, "--years", "0.3", "--pools", "2"},
		{"audit", "--evidence", "--since", "2026-01-01"},
		{"run", "--sandbox", "--sandbox-state", t.TempDir() + "/state.json"}} {
		p := newProcess()
		p.Outside = roundTrip(func(r *http.Request) (*http.Response, error) {
			t.Errorf("%v calls %s", args, r.URL)
			return nil, errors.New("no")
		})
		if _, exit := c.runIn(t.Context(), p, args...); exit == 64 {
			t.Errorf("%v: %s", args, p.err.String())
		}
		if strings.Contains(p.err.String(), "not pinged") {
			t.Errorf("%v: %s", args, p.err.String())
		}
	}
}
