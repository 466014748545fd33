package kms

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// SignDisable signs a request that disables an old version, and does not send
// it. Disabling stops decryption too.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
func (c *Client) SignDisable(ctx context.Context, keyID string) (*Signed, error) {
	return c.sign(ctx, disableKey, func(capture func(*awskms.Options)) error {
		_, err := c.api.DisableKey(ctx, &awskms.DisableKeyInput{KeyId: &keyID}, once, capture)
		return err
	})
}

// SignScheduleDeletion signs a request that schedules the deletion of an old
// version after a waiting period of whole days, 7 to 30, and does not send it.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
func (c *Client) SignScheduleDeletion(ctx context.Context, keyID string, window time.Duration) (*Signed, error) {
	days := int32(window / (24 * time.Hour))
	return c.sign(ctx, scheduleKeyDeletion, func(capture func(*awskms.Options)) error {
		_, err := c.api.ScheduleKeyDeletion(ctx, &awskms.ScheduleKeyDeletionInput{KeyId: &keyID,
			PendingWindowInDays: &days}, once, capture)
		return err
	})
}

// Enable enables a key. It needs no fence: a version that is enabled too late can
// be disabled again.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html
func (c *Client) Enable(ctx context.Context, keyID string) plan.Answer {
	return c.order(ctx, enableKey, func() (middleware.Metadata, error) {
		out, err := c.api.EnableKey(ctx, &awskms.EnableKeyInput{KeyId: &keyID}, once)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	})
}

// CancelDeletion cancels a scheduled deletion. It leaves the key disabled.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
func (c *Client) CancelDeletion(ctx context.Context, keyID string) plan.Answer {
	return c.order(ctx, cancelKeyDeletion, func() (middleware.Metadata, error) {
		out, err := c.api.CancelKeyDeletion(ctx, &awskms.CancelKeyDeletionInput{KeyId: &keyID}, once)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	})
}

// AliasesOf lists every alias that names a key.
func (c *Client) AliasesOf(ctx context.Context, keyID string) ([]plan.AliasListed, error) {
	var names []plan.AliasListed
	_, err := c.eachAlias(ctx, keyID, func(a plan.AliasListed) { names = append(names, a) })
	return names, err
}

// LastUse returns when a key was last used for a cryptographic operation, and how
// many grants allow its use. KMS may be up to an hour late. It does not see the
// use of a public key outside KMS, nor of a cached data key. Emulators answer
// with a server error. If only the grants cannot be listed, LastUse returns no
// error: the result's Failed describes it.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
func (c *Client) LastUse(ctx context.Context, keyID string) (plan.UseSeen, error) {
	seen, err := c.lastUsage(ctx, keyID)
	if err != nil {
		return seen, err
	}
	all, no := c.Grants(ctx, keyID)
	if seen.Grants = len(all); no != nil {
		seen.Failed, seen.Cause = no.Text(), no.Cause.Kind
	}
	return seen, nil
}

// LastUsage is LastUse without the grants, for looks at many keys: it keeps a
// pace, because KMS allows the account 5 a second.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
func (c *Client) LastUsage(ctx context.Context, keyID string) (plan.UseSeen, error) {
	turn, err := c.turn(ctx, getKeyLastUsage)
	if err != nil {
		return plan.UseSeen{}, err
	}
	seen, err := c.lastUsage(ctx, keyID)
	c.paces[getKeyLastUsage].learn(turn, awscall.Classify(err))
	return seen, err
}

func (c *Client) lastUsage(ctx context.Context, keyID string) (plan.UseSeen, error) {
	out, err := c.api.GetKeyLastUsage(ctx, &awskms.GetKeyLastUsageInput{KeyId: &keyID})
	if err != nil {
		return plan.UseSeen{}, fmt.Errorf("ask for the last use of %s: %w", keyID, awscall.Wrap(err))
	}
	seen := plan.UseSeen{TrackedAt: aws.ToTime(out.TrackingStartDate).UTC()}
	if u := out.KeyLastUsage; u != nil && u.Timestamp != nil {
		seen.LastAt, seen.Operation = u.Timestamp.UTC(), string(u.Operation)
		seen.RequestID = aws.ToString(u.KmsRequestId)
	}
	return seen, nil
}
