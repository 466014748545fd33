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

// The tags of every key that keyturn makes. Audit finds a key that no alias
// names by them.
const (
	tagPrefix  = "keyturn:"
	tagAlias   = tagPrefix + "alias"
	tagVersion = tagPrefix + "version"
	tagWindow  = tagPrefix + "window" // absent if a person asked for the version
	tagClaim   = tagPrefix + "claim"
	tagPolicy  = tagPrefix + "policy" // plan.PolicyPrint of the plan's policy file; absent if the policy was copied
)

// tags are those of n: its own, and what it takes over from the version before.
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
	if n.OwnPolicy {
		tags[tagPolicy] = plan.PolicyPrint(n.Policy)
	}
	return tags
}

// reserved tells whether a tag is keyturn's or AWS's own and is not carried
// from one version to the next.
func reserved(name string) bool {
	return strings.HasPrefix(name, tagPrefix) || strings.HasPrefix(name, "aws:")
}

// Version looks at what alias/<name>/v<n> names, and by whose claim that key
// was made. A version whose alias is known and whose key is not, yet, is
// Missing too.
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
	seen.Claim, seen.MadeFor = tags[tagClaim], tags[tagAlias]
	return seen, nil
}

// MadeWith gives the fingerprint of the policy file that a key was made with, as
// plan.PolicyPrint makes it; "" if its policy was copied, or somebody else made it.
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
			return nil, fmt.Errorf("list the tags of key %s: %w", keyID, err)
		}
		for _, t := range page.Tags {
			tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
	}
	return tags, nil
}

// missing tells whether err is KMS's answer that there is no such thing.
func missing(err error) bool { return awscall.Classify(err).Missing }
