package kms

import (
	"cmp"
	"context"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// Source reads what a new version takes over from a described key: policy, tags,
// description, automatic rotation. It also counts the key's grants, which do not
// carry over. The count and the rotation only inform, so if they cannot be read
// the result has a note and Source returns no error.
func (c *Client) Source(ctx context.Context, key plan.KeySeen) (plan.SourceSeen, error) {
	seen := plan.SourceSeen{Description: key.Description}
	var err error
	if seen.Policy, err = c.Policy(ctx, key.KeyID); err != nil {
		return seen, err
	}
	if seen.Tags, err = c.tags(ctx, key.KeyID); err != nil {
		return seen, err
	}
	maps.DeleteFunc(seen.Tags, func(name, _ string) bool { return reserved(name) })
	all, no := c.Grants(ctx, key.KeyID)
	if seen.Grants = len(all); no != nil {
		seen.GrantsUnknown = no.Text()
	}
	if plan.RotatesItself(key.Spec, key.Usage) {
		seen.Rotation = c.Rotation(ctx, key.KeyID)
	}
	return seen, nil
}

// Policy reads the policy of a key. "default" is the only name one can have.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
func (c *Client) Policy(ctx context.Context, keyID string) (string, error) {
	out, err := c.api.GetKeyPolicy(ctx, &awskms.GetKeyPolicyInput{KeyId: &keyID, PolicyName: aws.String("default")})
	if err != nil {
		return "", fmt.Errorf("read the policy of key %s: %w", keyID, awscall.Wrap(err))
	}
	return aws.ToString(out.Policy), nil
}

// Grants lists the grants of a key. no is the answer of KMS if it could not.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
func (c *Client) Grants(ctx context.Context, keyID string) (all []plan.Grant, no *plan.Answer) {
	pages := awskms.NewListGrantsPaginator(c.api, &awskms.ListGrantsInput{KeyId: &keyID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			answer := awscall.Classify(err)
			return nil, &answer
		}
		for _, g := range page.Grants {
			all = append(all, grantOf(g))
		}
	}
	return all, nil
}

func grantOf(e types.GrantListEntry) plan.Grant {
	g := plan.Grant{ID: aws.ToString(e.GrantId), Name: aws.ToString(e.Name), IssuedBy: aws.ToString(e.IssuingAccount),
		Grantee:  cmp.Or(aws.ToString(e.GranteePrincipal), aws.ToString(e.GranteeServicePrincipal)),
		Retiring: cmp.Or(aws.ToString(e.RetiringPrincipal), aws.ToString(e.RetiringServicePrincipal))}
	for _, op := range e.Operations {
		g.Operations = append(g.Operations, string(op))
	}
	if c := e.Constraints; c != nil {
		g.ContextEquals, g.ContextSubset = c.EncryptionContextEquals, c.EncryptionContextSubset
		g.SourceARN = aws.ToString(c.SourceArn)
	}
	return g
}
