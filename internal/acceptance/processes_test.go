package acceptance

import (
	"fmt"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

const pools = 32

func dueEmbedded(t *testing.T) *world {
	t.Helper()
	return newWorld(t, backend{embedded, openEmbedded}).adopted().due()
}

// Thirty-two pools start keyturn at the same instant. One version is made, the
// alias is moved once, and all of them say that the window is done.
func TestProcessesAtOnce(t *testing.T) {
	t.Parallel()
	w := dueEmbedded(t)
	for _, r := range w.start(w.runs(pools), func(string) {}) {
		if r.exit != 0 {
			t.Errorf("%s: exit %d\n%s", r.pool, r.exit, r.said())
		}
	}
	w.rotatedOnce()
}

// The run that rotates is killed after each of its calls in turn: the call has
// been applied, and it never learns so. The others take over: all of them
// exit 0, with at most one orphan and one move more, and those rightly placed.
func TestKilledAfterEachCall(t *testing.T) {
	t.Parallel()
	calls := 0
	dueEmbedded(t).killAmong(1, func(string) bool { calls++; return false })
	if calls < 14 {
		t.Fatalf("a rotation makes %d calls", calls)
	}
	step := 1
	if testing.Short() {
		step = 5
	}
	for n := 1; n <= calls+1; n += step {
		t.Run(fmt.Sprintf("after call %d", n), func(t *testing.T) {
			t.Parallel()
			if died := dueEmbedded(t).killAmong(pools, afterCalls(n)); died != (n <= calls) {
				t.Errorf("of %d calls; the run was killed: %v", calls, died)
			}
		})
	}
}

// killAmong starts pools and kills pool0 at one of its calls. It checks that
// the others end the rotation, and reports whether pool0 died.
func (w *world) killAmong(pools int, last func(operation string) bool) (died bool) {
	t := w.t
	t.Helper()
	commands := w.runs(pools, "--wait", "5m")
	w.gate.kills("pool0", last, func() {
		w.kill("pool0")
		// A dead run's lease ends by AWS's clock.
		_ = w.cloud.advance(plan.LeaseFor + time.Second)
	})
	results := w.start(commands, func(pool string) {
		if pool == "pool0" {
			w.gate.open() // also if it ended before it could be killed
		}
	})
	for _, r := range results {
		switch {
		case r.exit == 0:
		case r.pool == "pool0" && r.exit == -1:
			died = true
		default:
			t.Errorf("%s: exit %d\n%s", r.pool, r.exit, r.said())
		}
	}
	got := w.gate.changes()
	if got["CreateKey"] > 2 || got["CreateKey"] < 1 || got["UpdateAlias"] > 2 || got["UpdateAlias"] < 1 {
		t.Errorf("changes of KMS: %v", got)
	}
	w.settled(2, 2)
	return died
}

// rotatedOnce checks what must be true after the one rotation that was due, of
// an adopted key.
func (w *world) rotatedOnce() {
	w.t.Helper()
	r := w.settled(2, 2)
	if len(r.Draining()) != 1 || r.Draining()[0].Version != 1 {
		w.t.Errorf("draining %+v", r.Draining())
	}
	// v1 was adopted, so its version alias is created first.
	got := w.gate.changes()
	if got["CreateKey"] != 1 || got["UpdateAlias"] != 1 || got["CreateAlias"] != 2 || len(got) != 3 {
		w.t.Errorf("changes of KMS: %v", got)
	}
}
