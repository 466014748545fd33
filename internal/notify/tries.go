package notify

import (
	"context"
	"time"
)

// Within is how long both tries of one call may take.
const Within = 10 * time.Second

const (
	firstTry = 4 * time.Second
	pause    = 500 * time.Millisecond
)

// Twice makes a call, and once more if that fails, Within its time.
func Twice(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, Within)
	defer cancel()
	first, done := context.WithTimeout(ctx, firstTry)
	err := call(first)
	done()
	if err == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return err
	case <-time.After(pause):
		return call(ctx)
	}
}
