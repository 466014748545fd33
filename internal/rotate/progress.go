package rotate

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"
)

// maxActs limits the acts of one run on one key without progress: a loop in the
// decision must not become a loop of calls. A rotation takes about 15 acts.
const maxActs = 400

// actCount counts the acts since the last progress.
type actCount struct {
	n int
	// stands is what progressOf returned when the count began.
	stands string
}

// exceeded reports whether there were too many acts without progress. A rebuild
// looks at every version that is listed before it writes, so those come on top.
func (c *actCount) exceeded(l *plan.ListingSeen) bool {
	limit := maxActs
	if l != nil {
		limit += len(l.Versions)
	}
	return c.n >= limit
}

// restartOnProgress sets the count back if the key got on since.
func (c *actCount) restartOnProgress(r *plan.Record) {
	if now := progressOf(r); now != c.stands {
		c.n, c.stands = 0, now
	}
}

// progressOf describes how far a key is: its generation, its step and the states
// of its versions. Leases, marks, notes and looks are no progress.
func progressOf(r *plan.Record) string {
	if r == nil {
		return ""
	}
	s := fmt.Sprint(r.Generation, r.Step)
	for _, v := range r.Old() {
		s += fmt.Sprint(" ", v.Version, v.State, v.LookAfter.IsZero())
	}
	return s
}

// EndlessError is a fault of keyturn: it took more acts without progress than
// any step needs.
type EndlessError struct {
	// Key is the key's name in the plan.
	Key  string
	Acts int
}

func (e *EndlessError) Error() string {
	return fmt.Sprintf("%s: gave up after %d acts without progress", e.Key, e.Acts)
}

// endless finishes the report with an EndlessError.
func (w *worker) endless(acts int) {
	w.report.Record, w.report.Outcome = w.record, plan.Failed
	w.report.Err = &EndlessError{Key: w.policy.Name, Acts: acts}
}
