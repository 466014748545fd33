package acceptance

import (
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

const pools = 32

func (c *cloud) runs(args ...string) map[string]*exec.Cmd {
	commands := map[string]*exec.Cmd{}
	for i := range pools {
		pool := fmt.Sprintf("pool%d", i)
		commands[pool] = c.command(pool, append([]string{"run"}, args...)...)
	}
	return commands
}

// Thirty-two pools start keyturn at the same instant. One version is made, the
// alias is moved once, and all of them say that the window is done.
func TestProcessesAtOnce(t *testing.T) {
	c := newCloud(t)
	seq := c.seq()
	for _, r := range c.start(c.runs(), func(string) {}) {
		if r.exit != 0 {
			t.Errorf("%s: exit %d\n%s", r.pool, r.exit, r.out)
		}
	}
	got := c.changes(seq)
	c.rotatedOnce(t)
	// v1 was adopted, so its version alias is created first.
	if got["CreateKey"] != 1 || got["UpdateAlias"] != 1 || got["CreateAlias"] != 2 || len(got) != 3 {
		t.Errorf("changes of KMS: %v", got)
	}
}

// The run that rotates is killed after each of its calls in turn: the call has
// been applied, and it never learns so. The others take over: all of them
// exit 0, with at most one orphan and one move more, and those rightly placed.
func TestKilledAfterEachCall(t *testing.T) {
	const most = 40
	for n := 1; n <= most; n++ {
		if died := killedAfter(t, n); !died {
			if n < 15 {
				t.Errorf("the victim was not killed at call %d", n)
			}
			t.Logf("a rotation has %d calls; the run was killed after each", n-1)
			return
		}
	}
	t.Errorf("a run made more than %d calls", most)
}

// killedAfter kills pool0 after its n-th call, and tells whether it made that
// many.
func killedAfter(t *testing.T, n int) (died bool) {
	c := newCloud(t)
	seq := c.seq()
	commands := c.runs("--wait", "5m")
	c.gate.arm("pool0", n, func() {
		c.kill("pool0")
		// A dead run's lease is over when AWS's clock says so.
		_ = c.box.Advance(plan.LeaseFor + time.Second)
	})
	results := c.start(commands, func(pool string) {
		if pool == "pool0" {
			c.gate.open() // also if it ended before its n-th call
		}
	})
	for _, r := range results {
		switch {
		case r.exit == 0:
		case r.pool == "pool0" && r.exit == -1:
			died = true
		default:
			t.Errorf("killed after call %d: %s: exit %d\n%s", n, r.pool, r.exit, r.out)
		}
	}
	got := c.changes(seq)
	if got["CreateKey"] > 2 || got["CreateKey"] < 1 || got["UpdateAlias"] > 2 || got["UpdateAlias"] < 1 {
		t.Errorf("killed after call %d: changes of KMS: %v", n, got)
	}
	c.rotatedOnce(t)
	return died
}
