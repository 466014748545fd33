package ddblock

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// writeTries is how often a write whose outcome is not known is made, each time
// with the SDK's own repetitions.
const writeTries = 3

// settle makes a write until it is known what became of it, as far as that can
// be: send must be such that doing it twice is doing it once. A failed
// condition settles it too, for its answer shows the item; the error is then
// DynamoDB's own.
//
// A no settles only what was asked once. After an attempt that got no answer,
// a no to the next one (throttled, say) does not tell whether the first had an
// effect, and neither the SDK nor its last error would mention the first. So
// attempts are watched, and what is returned then is an error that
// awscall.Classify takes for an unknown.
func (t *Table) settle(ctx context.Context, doing string, send func(options ...func(*awsddb.Options)) error) error {
	lost := false
	for try := 1; ; try++ {
		err := send(retrying, watching(&lost))
		if err == nil || conditionFailed(err) != nil {
			return err
		}
		lost = lost || unanswered(err)
		if !lost {
			return t.explain(doing, err)
		}
		if try < writeTries && t.pause(ctx, try) == nil {
			continue
		}
		if !unanswered(err) { // its no must not pass for the answer
			err = errors.New("one try got no answer, and the last one: " + err.Error())
		}
		return fmt.Errorf("%s table %s: nobody knows whether it happened: %w", doing, t.name, err)
	}
}

func unanswered(err error) bool { return awscall.Classify(err).Verdict == plan.Unknown }

func conditionFailed(err error) *types.ConditionalCheckFailedException {
	failed, _ := errors.AsType[*types.ConditionalCheckFailedException](err)
	return failed
}

// retrying is part of every call: it makes the SDK repeat, besides what it
// repeats anyhow, a write that met another Region's on a replicated table with
// strong consistency. AWS means that to be repeated, and the SDK does not.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html#API_UpdateItem_Errors
func retrying(o *awsddb.Options) {
	base := o.Retryer
	if base == nil {
		base = retry.NewStandard()
	}
	o.Retryer = retry.AddWithErrorCodes(base, (*types.ReplicatedWriteConflictException)(nil).ErrorCode())
}

// watching notes whether any of the SDK's attempts at a call got no answer.
func watching(lost *bool) func(*awsddb.Options) {
	watch := middleware.FinalizeMiddlewareFunc("keyturn:watchAttempts",
		func(ctx context.Context, in middleware.FinalizeInput,
			next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleFinalize(ctx, in)
			*lost = *lost || err != nil && unanswered(err)
			return out, metadata, err
		})
	return func(o *awsddb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(watch, "Retry", middleware.After)
		})
	}
}

// pause waits before the nth repetition: longer each time, up to some seconds,
// and drawn from the upper half of that, so that pools do not come back
// together.
func (t *Table) pause(ctx context.Context, n int) error {
	half := min(25*time.Millisecond<<min(n, 10), 5*time.Second/2)
	return t.host.Pause(ctx, half+rand.N(half))
}
