package awscall

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// AWS documents no quota for IAM's calls, so a client begins fast, and finds its pace when AWS
// throttles. The limiter of the SDK's adaptive mode would do that, too, but where a pause is
// rounded to nothing, it spins.
const (
	fastest = rate.Limit(50) // calls per second
	slowest = rate.Limit(1)
	// slower is what a throttled call leaves of the pace, and faster what an answer makes of it.
	slower = 0.6
	faster = 1.03
	// settles is how long a new pace is tried before it falls again: quotas are counted by
	// the second.
	settles = time.Second
)

// queryPace spaces out calls. The zero value is not ready.
type queryPace struct {
	limiter *rate.Limiter
	mu      sync.Mutex
	fell    time.Time
}

func newQueryPace() *queryPace { return &queryPace{limiter: rate.NewLimiter(fastest, 1)} }

// turn waits for the next turn and returns when it came. Its error is the context's.
func (p *queryPace) turn(ctx context.Context) (time.Time, error) {
	err := p.limiter.Wait(ctx)
	return time.Now(), err
}

// learn adapts the pace to the answer of a call whose turn came at a time.
func (p *queryPace) learn(turn time.Time, throttled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch limit := p.limiter.Limit(); {
	case !throttled:
		p.limiter.SetLimit(min(fastest, limit*faster))
	case turn.Sub(p.fell) > settles:
		p.fell = time.Now()
		p.limiter.SetLimit(max(slowest, limit*slower))
	}
}
