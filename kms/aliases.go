package kms

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// aliasPage is the most aliases that ListAliases returns at once.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
const aliasPage = 100

// Listing lists all aliases of the account and Region once, and returns what the
// list shows of the given aliases and of their version aliases. Every given alias
// is in the result.
func (c *Client) Listing(ctx context.Context, aliases []string) (map[string]plan.ListingSeen, error) {
	seen := make(map[string]plan.ListingSeen, len(aliases))
	for _, alias := range aliases {
		seen[alias] = plan.ListingSeen{}
	}
	unnamed, err := c.eachAlias(ctx, "", func(a plan.AliasListed) {
		if l, ok := seen[a.Name]; ok {
			l.Alias = &a
			seen[a.Name] = l
			return
		}
		of, _, _ := plan.SplitVersion(a.Name)
		if l, ok := seen[of]; ok {
			l.Versions = append(l.Versions, a)
			seen[of] = l
		}
	})
	if err != nil {
		return nil, err
	}
	for alias, l := range seen {
		slices.SortFunc(l.Versions, func(a, b plan.AliasListed) int {
			n, _ := plan.VersionOf(alias, a.Name)
			m, _ := plan.VersionOf(alias, b.Name)
			return cmp.Compare(n, m)
		})
		l.Unnamed = unnamed
		seen[alias] = l
	}
	return seen, nil
}

// Moved lists the aliases of a key and returns the given one, to learn since when
// it is on that key. It returns nil if the alias is not among them or the key does
// not exist: the alias has moved on, or the list lags.
func (c *Client) Moved(ctx context.Context, alias, keyID string) (*plan.AliasListed, error) {
	var found *plan.AliasListed
	_, err := c.eachAlias(ctx, keyID, func(a plan.AliasListed) {
		if a.Name == alias {
			found = &a
		}
	})
	if missing(err) {
		return nil, nil
	}
	return found, err
}

// eachAlias calls do for each alias of a key, or for all aliases if no key is
// given. unnamed is the endpoint if one of its answers had no request id.
func (c *Client) eachAlias(ctx context.Context, keyID string, do func(plan.AliasListed)) (unnamed string, err error) {
	in := &awskms.ListAliasesInput{Limit: aws.Int32(aliasPage)}
	if keyID != "" {
		in.KeyId = &keyID
	}
	pages := awskms.NewListAliasesPaginator(c.api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("list aliases: %w", awscall.Wrap(err))
		}
		unnamed = cmp.Or(unnamed, c.unnamed(page.ResultMetadata, nil))
		for _, a := range page.Aliases {
			do(aliasListed(a))
		}
	}
	return unnamed, nil
}

// aliasListed returns an alias with the time of its last move, or of its creation
// if it never moved.
func aliasListed(a types.AliasListEntry) plan.AliasListed {
	moved := aws.ToTime(a.LastUpdatedDate)
	if moved.IsZero() {
		moved = aws.ToTime(a.CreationDate)
	}
	return plan.AliasListed{
		Name:    aws.ToString(a.AliasName),
		KeyID:   aws.ToString(a.TargetKeyId),
		ARN:     aws.ToString(a.AliasArn),
		MovedAt: moved.UTC(),
	}
}
