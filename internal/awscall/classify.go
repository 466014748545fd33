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
// It is about the last attempt only. A no to a call that the SDK had sent
// before, and got no answer for, does not mean that the earlier one came to
// nothing: mutations are therefore made with aws.NopRetryer, or recognise
// their own effect.
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

// Refusal returns what an answer with an error status is worth, by the status
// and the error code in it: a no only if it is AWS that says so, and says it
// of the request and not of itself. The code is a shape's name without its
// namespace, "" if there was none. The answer has no more of the message than
// Message leaves.
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

// undecided reports whether a code says nothing about whether the request was
// carried out, whichever status it comes with: the SDK's word for none, a reply that
// was given up, and trouble inside AWS that a status of 4xx would misname.
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

// Throttled reports whether AWS refused a request for the rate at which they
// come. LimitExceededException, which the SDK takes for one of these, is not:
// with KMS it means that a resource quota is used up.
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

// expired reports whether a request was refused for its date or for credentials
// that had run out: nothing is wrong with it that a new signature would not
// cure. AWS has one code for every bad signature, so the message decides.
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
