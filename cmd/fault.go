package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/plan"
)

// usageError means that a command was not understood or not confirmed: exit 64, and
// nothing was done.
type usageError struct {
	what string
	todo plan.Hint
}

func (e *usageError) Error() string { return e.what }

// Fault returns the exit code 64, and what to type instead.
func (e *usageError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeUsage, Exit: plan.ExitUsage, Hint: e.todo}
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

// faultOf returns the fault of the error that ended a command.
func faultOf(ctx context.Context, err error) plan.Fault {
	f := survey.Fault(ctx, err)
	if _, library := errors.AsType[cli.ExitCoder](err); library { // always a line that it could not read
		f.Exit = plan.ExitUsage
	}
	if state, ok := errors.AsType[*sandbox.StateError](err); ok {
		f.Hint = plan.Try("mv", state.Path, state.Path+".old").Noted("the next --sandbox begins a new one")
	}
	return f
}

// told returns the error that ended a command as a person is told of it.
func (e *Env) told(ctx context.Context, err error) error {
	if e.explain != nil {
		err = e.explain(ctx, err)
	}
	_, asked := errors.AsType[unanswered](err)
	_, says := errors.AsType[interrupted](err)
	if !asked && !says && ctx.Err() != nil && faultOf(ctx, err).Code == plan.CodeInterrupted {
		_, how := broke(ctx)
		return interrupted{err, how}
	}
	return err
}

// inDocument is the error of a command that had done something before, and whose document
// says so: there is no other document of it.
type inDocument struct{ error }

func (d inDocument) Unwrap() error { return d.error }

// interrupted is the error of a command that a signal or --timeout ended: which call that
// broke off does not matter.
type interrupted struct {
	error
	how string
}

func (i interrupted) Error() string { return i.how }
func (i interrupted) Unwrap() error { return i.error }
