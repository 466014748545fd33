//go:build unix

package interrupted

import (
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// cron is what the pools beside run. The default of --wait is counted on AWS's
// clock, which jumps here, and would leave a busy machine half a minute.
var cron = []string{"run", "--wait", "10m"}

// act is something keyturn does in one run, and which is interrupted.
type act struct {
	// from is the state in which the act begins.
	from *stage
	args []string
	// third is what the third pool does in that time; the default is cron's run.
	third []string
	// done checks the result at the very end. began reports whether
	// the interrupted run has written its intent; what had not begun may have
	// been left undone only by a person's verb, which no other run repeats.
	done func(t *testing.T, r *plan.Record, began bool)
}

var rotation = act{
	from: due,
	args: []string{"run"},
	done: func(t *testing.T, r *plan.Record, _ bool) {
		if r.Generation != 2 || r.Active != 2 || len(r.Draining()) != 1 {
			t.Errorf("not rotated once: %s, v%d, draining %+v", r, r.Active, r.Draining())
		}
	},
}

// undone is a rotation that a person takes back while it is interrupted.
var undone = act{
	from:  due,
	args:  []string{"run"},
	third: rollback.args,
	done: func(t *testing.T, r *plan.Record, _ bool) {
		if r.Active > 2 || len(r.Draining()) > 1 {
			t.Errorf("rotated more than once: %s, v%d, draining %+v", r, r.Active, r.Draining())
		}
	},
}

var rollback = act{
	from: rotated,
	args: []string{"rollback", name, "--reason", "incident 7", "--confirm", name},
	done: func(t *testing.T, r *plan.Record, began bool) {
		generation, version := int64(3), int64(1)
		if !began {
			generation, version = 2, 2
		}
		if r.Generation != generation || r.Active != version || len(r.Draining()) != 1 {
			t.Errorf("rolled back %v: %s, v%d, draining %+v", began, r, r.Active, r.Draining())
		}
	},
}

var disabling = act{
	from: drained,
	args: []string{"run"},
	done: func(t *testing.T, r *plan.Record, _ bool) {
		if len(r.Draining()) != 0 || len(r.Retired()) != 1 || r.Retired()[0].DisabledAt.IsZero() ||
			!r.Retired()[0].DeleteAt.IsZero() {
			t.Errorf("v1 was not disabled: draining %+v, retired %+v", r.Draining(), r.Retired())
		}
	},
}

var deletion = act{
	from: disabled,
	args: []string{"run"},
	done: func(t *testing.T, r *plan.Record, _ bool) {
		if len(r.Retired()) != 1 || r.Retired()[0].DeleteAt.IsZero() {
			t.Errorf("v1 was not deleted: retired %+v", r.Retired())
		}
	},
}

// thirdPool returns what the third pool types, and how that may end: the answer to a
// person may be to wait, or that there is no version to go back to.
func (a act) thirdPool() (args []string, exits []int) {
	if a.third != nil {
		return a.third, []int{0, 11, 13}
	}
	return cron, []int{0}
}

// undisturbed carries an act out and gives the operations of its requests, in
// order.
func (a act) undisturbed(t *testing.T) (operations []string) {
	t.Helper()
	w := open(t, a.from.state(t))
	defer w.logFailure()
	begun := w.look()
	w.start("victim", a.args...).ends(0)
	for _, s := range w.story.soFar() {
		operations = append(operations, s.operation)
	}
	w.settles()
	a.done(t, w.atTheEnd(begun), true)
	t.Logf("%d requests: %v", len(operations), operations)
	return operations
}

// pastLease and pastFence are how far AWS's clock goes while a process is dead
// or stopped.
const (
	pastLease = plan.LeaseFor + 2*time.Second
	pastFence = plan.FenceFor + plan.LeaseFor
)
