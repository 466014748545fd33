package cmd

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

// placedTableError is a missing table, and where it is missing.
type placedTableError struct {
	*ddblock.MissingTableError
	region string
	caller plan.Caller
}

func (e *placedTableError) Error() string {
	return fmt.Sprintf("%v in %s of account %s (caller %s)", e.MissingTableError, e.region, e.caller.Account, e.caller.ARN)
}

func (e *placedTableError) Unwrap() error { return e.MissingTableError }

// accountError says that the credentials are of another account than the plan:
// no next run will settle that.
type accountError struct {
	caller plan.Caller
	want   string
}

func (e *accountError) Error() string {
	return fmt.Sprintf("the credentials are of account %s (caller %s), the plan is for %s; nothing was done", e.caller.Account, e.caller.ARN, e.want)
}

// Fault is one for a person, and how to see who the caller is.
func (e *accountError) Fault() plan.Fault {
	return plan.Fault{Code: "wrong-account", Exit: plan.ExitPerson, Hint: plan.Try("aws", "sts", "get-caller-identity")}
}

// explain makes of an error what a person can act on.
func (s *session) explain(ctx context.Context, err error) error {
	if missing, ok := errors.AsType[*ddblock.MissingTableError](err); ok {
		return s.tableMissing(ctx, missing)
	}
	if away, ok := awscall.Unreachable(err); ok {
		away.Begun = s.begun
		return away
	}
	return err
}

// tableMissing says where there is no table, if AWS tells. In the wrong account
// there is nothing to be made.
func (s *session) tableMissing(ctx context.Context, missing *ddblock.MissingTableError) error {
	caller, err := s.who.Caller(ctx)
	if err != nil {
		return missing
	}
	if err := s.rightAccount(caller, missing.Table); err != nil {
		return err
	}
	return &placedTableError{MissingTableError: missing, region: s.plan.Region, caller: caller}
}

// rightAccount refuses credentials of another account than the one that the
// plan gives for the keys of a table, as a run refuses the keys.
func (s *session) rightAccount(caller plan.Caller, table string) error {
	for _, k := range s.plan.Keys {
		if k.Table == table && k.Account != "" && k.Account != caller.Account {
			return &accountError{caller: caller, want: k.Account}
		}
	}
	return nil
}
