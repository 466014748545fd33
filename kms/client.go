package kms

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// Client is KMS in one account and Region. It is safe for concurrent use. All
// calls through one Client share its paces.
type Client struct {
	api  *awskms.Client
	host Host
	// paces has that of each operation with a small quota.
	paces map[string]*pace
}

// New returns a Client that uses an SDK client. All calls must go through this one
// SDK client: it learns AWS's time from the answers and signs by it.
func New(api *awskms.Client) *Client { return NewOn(awscall.Host{}, api) }

// Host is the machine on which a Client waits.
type Host interface {
	// Now reads its monotonic clock: only differences of two readings count.
	Now() time.Time
	// Pause sleeps for d, or until the context ends, whose error it returns.
	Pause(ctx context.Context, d time.Duration) error
}

// NewOn is New for another host than this one.
func NewOn(host Host, api *awskms.Client) *Client {
	c := &Client{api: api, host: host, paces: make(map[string]*pace, len(published))}
	for operation, quota := range published {
		c.paces[operation] = newPace(host, operation, quota)
	}
	return c
}

// once is a call's option: the SDK does not repeat the call.
func once(o *awskms.Options) { o.Retryer = aws.NopRetryer{} }

// change makes one call that changes KMS, once and at the pace of its operation.
//
// These calls are about keys that were just made, which KMS may not know
// everywhere for some seconds; so NotFoundException is a soft no.
// https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
func (c *Client) change(ctx context.Context, operation string,
	call func() (middleware.Metadata, error)) plan.Answer {
	turn, err := c.turn(ctx, operation)
	if err != nil {
		return plan.Answer{Verdict: plan.Unknown, Message: "not sent: " + err.Error()}
	}
	metadata, err := call()
	answer := awscall.Classify(err)
	if answer.Verdict == plan.Yes {
		answer.RequestID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
	}
	if answer.Missing {
		answer.Soft = true
	}
	c.paces[operation].learn(turn, answer)
	return answer
}

// order is change for calls that KMS answers without a document, or with an empty
// one: then only the request id shows that the yes is KMS's and not a proxy's.
func (c *Client) order(ctx context.Context, operation string,
	call func() (middleware.Metadata, error)) plan.Answer {
	answer := c.change(ctx, operation, call)
	if answer.Verdict == plan.Yes && answer.RequestID == "" {
		answer.Verdict, answer.Message = plan.Unknown, notKMS
	}
	return answer
}
