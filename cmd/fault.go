package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// usageError says that a command was not understood, or not meant: exit 64,
// and nothing was done.
type usageError struct {
	what string
	todo plan.Hint
}

func (e *usageError) Error() string { return e.what }

// Fault is the exit code 64, and what to type instead.
func (e *usageError) Fault() plan.Fault {
	return plan.Fault{Code: "usage", Exit: plan.ExitUsage, Hint: e.todo}
}

func usage(format string, args ...any) *usageError {
	return &usageError{what: fmt.Sprintf(format, args...)}
}

func (e *usageError) hint(h plan.Hint) *usageError {
	e.todo = h
	return e
}

func (e *usageError) try(words ...string) *usageError { return e.hint(plan.Try(words...)) }

func (e *usageError) note(format string, args ...any) *usageError {
	return e.hint(plan.Hint{Note: fmt.Sprintf(format, args...)})
}

// refusedError is a refusal of a command that decides nothing about a key.
type refusedError struct{ plan.Refusal }

func (e *refusedError) Error() string { return e.What }

// Fault is that of the refusal.
func (e *refusedError) Fault() plan.Fault {
	return plan.Fault{Code: e.Code, Exit: plan.ExitPerson, Hint: plan.Hint{Note: e.Hint}}
}

// faultOf is what the error that ended a command amounts to. Most errors say it
// themselves; what AWS, the network and the command line's library say is an
// error of no type of ours.
func faultOf(ctx context.Context, err error) plan.Fault {
	own, known := errors.AsType[plan.FaultError](err)
	_, library := errors.AsType[cli.ExitCoder](err) // always a line that it could not read
	canceled := errors.Is(err, context.Canceled)
	var f plan.Fault
	switch {
	case err == nil:
		return plan.Fault{Exit: plan.ExitDone}
	case known:
		f = own.Fault()
	case canceled:
		f = plan.Fault{Code: "interrupted", Exit: plan.ExitFailed}
	default:
		f = plan.Fault{Code: "failed", Exit: plan.ExitFailed}
		if code := awscall.Classify(err).Code; code != "" {
			f.Code = code
		}
		if library {
			f.Exit = plan.ExitUsage
		}
	}
	if canceled && ctx.Err() != nil && f.Exit != plan.ExitUsage {
		f.Exit = plan.ExitInterrupted
	}
	return f
}
