//go:build unix

package interrupted

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// hook is a server of HTTPS that a plan names, and counts what it is told.
type hook struct {
	*httptest.Server
	told atomic.Int32
	// came gets a word when something came, before it is answered; each waits for go on.
	came, goOn chan struct{}
}

func newHook(t *testing.T, w *world) *hook {
	t.Helper()
	h := &hook{came: make(chan struct{}, 16), goOn: make(chan struct{})}
	h.Server = httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		h.told.Add(1)
		h.came <- struct{}{}
		<-h.goOn
	}))
	t.Cleanup(h.Close)
	roots := filepath.Join(w.dir, "roots.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw})
	if err := os.WriteFile(roots, text, 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = []string{"SSL_CERT_FILE=" + roots}
	plan := planYAML + "notify: [{on: [rotated, failed, refused], webhook: '" + h.URL + "/hook'}]\n"
	if err := os.WriteFile(w.plan, []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// finishing matches the write that finishes a rotation: the one after the alias move.
func finishing() func(request) bool {
	moved := false
	return func(q request) bool {
		moved = moved || q.operation == "UpdateAlias"
		return moved && q.operation == "UpdateItem"
	}
}

// copying matches the copy into the ledger, which follows it.
func copying() func(request) bool {
	finished, done := finishing(), false
	return func(q request) bool {
		done = done || finished(q)
		return done && q.operation == "PutItem"
	}
}

// A run that is killed has told of its rotation once or not at all, and no later run tells
// of it again. A rotation that another run finishes is told by that one.
func TestKilledBeforeItTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		which func(request) bool
		where moment
		want  int32
	}{
		{"before the finish is written", finishing(), before, 1},
		{"before the finish is answered", finishing(), after, 0},
		{"after the finish is answered", copying(), before, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := open(t, due.state(t))
			h := newHook(t, w)
			close(h.goOn)
			p, held := w.startHeld("first", c.which, c.where, "run")
			p.kill()
			held.cut()
			w.settles()
			if got := h.told.Load(); got != c.want {
				t.Errorf("told %d times, want %d", got, c.want)
			}
		})
	}
	t.Run("while it tells", func(t *testing.T) {
		t.Parallel()
		w := open(t, due.state(t))
		h := newHook(t, w)
		p := w.start("first", "run")
		<-h.came
		p.kill()
		close(h.goOn)
		w.settles()
		if got := h.told.Load(); got != 1 {
			t.Errorf("told %d times", got)
		}
	})
}
