package awscall

import (
	"errors"
	"regexp"
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
	var response *awshttp.ResponseError
	var refusal smithy.APIError
	answered := errors.As(err, &response)
	if !answered || !errors.As(err, &refusal) {
		unknown := plan.Answer{Verdict: plan.Unknown, Message: Message("", err.Error(), nil)}
		if answered {
			unknown.RequestID = response.ServiceRequestID()
		}
		return unknown
	}
	if refusal.ErrorFault() == smithy.FaultServer {
		return plan.Answer{Verdict: plan.Unknown, Code: refusal.ErrorCode(),
			Message: Message(refusal.ErrorCode(), refusal.ErrorMessage(), nil), RequestID: response.ServiceRequestID()}
	}
	return Refusal(response.HTTPStatusCode(), refusal.ErrorCode(), refusal.ErrorMessage(), response.ServiceRequestID())
}

// Refusal returns what an answer with an error status is worth, by its status and
// error code. It is a no only if AWS says it, about the request and not about
// itself. The code is a shape's name without its namespace; "" if there was none.
// The message is shortened by [Message].
func Refusal(status int, code, message, requestID string) plan.Answer {
	message = Message(code, message, nil)
	a := plan.Answer{Verdict: plan.Unknown, Code: code, Message: message, RequestID: requestID}
	if status < 400 || status > 499 || !isCode.MatchString(code) || undecided(code) {
		return a
	}
	a.Verdict = plan.No
	a.Soft = Throttled(a) || expired(code, message)
	a.Missing = code == "NotFoundException" || code == "ResourceNotFoundException"
	return a
}

// isCode is the form of AWS's error codes.
var isCode = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]*$`)

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
