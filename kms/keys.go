package kms

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// This file holds the looks at a whole account: for the audit, which searches it
// for keys that no record explains, and for a first plan. No rotation uses them.

// KeysPage is how many keys one ListKeys returns, the most that KMS allows.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
const KeysPage = 1000

// Keys returns the ids of all keys of the account and Region, AWS's own among
// them, in KMS's order.
func (c *Client) Keys(ctx context.Context) ([]string, error) {
	var ids []string
	pages := awskms.NewListKeysPaginator(c.api, &awskms.ListKeysInput{Limit: aws.Int32(KeysPage)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list keys: %w", awscall.Wrap(err))
		}
		for _, k := range page.Keys {
			ids = append(ids, aws.ToString(k.KeyId))
		}
	}
	return ids, nil
}

// Aliases returns all aliases of the account and Region. AWS's aliases that have
// no key yet have no KeyID.
func (c *Client) Aliases(ctx context.Context) ([]plan.AliasListed, error) {
	var all []plan.AliasListed
	_, err := c.eachAlias(ctx, "", func(a plan.AliasListed) { all = append(all, a) })
	return all, err
}

// Origin is what the tags of a key say about who made it. It is empty for a key
// that keyturn did not make.
type Origin struct {
	// Alias is the full name, "alias/orders-data".
	Alias string
	// Version is the number as the tag has it, "7".
	Version string
	// Window is the start of the window that the key was made for; "" if a person
	// asked for it.
	Window string
	// Claim is the id of the claim that made the key.
	Claim string
	// Ledger is the hash of the claim's event.
	Ledger string
	// Policy is the PolicyPrint of the file that the key's policy was made from; "" if it
	// was copied from another key.
	Policy string
}

// Origin reads the origin of a key from its tags. A key that KMS does not know has
// an empty one.
func (c *Client) Origin(ctx context.Context, keyID string) (Origin, error) {
	tags, err := c.tags(ctx, keyID)
	if missing(err) {
		return Origin{}, nil
	}
	return Origin{Alias: tags[tagAlias], Version: tags[tagVersion], Window: tags[tagWindow], Claim: tags[tagClaim],
		Ledger: tags[tagLedger], Policy: tags[tagPolicy]}, err
}

// Seal reads the hash of the ledger that a key was tagged with when it was made for an
// alias; "" if it has none. It reports whether KMS does not have the key any more.
func (c *Client) Seal(ctx context.Context, keyID, alias string) (hash string, gone bool, err error) {
	tags, err := c.tags(ctx, keyID)
	if missing(err) {
		return "", true, nil
	}
	if tags[tagAlias] != alias {
		return "", false, err
	}
	return tags[tagLedger], false, err
}
