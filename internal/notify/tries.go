package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Within is how long both tries of one call may take.
const Within = 10 * time.Second

const (
	firstTry = 4 * time.Second
	pause    = 500 * time.Millisecond
)

// UnclearError is that of a call without an answer: it may have done what it was for.
type UnclearError struct{ Err error }

func (e *UnclearError) Error() string { return e.Err.Error() }
func (e *UnclearError) Unwrap() error { return e.Err }

func unclear(err error) bool {
	_, is := errors.AsType[*UnclearError](err)
	return is
}

// Twice makes a call, and once more if that fails, Within its time. The first try has no more
// than 4 seconds, so that one lost connection costs no message: what is sent may arrive twice.
func Twice(ctx context.Context, call func(context.Context) error) error {
	return tries(ctx, firstTry, true, call)
}

// Once makes a call that must not be done twice: it has all of the time, and is repeated after a
// no alone.
func Once(ctx context.Context, call func(context.Context) error) error {
	return tries(ctx, Within, false, call)
}

func tries(ctx context.Context, patience time.Duration, mayRepeat bool, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, Within)
	defer cancel()
	try := func(patience time.Duration) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		begun := time.Now()
		err := call(ctx)
		if err != nil && ctx.Err() != nil {
			return &UnclearError{fmt.Errorf("no end within %s", time.Since(begun).Round(time.Second))}
		}
		return err
	}
	first := try(patience)
	if first == nil || !mayRepeat && unclear(first) {
		return first
	}
	select {
	case <-ctx.Done():
		return first
	case <-time.After(pause):
	}
	second := try(Within)
	if second != nil && unclear(first) { // the second no does not say that the first was one
		return first
	}
	return second
}
