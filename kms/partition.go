package kms

import (
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
)

// Partition is the AWS partition of a Region: aws, aws-cn, aws-us-gov, aws-eusc,
// aws-iso and what else the SDK knows. Of a Region that it does not know, it says
// aws. Nothing is asked.
func Partition(region string) string {
	endpoint, err := awskms.NewDefaultEndpointResolver().ResolveEndpoint(region, awskms.EndpointResolverOptions{})
	if err != nil || endpoint.PartitionID == "" {
		return "aws"
	}
	return endpoint.PartitionID
}
