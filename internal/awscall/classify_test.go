package awscall_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// answered is err as the SDK returns it for an answer with a status.
func answered(status int, err error) error {
	return &smithy.OperationError{ServiceID: "KMS", OperationName: "UpdateAlias", Err: &awshttp.ResponseError{
		RequestID: "r-1",
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: http.Header{}}},
			Err:      err,
		},
	}}
}

func generic(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message}
}

func TestClassify(t *testing.T) {
	const (
		yes     = plan.Yes
		no      = plan.No
		unknown = plan.Unknown
	)
	for _, c := range []struct {
		name    string
		err     error
		verdict plan.Verdict
		code    string
		soft    bool
		missing bool
	}{
		{name: "no error", verdict: yes},
		{"taken", answered(400, &kmstypes.AlreadyExistsException{}), no, "AlreadyExistsException", false, false},
		{"denied", answered(400, generic("AccessDeniedException", "no")), no, "AccessDeniedException", false, false},
		{"denied with 403", answered(403, generic("AccessDenied", "no")), no, "AccessDenied", false, false},
		{"no such key", answered(400, &kmstypes.NotFoundException{}), no, "NotFoundException", false, true},
		{"no such table", answered(400, &ddbtypes.ResourceNotFoundException{}), no,
			"ResourceNotFoundException", false, true},
		{"condition failed", answered(400, &ddbtypes.ConditionalCheckFailedException{}), no,
			"ConditionalCheckFailedException", false, false},
		{"throttled", answered(400, generic("ThrottlingException", "Rate exceeded")), no,
			"ThrottlingException", true, false},
		{"throttled table", answered(400, &ddbtypes.ProvisionedThroughputExceededException{}), no,
			"ProvisionedThroughputExceededException", true, false},
		{"a quota is used up, which is no throttling", answered(400, &kmstypes.LimitExceededException{}), no,
			"LimitExceededException", false, false},
		{"expired", answered(400, generic("InvalidSignatureException",
			"Signature expired: 20260101T030000Z is now earlier than 20260101T030100Z (20260101T030600Z - 5 min.)")),
			no, "InvalidSignatureException", true, false},
		{"not yet current", answered(400,
			generic("InvalidSignatureException",
				"Signature not yet current: 20260101T031000Z is still later than 20260101T030500Z")), no,
			"InvalidSignatureException", true, false},
		{"expired, in STS's words", answered(403,
			generic("SignatureDoesNotMatch",
				"Signature expired: 20260101T030000Z is now earlier than 20260101T030100Z")), no,
			"SignatureDoesNotMatch", true, false},
		{"expired by 15 minutes", answered(400, generic("RequestExpired", "")), no, "RequestExpired", true, false},
		{"credentials ran out", answered(400,
			generic("ExpiredTokenException", "The security token included in the request is expired")), no,
			"ExpiredTokenException", true, false},
		{"a wrong secret never settles itself",
			answered(400, generic("InvalidSignatureException",
				"The request signature we calculated does not match the signature you provided.")), no,
			"InvalidSignatureException", false, false},
		{"a bad signature, of Verify", answered(400, &kmstypes.KMSInvalidSignatureException{}), no,
			"KMSInvalidSignatureException", false, false},

		{"internal", answered(500, &kmstypes.KMSInternalException{}), unknown, "KMSInternalException", false, false},
		{"trouble in AWS with a wrong status", answered(400, &kmstypes.DependencyTimeoutException{}), unknown,
			"DependencyTimeoutException", false, false},
		{"trouble in AWS by the model, with a wrong status", answered(400, &kmstypes.KeyUnavailableException{}),
			unknown, "KeyUnavailableException", false, false},
		{"trouble in AWS, not modelled, with a wrong status", answered(400, generic("InternalFailure", "")), unknown,
			"InternalFailure", false, false},
		{"throttled with 503", answered(503, generic("ThrottlingException", "")), unknown,
			"ThrottlingException", false, false},
		{"a refusal behind a 500", answered(500, &kmstypes.AlreadyExistsException{}), unknown,
			"AlreadyExistsException", false, false},
		{"the reply was given up", answered(400, generic("RequestAbortedException", "")), unknown,
			"RequestAbortedException", false, false},
		{"reading the request took too long", answered(408, generic("RequestTimeoutException", "")), unknown,
			"RequestTimeoutException", false, false},
		{"a proxy's page", answered(403, &smithy.DeserializationError{Err: errors.New("invalid character '<'")}),
			unknown, "", false, false},
		{"a proxy's document without a code", answered(407, generic("UnknownError", "UnknownError")), unknown,
			"UnknownError", false, false},
		{"a number for a code", answered(403, generic("403", "forbidden")), unknown, "403", false, false},
		{"success that cannot be read", answered(200, &smithy.DeserializationError{Err: errors.New("EOF")}), unknown,
			"", false, false},
		{"a redirection", answered(307, generic("TemporaryRedirect", "")), unknown, "TemporaryRedirect", false, false},
		{"time ran out", &smithy.OperationError{Err: &smithy.CanceledError{Err: context.DeadlineExceeded}}, unknown, "",
			false, false},
		{"interrupted", context.Canceled, unknown, "", false, false},
		{"connection broke", &smithy.OperationError{Err: &smithyhttp.RequestSendError{Err: errors.New("connection " +
			"reset by peer")}}, unknown, "", false, false},
		{"an API error that no answer brought", generic("NotFoundException", ""), unknown, "", false, false},
		{"nothing was sent", fmt.Errorf("get identity: %w", errors.New("no credentials")), unknown, "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := awscall.Classify(c.err)
			if got.Verdict != c.verdict || got.Code != c.code || got.Soft != c.soft || got.Missing != c.missing {
				t.Errorf("Classify = %+v, want verdict %s, code %q, soft %t, missing %t", got,
					c.verdict, c.code, c.soft, c.missing)
			}
			if got.Verdict == unknown && got.Message == "" && c.code == "" {
				t.Error("an unknown without any word about why")
			}
			var response *awshttp.ResponseError
			if errors.As(c.err, &response) && got.RequestID != "r-1" {
				t.Errorf("request id = %q", got.RequestID)
			}
		})
	}
}

func TestThrottled(t *testing.T) {
	if !awscall.Throttled(awscall.Classify(answered(400, generic("ThrottlingException", "Rate exceeded")))) {
		t.Error("a ThrottlingException is not taken for throttling")
	}
	if awscall.Throttled(awscall.Classify(answered(400, generic("RequestExpired", "")))) {
		t.Error("an expired signature is taken for throttling")
	}
}
