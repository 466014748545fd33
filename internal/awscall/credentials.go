package awscall

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"

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
	// Why says why they could not be fetched.
	Why string
	Err error
}

func (e *CredentialsError) Error() string {
	if e.None {
		return "there are no AWS credentials: none in the environment or a profile, and this machine has no role"
	}
	return "the AWS credentials could not be fetched: " + e.Why
}

// Unwrap returns the SDK's error, which lists what was tried.
func (e *CredentialsError) Unwrap() error { return e.Err }

// Fault returns what to do about it.
func (e *CredentialsError) Fault() plan.Fault {
	f := plan.Answer{Cause: plan.Cause{Kind: plan.CauseNotFetched}}.Fault("")
	if e.None {
		f.Hint = plan.Hint{Note: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the " +
			"machine a role; cron starts with an empty environment"}
	}
	if e.Err != nil {
		f.Raw = e.Err.Error()
	}
	return f
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
	return &CredentialsError{None: none, Why: fetchText(err), Err: shown(err)}
}

// fetchText says why credentials could not be fetched.
func fetchText(err error) string {
	switch _, asked := errors.AsType[*smithy.OperationError](err); {
	case asked: // of STS or SSO, for the credentials of a role
		return Classify(err).Text()
	case errors.Is(err, context.DeadlineExceeded):
		return "not within " + plan.FormatDuration(credentialsTimeout)
	}
	text := Message("", err.Error(), nil)
	for _, sdk := range []string{noIdentity, "get credentials: ", "failed to refresh cached credentials, "} {
		text = strings.TrimPrefix(text, sdk)
	}
	return text
}
