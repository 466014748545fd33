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

// writeTries is how often a write is made while its outcome is unknown, each time
// with the SDK's own repetitions.
const writeTries = 3

// settle calls send until the outcome of the write is known, at most writeTries
// times. send must have the same effect twice as once. A failed condition settles
// it too, because its answer shows the item; settle then returns DynamoDB's error.
//
// A refusal is definite only if no attempt before it went unanswered. The SDK
// repeats by itself, and its last error (throttled, say) does not mention an
// earlier attempt that got no answer and may have succeeded. So settle watches
// the attempts, and returns an error that awscall.Classify takes for unknown.
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
			err = errors.New("one try got no answer, and the last one: " + awscall.Wrap(err).Error())
		}
		return fmt.Errorf("%s table %s: nobody knows whether it happened: %w", doing, t.name, awscall.Wrap(err))
	}
}

// unanswered reports whether an attempt may have had an effect all the same.
func unanswered(err error) bool { return awscall.Classify(err).Verdict == plan.Unknown }

func conditionFailed(err error) *types.ConditionalCheckFailedException {
	failed, _ := errors.AsType[*types.ConditionalCheckFailedException](err)
	return failed
}

// retrying is an option of every call. It makes the SDK also repeat a write that
// conflicts with another Region's on a strongly consistent global table: AWS
// documents that error as one to retry, and the SDK does not retry it.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html#API_UpdateItem_Errors
func retrying(o *awsddb.Options) {
	base := o.Retryer
	if base == nil {
		base = retry.NewStandard()
	}
	o.Retryer = retry.AddWithErrorCodes(base, (*types.ReplicatedWriteConflictException)(nil).ErrorCode())
}

// watching returns an option that sets lost if any of the SDK's attempts got no
// answer.
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

// pause waits before the nth repetition: longer each time, up to some seconds, and
// at random from the upper half of that, so that pools do not repeat together.
func (t *Table) pause(ctx context.Context, n int) error {
	half := min(25*time.Millisecond<<min(n, 10), 5*time.Second/2)
	return t.host.Pause(ctx, half+rand.N(half))
}
