package survey

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// An error that ends a whole command often means that the command went to the
// wrong place: another account, another Region, an endpoint that is not there.
// So it says where it was. Who the caller is, is asked for that alone, and only
// now: a run with nothing due makes one read and no more.

// PlacedTableError is a missing table, and where it is missing.
type PlacedTableError struct {
	*ddblock.MissingTableError
	region string
	caller plan.Caller
}

func (e *PlacedTableError) Error() string {
	return fmt.Sprintf("%v in %s of account %s (caller %s)", e.MissingTableError, e.region, e.caller.Account,
		e.caller.ARN)
}

func (e *PlacedTableError) Unwrap() error { return e.MissingTableError }

// AccountError says that the credentials are of another account than the plan:
// no next run will settle that.
type AccountError struct {
	caller plan.Caller
	want   string
}

func (e *AccountError) Error() string {
	return fmt.Sprintf("the credentials are of account %s (caller %s), the plan is for %s; nothing was done",
		e.caller.Account, e.caller.ARN, e.want)
}

// Fault is one for a person, and how to see who the caller is.
func (e *AccountError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeWrongAccount, Exit: plan.ExitPerson,
		Hint: plan.Try("aws", "sts", "get-caller-identity")}
}

// Explain makes of an error what a person can act on.
func (a *AWS) Explain(ctx context.Context, err error) error {
	if missing, ok := errors.AsType[*ddblock.MissingTableError](err); ok {
		return a.tableMissing(ctx, missing)
	}
	if call, ok := errors.AsType[*awscall.CallError](err); ok {
		call.Role, call.Idle = a.options.Role, !a.begun
		return call // it says itself what was called
	}
	return err
}

// tableMissing says where there is no table, if AWS tells. In the wrong account
// there is nothing to be made.
func (a *AWS) tableMissing(ctx context.Context, missing *ddblock.MissingTableError) error {
	caller, err := a.Caller(ctx)
	if err != nil {
		return missing
	}
	if err := a.RightAccount(caller, missing.Table); err != nil {
		return err
	}
	return &PlacedTableError{MissingTableError: missing, region: a.Plan.Region, caller: caller}
}

// RightAccount refuses credentials of another account than the one that the
// plan gives for the keys of a table, as a run refuses the keys.
func (a *AWS) RightAccount(caller plan.Caller, table string) error {
	for _, k := range a.Plan.Keys {
		if k.Table == table && k.Account != "" && k.Account != caller.Account {
			return &AccountError{caller: caller, want: k.Account}
		}
	}
	return nil
}

// Fault returns what an error amounts to, which it says itself.
func Fault(ctx context.Context, err error) plan.Fault {
	own, known := errors.AsType[plan.FaultError](err)
	canceled := errors.Is(err, context.Canceled)
	var f plan.Fault
	switch {
	case err == nil:
		return plan.Fault{Exit: plan.ExitDone}
	case known:
		f = own.Fault()
	case canceled:
		f = plan.Fault{Code: plan.CodeInterrupted, Exit: plan.ExitFailed}
	default:
		f = plan.Fault{Code: plan.CodeFailed, Exit: plan.ExitFailed}
	}
	if canceled && ctx.Err() != nil && f.Exit != plan.ExitUsage {
		f = plan.Fault{Code: plan.CodeInterrupted, Exit: plan.ExitInterrupted}
		if errors.Is(context.Cause(ctx), plan.ErrTimeout) {
			f.Exit = plan.ExitFailed
		}
	}
	return f
}
