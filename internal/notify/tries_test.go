package notify

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A call that must not be done twice gets all of the time, and is repeated after a no alone. One
// whose receiver drops what it has already is repeated without an answer, too.
func TestTries(t *testing.T) {
	no, broken := errors.New("exit status 3"), &UnclearError{errors.New("signal: killed")}
	type call func(context.Context) error
	after := func(d time.Duration, err error) call {
		return func(ctx context.Context) error {
			select {
			case <-time.After(d):
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	for name, c := range map[string]struct {
		try         func(context.Context, func(context.Context) error) error
		calls       []call
		want        int
		ok, unclear bool
	}{
		"a slow command":             {Once, []call{after(9*time.Second, nil)}, 1, true, false},
		"a command that hangs":       {Once, []call{after(time.Hour, nil)}, 1, false, true},
		"a command that fails":       {Once, []call{after(0, no), after(8*time.Second, nil)}, 2, true, false},
		"a command that fails twice": {Once, []call{after(0, no), after(0, no)}, 2, false, false},
		"a command that hangs then":  {Once, []call{after(0, no), after(time.Hour, nil)}, 2, false, true},
		"a command that is killed":   {Once, []call{after(0, broken)}, 1, false, true},
		"a slow address":             {Twice, []call{after(5*time.Second, nil), after(0, nil)}, 2, true, false},
		"an address that has it":     {Twice, []call{after(time.Hour, nil), after(0, no)}, 2, false, true},
		"an address that refuses":    {Twice, []call{after(0, no), after(0, no)}, 2, false, false},
		"a silent address":           {Twice, []call{after(time.Hour, nil), after(time.Hour, nil)}, 2, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun, n := time.Now(), 0
				err := c.try(t.Context(), func(ctx context.Context) error {
					n++
					return c.calls[min(n, len(c.calls))-1](ctx)
				})
				_, unclear := errors.AsType[*UnclearError](err)
				if n != c.want || (err == nil) != c.ok || unclear != c.unclear || time.Since(begun) > Within {
					t.Errorf("%d calls in %s: %v, unclear: %v", n, time.Since(begun), err, unclear)
				}
			})
		})
	}
}
