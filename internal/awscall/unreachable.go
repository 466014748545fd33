package awscall

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keyturn/keyturn/plan"
)

// UnreachableError says that a service gave no answer at all: the host name
// does not resolve, nothing listens, the certificate is not trusted, or time
// ran out.
type UnreachableError struct {
	// Service is its name, "DynamoDB".
	Service string
	URL     string
	// Begun reports that something was done before. The caller sets it.
	Begun bool
	Err   error
}

func (e *UnreachableError) Error() string {
	text := fmt.Sprintf("%s cannot be reached at %s (%v)", e.Service, e.URL, e.Err)
	if !e.Begun {
		text += "; nothing was done"
	}
	return text
}

// Unwrap returns the network's error.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Fault returns what decides where a service is called.
func (e *UnreachableError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeUnreachable, Exit: plan.ExitFailed,
		Hint: plan.Hint{Note: "check the network, the region in the plan, and AWS_ENDPOINT_URL if it is set"}}
}

// Unreachable finds in the error of a call that it was not answered, and where
// it went. A call that was interrupted is not unanswered.
func Unreachable(err error) (*UnreachableError, bool) {
	call, isCall := errors.AsType[*smithy.OperationError](err)
	_, unsent := errors.AsType[*smithyhttp.RequestSendError](err)
	cause, hasURL := errors.AsType[*url.Error](err)
	if !isCall || !unsent || !hasURL || errors.Is(err, context.Canceled) {
		return nil, false
	}
	return &UnreachableError{Service: call.ServiceID, URL: strings.TrimSuffix(ShownURL(cause.URL), "/"),
		Err: cause.Err}, true
}
