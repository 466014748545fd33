package rotate

import (
	"errors"

	"github.com/keyturn/keyturn/plan"
)

// FailedError is what ended the work on a key: a call to AWS that did not end with a
// yes.
type FailedError struct {
	plan.Failure
	// Role is that of `keyturn init --iam` that the run belongs to.
	Role string
}

func (e *FailedError) Error() string { return e.Doing + ": " + e.Answer.Traced() }

// Fault returns that of the answer, and what AWS said.
func (e *FailedError) Fault() plan.Fault {
	f := e.Answer.Fault(e.Role)
	f.Raw = e.Answer.Raw()
	return f
}

// Fault returns what decides about a key whose work failed.
func (k KeyReport) Fault() plan.Fault {
	if own, ok := errors.AsType[plan.FaultError](k.Err); ok {
		return own.Fault()
	}
	return plan.Fault{Code: plan.CodeFailed, Exit: plan.ExitFailed}
}

// role returns the role of `keyturn init --iam` that a request belongs to.
func (r *Runner) role(q plan.Request) string {
	switch {
	case r.onlyDry():
		return plan.RoleReadOnly
	case q.Verb == plan.VerbSchedule:
		return plan.RoleCron
	}
	return plan.RoleBreakGlass
}
