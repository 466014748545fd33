package rotate

import "sync"

// Counter counts the keys of a run by how far the run is with them. The parts of a run share
// it. The zero value is ready for concurrent use.
type Counter struct {
	mu   sync.Mutex
	keys [finished + 1]int
}

// phase is how far a run is with a key.
type phase int

const (
	waiting phase = iota
	inWork
	finished
)

// Keys returns how many keys are finished, and how many are in work.
func (c *Counter) Keys() (done, working int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keys[finished], c.keys[inWork]
}

// is notes how far the run is with the key.
func (w *worker) is(now phase) {
	c := w.runner.Counter
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys[w.phase]--
	c.keys[now]++
	w.phase = now
}
