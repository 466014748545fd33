package ddblock

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// countingRetryer is a client's own retryer: how often it lets a call be made
// again is the client's setting, and its quota is the client's, over all calls.
type countingRetryer struct {
	*retry.Standard
	asked, granted int
}

func (c *countingRetryer) IsErrorRetryable(err error) bool {
	c.asked++
	return c.Standard.IsErrorRetryable(err)
}

func (c *countingRetryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	c.granted++
	return c.Standard.GetRetryToken(ctx, err)
}

// What retrying adds stands on the retryer the client was made with. A new one
// for each call would forget the configured number of attempts, and begin each
// time with a full quota: during an outage nothing would hold back.
func TestRetryingKeepsTheClientsRetryer(t *testing.T) {
	inWorld(t, func(w *world) {
		own := &countingRetryer{Standard: retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 5 })}
		table := New(awsddb.New(w.client.Options(), func(o *awsddb.Options) { o.Retryer, o.RetryMaxAttempts = own, 5 }),
			tableName)
		w.faults(sandbox.Fault{Operation: "PutItem", Kind: sandbox.Refuse, Code: "ThrottlingException"})
		if err := table.Write(w.Context(), nil, steadyRecord()); err == nil {
			w.Fatal("written")
		}
		if got := w.net.operations(); got != times(5, "PutItem") || own.asked != 5 || own.granted != 4 {
			w.Errorf("sent %s; the client's retryer was asked about %d errors and for %d tokens",
				got, own.asked, own.granted)
		}
		w.net.forget()
		w.faults(sandbox.Fault{Operation: "PutItem", Kind: sandbox.Refuse, Code: "ReplicatedWriteConflictException"})
		if err := table.Write(w.Context(), nil, steadyRecord()); err == nil {
			w.Fatal("written")
		}
		if got := w.net.operations(); got != times(5, "PutItem") || own.granted != 8 {
			w.Errorf("of a conflict sent %s; tokens %d", got, own.granted)
		}
	})
	inWorld(t, func(w *world) { // and one that lets nothing be repeated
		table := New(awsddb.New(w.client.Options(), func(o *awsddb.Options) { o.Retryer = aws.NopRetryer{} }),
			tableName)
		w.faults(sandbox.Fault{Operation: "PutItem", Kind: sandbox.Refuse, Code: "ThrottlingException"})
		if err := table.Write(w.Context(), nil, steadyRecord()); err == nil || w.net.operations() != "PutItem" {
			w.Errorf("%v after %s", err, w.net.operations())
		}
	})
}
