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

// NewKey says what key to make. Alias, Version, Claim and Window become tags.
type NewKey struct {
	Alias   string // "alias/orders-data"
	Version int64
	Claim   string    // id of the claim that makes it
	Window  time.Time // start; zero for a person's verb

	Spec   string // KeySpec
	Usage  string // KeyUsage
	Policy string // JSON; "" is KMS's default policy
	// OwnPolicy: Policy is the plan's own and no copy. Then a tag tells which it was.
	OwnPolicy bool
	// Waive tells KMS not to refuse a policy that would not let the caller change it.
	Waive       bool
	Description string
	Tags        map[string]string // further ones; keyturn: and aws: ones are left out
}

// CreateKey makes a key, tagged in the same call so that it can never be found
// without the name of its maker. There is no idempotency token: an
// unknown may have made a key.
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
	answer := c.change(ctx, func() (middleware.Metadata, error) {
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

// CreateAlias gives a key a further name. A name that is taken is a no with the
// code AlreadyExistsException, whichever key has it.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
func (c *Client) CreateAlias(ctx context.Context, alias, keyID string) plan.Answer {
	return c.order(ctx, func() (middleware.Metadata, error) {
		out, err := c.api.CreateAlias(ctx, &awskms.CreateAliasInput{AliasName: &alias, TargetKeyId: &keyID}, once)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	})
}

// Disable disables a key at once. It is only for the run's own new key that
// came too late to be anyone's version: nothing can depend on it. Any other key
// is disabled by a fenced request.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
func (c *Client) Disable(ctx context.Context, keyID string) plan.Answer {
	return c.order(ctx, func() (middleware.Metadata, error) {
		out, err := c.api.DisableKey(ctx, &awskms.DisableKeyInput{KeyId: &keyID}, once)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	})
}
