package awscall

import (
	"errors"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"

	"github.com/keyturn/keyturn/plan"
)

// Classify returns what the end of an SDK call is worth.
//
// It judges the last attempt only. If the SDK repeated a call because an attempt
// got no answer, a no to the repetition does not mean that the earlier attempt had
// no effect. So changes are made with aws.NopRetryer, or recognise their own
// effect.
func Classify(err error) plan.Answer {
	if err == nil {
		return plan.Answer{Verdict: plan.Yes}
	}
	if known, ok := errors.AsType[*CallError](err); ok {
		return known.Answer
	}
	var r Reply
	if call, ok := errors.AsType[*smithy.OperationError](err); ok {
		r.Service, r.Operation = call.ServiceID, call.OperationName
	}
	response, answered := errors.AsType[*awshttp.ResponseError](err)
	if !answered || response.HTTPStatusCode() == 0 { // the SDK has one for a request that got no answer, too
		return plan.Answer{Verdict: plan.Unknown, Message: Message("", err.Error(), nil), Cause: causeOf(r, err)}
	}
	r.Status, r.RequestID = response.HTTPStatusCode(), response.ServiceRequestID()
	if came := response.HTTPResponse(); came != nil && came.Response != nil {
		r.Header = came.Header
		if came.Request != nil {
			r.URL = came.Request.URL
		}
	}
	refusal, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		a := r.Answer()
		a.Message = Message("", err.Error(), nil)
		return a
	}
	r.Code, r.Message = refusal.ErrorCode(), Message(refusal.ErrorCode(), refusal.ErrorMessage(), nil)
	r.Server = refusal.ErrorFault() == smithy.FaultServer
	return r.Answer()
}

// isCode is the form of AWS's error codes.
var isCode = plan.Pattern(`^[A-Za-z][A-Za-z0-9.]*$`)

// undecided reports whether a code leaves open whether the request was carried out,
// whatever its status: the SDK's code for none, an aborted reply, and faults inside
// AWS that come with a status of 4xx.
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
func undecided(code string) bool {
	switch code {
	case "UnknownError", "RequestAbortedException", "RequestTimeout", "RequestTimeoutException",
		"InternalFailure", "InternalServerError", "ServiceUnavailable",
		"KMSInternalException", "DependencyTimeoutException":
		return true
	}
	return false
}

// Throttled reports whether AWS refused a request because of the request rate.
// LimitExceededException is not one of these codes, although the SDK counts it as
// one: from KMS it means that a resource quota is used up.
// https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html
func Throttled(a plan.Answer) bool {
	switch a.Code {
	case "Throttling", "ThrottlingException", "ThrottledException",
		"RequestThrottled", "RequestThrottledException", "RequestLimitExceeded",
		"TooManyRequestsException", "ProvisionedThroughputExceededException",
		"PriorRequestNotComplete", "SlowDown", "BandwidthLimitExceeded":
		return true
	}
	return false
}

// expired reports whether a request was refused because of its date or because its
// credentials had expired: with a new signature it could succeed. AWS has one code
// for every bad signature, so the message decides.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
func expired(code, message string) bool {
	switch code {
	case "RequestExpired", "RequestTimeTooSkewed", "ExpiredToken", "ExpiredTokenException":
		return true
	case "InvalidSignatureException", "SignatureDoesNotMatch":
		return strings.Contains(message, "Signature expired") || strings.Contains(message, "not yet current")
	}
	return false
}

// NoAnswer returns what it is worth that a request of the SDK's HTTP client got no
// answer. sent are its headers.
func NoAnswer(service, operation string, err error, sent http.Header) plan.Answer {
	a := Classify(&smithy.OperationError{ServiceID: service, OperationName: operation, Err: err})
	a.Message = Message("", err.Error(), sent)
	return a
}
