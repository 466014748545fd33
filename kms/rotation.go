package kms

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/plan"
)

// usualDays is the period of a key that is rotated automatically and says no other.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
const usualDays = 365

const aDay = 24 * time.Hour

// Rotation asks how a key is rotated automatically. Keys that cannot be are off.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
func (c *Client) Rotation(ctx context.Context, keyID string) plan.RotationSeen {
	out, err := c.api.GetKeyRotationStatus(ctx, &awskms.GetKeyRotationStatusInput{KeyId: &keyID})
	switch {
	case err != nil:
		return plan.RotationSeen{Unknown: "GetKeyRotationStatus: " + reasonOf(err)}
	case !out.KeyRotationEnabled:
		return plan.RotationSeen{}
	}
	days := cmp.Or(aws.ToInt32(out.RotationPeriodInDays), usualDays)
	return plan.RotationSeen{Every: time.Duration(days) * aDay}
}

// EnableRotation has a key rotated automatically, with a period of whole days, 90
// to 2560. It needs no fence: it is only for a version that was just made, and late
// it does no harm.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
func (c *Client) EnableRotation(ctx context.Context, keyID string, every time.Duration) plan.Answer {
	days := int32(every / aDay)
	return c.order(ctx, func() (middleware.Metadata, error) {
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
