package awscall

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyturn/keyturn/plan"
)

// credentialsTimeout is how long finding credentials may take: a role, a
// credential_process, or the metadata service of a machine that has none.
const credentialsTimeout = 20 * time.Second

// CredentialsError means that AWS cannot be called because there are no credentials.
type CredentialsError struct {
	// None reports that nothing was configured and the machine has no role.
	// Otherwise the configuration did not yield credentials.
	None bool
	Err  error
}

func (e *CredentialsError) Error() string {
	if e.None {
		return "there are no AWS credentials: none in the environment or a profile, and this machine has no role"
	}
	return fmt.Sprintf("the AWS credentials could not be fetched: %v", e.Err)
}

// Unwrap returns the SDK's error, which lists what was tried.
func (e *CredentialsError) Unwrap() error { return e.Err }

// Fault returns what to do about it.
func (e *CredentialsError) Fault() plan.Fault {
	if e.None {
		return plan.Fault{Code: plan.CodeNoCredentials, Exit: plan.ExitFailed,
			Hint: plan.Hint{Note: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the " +
				"machine a role; cron starts with an empty environment"}}
	}
	return plan.Fault{Code: plan.CodeNoCredentials, Exit: plan.ExitFailed,
		Hint: plan.Hint{Note: "make `aws sts get-caller-identity` work in the same environment and as the same user"}}
}

// ProfileError means that the named profile is in none of the SDK's files.
type ProfileError struct {
	Profile string
	Err     error
}

func (e *ProfileError) Error() string { return "there is no AWS profile " + e.Profile }

// Unwrap returns the SDK's error.
func (e *ProfileError) Unwrap() error { return e.Err }

// Fault returns where profiles come from.
func (e *ProfileError) Fault() plan.Fault {
	return plan.Fault{Code: plan.CodeNoProfile, Exit: plan.ExitFailed,
		Hint: plan.Hint{Note: "check AWS_PROFILE; `aws configure list-profiles` shows those of this user; " +
			"cron may have another HOME"}}
}

// checkCredentials fetches credentials once, so that missing ones are reported
// before anything begins and not as the failure of some call.
func checkCredentials(ctx context.Context, provider aws.CredentialsProvider) error {
	ctx, cancel := context.WithTimeout(ctx, credentialsTimeout)
	defer cancel()
	_, err := provider.Retrieve(ctx)
	if err == nil {
		return nil
	}
	// The chain ends at the metadata service if it has found nothing else.
	none := false
	if p, ok := provider.(aws.CredentialProviderSource); ok {
		none = slices.Contains(p.ProviderSources(), aws.CredentialSourceIMDS)
	}
	return &CredentialsError{None: none, Err: shown(err)}
}
