package rotate

import (
	"fmt"
	"sync"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// progress is when a run last saw one of its keys get on, by its own work or another
// run's. The parts of a run share it. The zero value is ready for concurrent use.
type progress struct {
	mu   sync.Mutex
	last time.Time
}

// made takes in that a key got on.
func (p *progress) made(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.After(p.last) {
		p.last = now
	}
}

// at returns when a key last got on, or when the run began.
func (p *progress) at() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// waitsOnOneKey is for how many times --wait a run stands by for one step of one key,
// while others get on: a key that never gets on must not keep a run for ever.
const waitsOnOneKey = 10

// standsByUntil returns until when this run stands by for the key: until --wait has
// passed without progress on any of its keys, and for ten times as long at most.
func (w *worker) standsByUntil() time.Time {
	until := w.progress.at().Add(w.runner.Wait)
	if most := w.standingBy.Add(waitsOnOneKey * w.runner.Wait); !w.standingBy.IsZero() && most.Before(until) {
		return most
	}
	return until
}

// maxActs limits the acts of one run on one key without progress: a loop in the
// decision must not become a loop of calls. A rotation takes about 15 acts.
const maxActs = 400

// endlessly reports whether there were too many acts without progress. A rebuild looks
// at every version that is listed before it writes, so those come on top.
func (w *worker) endlessly() bool {
	limit := maxActs
	if l := w.observed.Listing; l != nil {
		limit += len(l.Versions)
	}
	return w.acts >= limit
}

// noteProgress compares the record in hand with how far the key was. If it got on, by
// any run, the run's patience and the count of acts begin again.
func (w *worker) noteProgress() {
	stands := stateOf(w.record)
	if stands == w.stands {
		return
	}
	w.stands, w.acts, w.standingBy = stands, 0, time.Time{}
	w.progress.made(w.runner.Now())
}

// stateOf describes how far a key is: its generation, its step and the states of its
// versions. Leases, marks, notes and looks are no progress.
func stateOf(r *plan.Record) string {
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
func (w *worker) endless() {
	w.report.Record, w.report.Outcome = w.record, plan.Failed
	w.report.Err = &EndlessError{Key: w.policy.Name, Acts: w.acts}
}
