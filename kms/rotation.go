package kms

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// usualDays is the default period of automatic rotation.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
const usualDays = 365

const aDay = 24 * time.Hour

// Rotation returns the automatic rotation of a key; off for keys that cannot have
// it.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
func (c *Client) Rotation(ctx context.Context, keyID string) plan.RotationSeen {
	seen, err := c.RotationStatus(ctx, keyID)
	if err != nil {
		return plan.RotationSeen{Unknown: awscall.Classify(err).Text()}
	}
	return seen
}

// RotationStatus is Rotation with its error.
func (c *Client) RotationStatus(ctx context.Context, keyID string) (plan.RotationSeen, error) {
	out, err := c.api.GetKeyRotationStatus(ctx, &awskms.GetKeyRotationStatusInput{KeyId: &keyID})
	switch {
	case err != nil:
		return plan.RotationSeen{}, fmt.Errorf("read the automatic rotation of key %s: %w", keyID, awscall.Wrap(err))
	case !out.KeyRotationEnabled:
		return plan.RotationSeen{}, nil
	}
	days := cmp.Or(aws.ToInt32(out.RotationPeriodInDays), usualDays)
	return plan.RotationSeen{Every: time.Duration(days) * aDay}, nil
}

// OnDemand returns when the material of a key was rotated on demand.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
func (c *Client) OnDemand(ctx context.Context, keyID string) ([]time.Time, error) {
	var times []time.Time
	pages := awskms.NewListKeyRotationsPaginator(c.api, &awskms.ListKeyRotationsInput{KeyId: &keyID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the rotations of key %s: %w", keyID, awscall.Wrap(err))
		}
		for _, r := range page.Rotations {
			if r.RotationType == types.RotationTypeOnDemand {
				times = append(times, aws.ToTime(r.RotationDate).UTC())
			}
		}
	}
	return times, nil
}

// EnableRotation turns on automatic rotation with a period of whole days, 90 to
// 2560. It needs no fence: it is only for a version that was just made, and does
// no harm if it arrives late.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
func (c *Client) EnableRotation(ctx context.Context, keyID string, every time.Duration) plan.Answer {
	days := int32(every / aDay)
	return c.order(ctx, enableKeyRotation, func() (middleware.Metadata, error) {
		out, err := c.api.EnableKeyRotation(
			ctx,
			&awskms.EnableKeyRotationInput{KeyId: &keyID, RotationPeriodInDays: &days},
			once,
		)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	})
}
