package kms

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// The tags of every key that keyturn makes. By them audit finds a key that no
// alias names.
const (
	tagPrefix  = "keyturn:"
	tagAlias   = tagPrefix + "alias"
	tagVersion = tagPrefix + "version"
	tagClaim   = tagPrefix + "claim"
	// tagWindow is absent if a person asked for the version.
	tagWindow = tagPrefix + "window"
	// tagPolicy is plan.PolicyPrint of the plan's policy file; absent if the policy
	// was copied.
	tagPolicy = tagPrefix + "policy"
	// tagLedger is the hash of the claim's event. It seals the ledger up to there.
	tagLedger = tagPrefix + "ledger"
)

// tags returns the tags of n: keyturn's own, and those of the version before.
func (n NewKey) tags() map[string]string {
	tags := maps.Clone(n.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.DeleteFunc(tags, func(name, _ string) bool { return reserved(name) })
	tags[tagAlias] = n.Alias
	tags[tagVersion] = strconv.FormatInt(n.Version, 10)
	tags[tagClaim] = n.Claim
	if !n.Window.IsZero() {
		tags[tagWindow] = n.Window.UTC().Format(time.RFC3339)
	}
	if n.Head != "" {
		tags[tagLedger] = n.Head
	}
	if n.OwnPolicy {
		tags[tagPolicy] = plan.PolicyPrint(n.Policy)
	}
	return tags
}

// reserved reports whether a tag is keyturn's or AWS's own. Those are not copied
// from one version to the next.
func reserved(name string) bool {
	return strings.HasPrefix(name, tagPrefix) || strings.HasPrefix(name, "aws:")
}

// Version returns the key that alias/<name>/v<n> names, and the claim that made it.
// If KMS knows the alias and not yet its key, the version is Missing too.
func (c *Client) Version(ctx context.Context, alias string, n int64) (plan.VersionSeen, error) {
	seen := plan.VersionSeen{Version: n}
	var err error
	if seen.KeySeen, err = c.Describe(ctx, plan.VersionAlias(alias, n)); err != nil || seen.Missing {
		return seen, err
	}
	tags, err := c.tags(ctx, seen.KeyID)
	if missing(err) {
		return plan.VersionSeen{Version: n, KeySeen: plan.KeySeen{Missing: true}}, nil
	}
	if err != nil {
		return seen, err
	}
	seen.Claim, seen.MadeFor, seen.MadeAs = tags[tagClaim], tags[tagAlias], tags[tagVersion]
	return seen, nil
}

// MadeWith returns the fingerprint (plan.PolicyPrint) of the policy file that a key
// was made with; "" if its policy was copied, or if keyturn did not make it.
func (c *Client) MadeWith(ctx context.Context, keyID string) (string, error) {
	tags, err := c.tags(ctx, keyID)
	return tags[tagPolicy], err
}

// tags reads all tags of a key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html
func (c *Client) tags(ctx context.Context, keyID string) (map[string]string, error) {
	tags := map[string]string{}
	pages := awskms.NewListResourceTagsPaginator(c.api, &awskms.ListResourceTagsInput{KeyId: &keyID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the tags of key %s: %w", keyID, awscall.Wrap(err))
		}
		for _, t := range page.Tags {
			tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
	}
	return tags, nil
}

// missing reports whether err is KMS's answer that a key or alias does not exist.
func missing(err error) bool { return awscall.Classify(err).Missing }
