package kms

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/internal/awscall"
)

// unnamed is the endpoint of an answer that has no request id, as it may be
// printed; "" of one that has. What such an endpoint says of a change counts as
// no answer, so nobody should begin one there.
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
