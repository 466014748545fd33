package sandbox

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Dummy credentials: any are good, and the access key's id names the caller.
const (
	DefaultAccessKeyID = "SANDBOX"
	dummySecret        = "not-a-secret"
	DefaultRegion      = "eu-west-1"
)

// Env returns the environment, each variable as NAME=value, in which unchanged AWS clients
// talk to a sandbox that serves on an address such as "127.0.0.1:4599". Each
// service's own endpoint is set too: a client prefers it to the common one.
func Env(address, region string) []string {
	if region == "" {
		region = DefaultRegion
	}
	endpoint := "http://" + address
	return []string{
		"AWS_ENDPOINT_URL=" + endpoint,
		"AWS_ENDPOINT_URL_KMS=" + endpoint,
		"AWS_ENDPOINT_URL_DYNAMODB=" + endpoint,
		"AWS_ENDPOINT_URL_STS=" + endpoint,
		"AWS_ENDPOINT_URL_IAM=" + endpoint,
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false",
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region, // the aws CLI reads this one only
		"AWS_ACCESS_KEY_ID=" + DefaultAccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + dummySecret,
		"AWS_SESSION_TOKEN=", // of real credentials, if any were set
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// UnsetEnv lists variables that must not be set beside those of Env: an empty
// value would name a profile without a name.
func UnsetEnv() []string {
	return []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}
}

// AWSConfig configures SDK clients to use this sandbox in the process. The
// caller is the user named like the access key's id, in lower case; "" is
// DefaultAccessKeyID. The endpoint resolves nowhere, so that a client that
// lost its HTTPClient fails rather than calls AWS.
func (s *Sandbox) AWSConfig(region, accessKeyID string) aws.Config {
	if region == "" {
		region = DefaultRegion
	}
	if accessKeyID == "" {
		accessKeyID = DefaultAccessKeyID
	}
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String("http://sandbox.invalid"),
		HTTPClient:   &http.Client{Transport: s.RoundTripper()},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKeyID, SecretAccessKey: dummySecret, Source: "sandbox"}, nil
		}),
	}
}
