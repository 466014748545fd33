package rehearsal

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// start is when every world begins.
var start = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// clock is the time of a world: AWS's.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

// host is the time of one pool's machine.
type host struct {
	aws *clock
	// ahead is what its wall clock shows more than AWS's.
	ahead time.Duration
	// asleep is how long it was suspended: its monotonic clock has missed that.
	asleep time.Duration
}

func (h *host) wall() time.Time      { return h.aws.now.Add(h.ahead) }
func (h *host) monotonic() time.Time { return h.aws.now.Add(h.ahead - h.asleep) }

const (
	minute = time.Minute
	day    = 24 * time.Hour
)

// Patience is how long a person waits: until a fence is over.
const Patience = plan.FenceFor + 5*minute
