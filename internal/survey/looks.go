package survey

import "sync"

// Looks counts the keys that a command looks at, one way or another, by how far it is with
// them. The zero value is ready for concurrent use.
type Looks struct {
	mu              sync.Mutex
	finished, began int
}

// Keys returns, of so many keys, how many were looked at, and how many are being looked at. A
// key that is looked at again is not finished meanwhile.
func (l *Looks) Keys(of int) (finished, inWork int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	inWork = l.began - l.finished
	return max(0, min(l.finished, of-inWork)), inWork
}

// Reset begins to count again, for the next look at all keys.
func (l *Looks) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.finished, l.began = 0, 0
}

// begin notes that a key is being looked at, until the function that it returns is called.
func (l *Looks) begin() (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.began++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.finished++
	}
}
