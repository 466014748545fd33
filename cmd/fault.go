package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// usageError says that a command was not understood, or not meant: exit 64,
// and nothing was done.
type usageError struct {
	what, todo string
}

func (e *usageError) Error() string { return e.what }

// Hint is the command to try instead.
func (e *usageError) Hint() string { return e.todo }

func usage(format string, args ...any) *usageError {
	return &usageError{what: fmt.Sprintf(format, args...)}
}

func (e *usageError) hint(format string, args ...any) *usageError {
	e.todo = fmt.Sprintf(format, args...)
	return e
}

// refusedError is a refusal of a command that decides nothing about a key.
type refusedError struct{ plan.Refusal }

func (e *refusedError) Error() string { return e.What }
func (e *refusedError) Hint() string  { return e.Refusal.Hint }

// hintOf finds what to do about an error that no key is to blame for.
func hintOf(err error) string {
	var own interface{ Hint() string }
	var noTable *ddblock.MissingTableError
	var malformed *ddblock.MalformedError
	switch {
	case errors.As(err, &own):
		return own.Hint()
	case errors.As(err, &malformed):
		return "look at the item in the lock table; a newer keyturn may have written it, or a person edited it"
	case errors.As(err, &noTable):
		return `keyturn init --table   (if it was there before, first see "The table was lost" in docs/runbook.md)`
	}
	return ""
}

// codeOf names the kind of an error for programs.
func codeOf(err error) string {
	var wrong *usageError
	var refused *refusedError
	var problems planfile.Problems
	var noTable *ddblock.MissingTableError
	var malformed *ddblock.MalformedError
	var elsewhere *accountError
	var away *awscall.UnreachableError
	var noCredentials *awscall.CredentialsError
	var noProfile *awscall.ProfileError
	var noURL *awscall.EndpointError
	var mixed *awscall.MixedEndpointsError
	switch {
	case errors.As(err, &wrong):
		return "usage"
	case errors.As(err, &refused):
		return refused.Code
	case errors.As(err, &problems):
		return "plan-invalid"
	case errors.As(err, &malformed):
		return "malformed-record"
	case errors.As(err, &elsewhere):
		return "wrong-account"
	case errors.As(err, &noTable):
		return "table-missing"
	case errors.As(err, &away):
		return "unreachable"
	case errors.As(err, &noCredentials):
		return "no-credentials"
	case errors.As(err, &noProfile):
		return "no-profile"
	case errors.As(err, &noURL):
		return "bad-endpoint"
	case errors.As(err, &mixed):
		return "mixed-endpoints"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	if code := awscall.Classify(err).Code; code != "" {
		return code
	}
	return "failed"
}
