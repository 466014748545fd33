package kms

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/internal/awscall"
)

// unnamed returns the endpoint of an answer without a request id, in a form that
// may be printed; "" if the answer has one. Such an endpoint's answer to a change
// would count as no answer, so no change should be made there.
func (c *Client) unnamed(metadata middleware.Metadata, err error) string {
	if refused, ok := errors.AsType[*awshttp.ResponseError](err); ok && refused.ServiceRequestID() != "" {
		return ""
	}
	if id, ok := awsmiddleware.GetRequestIDMetadata(metadata); ok && id != "" {
		return ""
	}
	o := c.api.Options()
	if base := aws.ToString(o.BaseEndpoint); base != "" {
		return awscall.ShownURL(base)
	}
	return "AWS's endpoint in " + o.Region
}
