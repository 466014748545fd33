package awscall

import (
	"errors"

	smithy "github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/plan"
)

// CallError is a call to AWS that did not end with a yes. Its text is that of its
// Answer; what it wraps has the SDK's.
type CallError struct {
	plan.Answer
	// Role is that of `keyturn init --iam` that the command belongs to. The command
	// sets it; see [ForRole].
	Role string
	// Idle reports that the command has done nothing. The command sets it.
	Idle bool
	err  error
}

// Wrap returns the error of an SDK call in keyturn's words. Every error of the SDK goes
// through it. Other errors stay as they are.
func Wrap(err error) error {
	if _, told := errors.AsType[*CallError](err); told {
		return err
	}
	if _, call := errors.AsType[*smithy.OperationError](err); !call {
		return err
	}
	return &CallError{Answer: Classify(err), err: err}
}

func (e *CallError) Error() string {
	if e.Idle {
		return e.Traced() + "; nothing was done"
	}
	return e.Traced()
}

// Unwrap returns the SDK's error.
func (e *CallError) Unwrap() error { return e.err }

// Fault returns that of the answer, and what the SDK said.
func (e *CallError) Fault() plan.Fault {
	f := e.Answer.Fault(e.Role)
	if e.err != nil {
		f.Raw = Message(e.Code, e.err.Error(), nil)
	}
	return f
}

// ForRole tells an error of a call which role of `keyturn init --iam` made it.
func ForRole(err error, role string) {
	if call, ok := errors.AsType[*CallError](err); ok {
		call.Role = role
	}
}
