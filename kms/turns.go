package kms

import (
	"context"
	"sync"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Turns are turns for calls that the work on one key is about to make. Whoever begins a
// key only when all of its calls have turns never waits with a lease in hand, a key
// without a name, or a look that grows old.
type Turns struct {
	client *Client
	mu     sync.Mutex
	left   map[string][]turn
}

// UntilTurns returns how long it takes until each operation of some calls has a turn.
func (c *Client) UntilTurns(calls plan.Calls) (longest time.Duration) {
	for operation, n := range byOperation(calls) {
		if n > 0 {
			longest = max(longest, c.paces[operation].untilTurn())
		}
	}
	return longest
}

// Reserve returns the next turns for some calls.
func (c *Client) Reserve(calls plan.Calls) *Turns {
	t := &Turns{client: c, left: map[string][]turn{}}
	for operation, n := range byOperation(calls) {
		for range n {
			t.left[operation] = append(t.left[operation], c.paces[operation].reserve())
		}
	}
	return t
}

func byOperation(calls plan.Calls) map[string]int {
	return map[string]int{createKey: calls.CreateKey, createAlias: calls.CreateAlias, updateAlias: calls.UpdateAlias}
}

// GiveBack returns the turns that were not taken.
func (t *Turns) GiveBack() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for operation, left := range t.left {
		for range left {
			t.client.paces[operation].giveBack()
		}
	}
	clear(t.left)
}

// Within returns a context for the calls that take the turns. A call that finds none left
// waits for one of its own.
func (t *Turns) Within(ctx context.Context) context.Context {
	return context.WithValue(ctx, turnsKey{}, t)
}

type turnsKey struct{}

// take returns one of the turns.
func (t *Turns) take(operation string) (turn, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := t.left[operation]
	if len(left) == 0 {
		return turn{}, false
	}
	t.left[operation] = left[1:]
	return left[0], true
}

// turn waits until a call of an operation may be made. Its only error is the context's.
func (c *Client) turn(ctx context.Context, operation string) (turn, error) {
	p := c.paces[operation]
	if t, ok := ctx.Value(turnsKey{}).(*Turns); ok {
		if next, ok := t.take(operation); ok {
			return next, p.until(ctx, next)
		}
	}
	next := p.reserve()
	return next, p.until(ctx, next)
}
