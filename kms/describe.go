package kms

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// Describe describes a key by its id, its ARN, or an alias. A key that does not
// exist, or that KMS does not know yet, is Missing.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
func (c *Client) Describe(ctx context.Context, id string) (plan.KeySeen, error) {
	out, err := c.api.DescribeKey(ctx, &awskms.DescribeKeyInput{KeyId: &id})
	if awscall.Classify(err).Missing {
		return plan.KeySeen{Missing: true, Unnamed: c.unnamed(middleware.Metadata{}, err)}, nil
	}
	if err != nil {
		return plan.KeySeen{}, fmt.Errorf("describe %s: %w", id, awscall.Wrap(err))
	}
	if out.KeyMetadata == nil {
		return plan.KeySeen{}, fmt.Errorf("describe %s: KMS answered without a key", id)
	}
	seen := keySeen(out.KeyMetadata)
	seen.Unnamed = c.unnamed(out.ResultMetadata, nil)
	return seen, nil
}

func keySeen(m *types.KeyMetadata) plan.KeySeen {
	return plan.KeySeen{
		KeyID:       aws.ToString(m.KeyId),
		ARN:         aws.ToString(m.Arn),
		State:       string(m.KeyState),
		Spec:        string(m.KeySpec),
		Usage:       string(usageOf(m)),
		CreatedAt:   aws.ToTime(m.CreationDate).UTC(),
		DeletionAt:  aws.ToTime(m.DeletionDate).UTC(),
		Description: aws.ToString(m.Description),
		Unsupported: unsupported(m),
	}
}

// usageOf returns the usage of a key. AWS always names it. moto leaves it out for a
// key that was made without one; then it is the default that CreateKey documents,
// because a claim without a usage could not be probed.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-KeyUsage
func usageOf(m *types.KeyMetadata) types.KeyUsageType {
	return cmp.Or(m.KeyUsage, types.KeyUsageTypeEncryptDecrypt)
}

// unsupported describes why CreateKey alone cannot make a new version of such a
// key; "" if it can.
func unsupported(m *types.KeyMetadata) string {
	switch {
	case m.KeyManager == types.KeyManagerTypeAws:
		return "AWS manages this key; only keys of your own can be rotated"
	case aws.ToBool(m.MultiRegion):
		return "this is a multi-Region key; keyturn cannot rotate those yet"
	}
	switch m.Origin {
	case types.OriginTypeExternal:
		return "the material of this key was imported; keyturn cannot import material for a new version"
	case types.OriginTypeAwsCloudhsm:
		return "this key lives in a CloudHSM key store; keyturn cannot rotate keys in custom key stores yet"
	case types.OriginTypeExternalKeyStore:
		return "this key lives in an external key store; keyturn cannot rotate keys in custom key stores yet"
	}
	return ""
}
