package wave

import (
	"sync"

	"github.com/keyturn/keyturn/internal/rotate"
)

// Progress is how far a wave under way is. Anybody may ask at any time. The zero value is
// ready for waves, one after the other.
type Progress struct {
	mu   sync.Mutex
	keys int
	runs []*rotate.Counter
}

// Keys returns how many keys the run that is farthest has finished, on how many the runs are
// at work together, and how many are left.
func (p *Progress) Keys() (finished, inWork, waiting int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, run := range p.runs {
		done, working := run.Keys()
		finished, inWork = max(finished, done), inWork+working
	}
	inWork = min(inWork, p.keys-finished) // several runs may look at one key
	return finished, inWork, p.keys - finished - inWork
}

// begin begins another wave. It is no error to have no progress.
func (p *Progress) begin(keys int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys, p.runs = keys, nil
}

// run returns what counts the keys of one more run; nil if nobody asks.
func (p *Progress) run() *rotate.Counter {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := new(rotate.Counter)
	p.runs = append(p.runs, c)
	return c
}
