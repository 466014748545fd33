package kms

import (
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
)

// Partition returns the AWS partition of a Region: aws, aws-cn, aws-us-gov, aws-eusc,
// aws-iso and others that the SDK knows; aws for an unknown Region. It makes no
// call.
func Partition(region string) string {
	endpoint, err := awskms.NewDefaultEndpointResolver().ResolveEndpoint(region, awskms.EndpointResolverOptions{})
	if err != nil || endpoint.PartitionID == "" {
		return "aws"
	}
	return endpoint.PartitionID
}
