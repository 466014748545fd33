package kms

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/plan"
)

// NewKey describes the key to make. Alias, Version, Claim, Head and Window become tags.
type NewKey struct {
	// Alias is the full name, "alias/orders-data".
	Alias   string
	Version int64
	// Claim is the id of the claim that makes the key, and Head the hash of its event.
	Claim, Head string
	// Window is the start of the claim's window; zero for a person's verb.
	Window time.Time

	// Spec and Usage are KMS's KeySpec and KeyUsage.
	Spec, Usage string
	// Policy is JSON; "" is KMS's default policy.
	Policy string
	// OwnPolicy reports that Policy is the plan's own and no copy. A tag then holds
	// its fingerprint.
	OwnPolicy bool
	// Waive has KMS accept a policy that does not let the caller change it.
	Waive       bool
	Description string
	// Tags are further tags; those with the prefix keyturn: or aws: are left out.
	Tags map[string]string
}

// CreateKey makes a key and tags it in the same call, so that it is never without
// the claim that made it. KMS has no idempotency token: after an unknown answer
// there may be a key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
func (c *Client) CreateKey(ctx context.Context, n NewKey) (plan.Made, plan.Answer) {
	in := &awskms.CreateKeyInput{
		KeySpec:     types.KeySpec(n.Spec),
		KeyUsage:    types.KeyUsageType(n.Usage),
		Description: &n.Description,
	}
	if n.Policy != "" {
		in.Policy, in.BypassPolicyLockoutSafetyCheck = &n.Policy, n.Waive
	}
	for name, value := range n.tags() {
		in.Tags = append(in.Tags, types.Tag{TagKey: aws.String(name), TagValue: aws.String(value)})
	}
	slices.SortFunc(in.Tags, func(a, b types.Tag) int { return cmp.Compare(*a.TagKey, *b.TagKey) })

	var key plan.KeySeen
	answer := c.change(ctx, createKey, func() (middleware.Metadata, error) {
		out, err := c.api.CreateKey(ctx, in, once)
		if err != nil {
			return middleware.Metadata{}, err
		}
		if out.KeyMetadata != nil {
			key = keySeen(out.KeyMetadata)
		}
		return out.ResultMetadata, nil
	})
	if answer.Verdict == plan.Yes && key.KeyID == "" {
		answer.Verdict, answer.Message = plan.Unknown, "KMS answered without a key"
	}
	if answer.Verdict != plan.Yes {
		return plan.Made{}, answer
	}
	return plan.Made{Generation: n.Version, KeyID: key.KeyID, CreatedAt: key.CreatedAt}, answer
}

// CreateAlias creates an alias of a key. If the alias exists, the answer is a no
// with the code AlreadyExistsException, whichever key it names.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
func (c *Client) CreateAlias(ctx context.Context, alias, keyID string) plan.Answer {
	return c.order(ctx, createAlias, func() (middleware.Metadata, error) {
		out, err := c.api.CreateAlias(ctx, &awskms.CreateAliasInput{AliasName: &alias, TargetKeyId: &keyID}, once)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	})
}

// Disable disables a key at once. It is only for a key that this run has just made
// and that never became a version: nothing can depend on it. Any other key is
// disabled by a fenced request.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
func (c *Client) Disable(ctx context.Context, keyID string) plan.Answer {
	return c.order(ctx, disableKey, func() (middleware.Metadata, error) {
		out, err := c.api.DisableKey(ctx, &awskms.DisableKeyInput{KeyId: &keyID}, once)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	})
}
