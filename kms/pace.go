package kms

import (
	"context"
	"sync"

	"golang.org/x/time/rate"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// The rates of mutating calls, per second. KMS allows 5 of each kind to the
// whole account in a Region, and every pool and person shares them.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
const (
	fullPace  = rate.Limit(4)
	leastPace = rate.Limit(0.25)
	// recovery is what each yes adds to the rate.
	recovery = rate.Limit(0.25)
)

// pace spaces out mutating calls. Every throttled answer halves the rate. It
// recovers slowly, so that many pools which share a quota settle below it.
type pace struct {
	host    Host
	limiter *rate.Limiter
	// mu guards reading and then setting the limit.
	mu sync.Mutex
}

func newPace(host Host) *pace {
	return &pace{host: host, limiter: rate.NewLimiter(fullPace, 1)}
}

// wait blocks until a call may be made. Its only error is the context's.
func (p *pace) wait(ctx context.Context) error {
	now := p.host.Now()
	turn := p.limiter.ReserveN(now, 1)
	if err := p.host.Pause(ctx, turn.DelayFrom(now)); err != nil {
		turn.CancelAt(p.host.Now())
		return err
	}
	return nil
}

// learn adapts the rate to the answer of a call.
func (p *pace) learn(a plan.Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch limit := p.limiter.Limit(); {
	case awscall.Throttled(a):
		p.limiter.SetLimitAt(p.host.Now(), max(limit/2, leastPace))
	case a.Verdict == plan.Yes:
		p.limiter.SetLimitAt(p.host.Now(), min(limit+recovery, fullPace))
	}
}
