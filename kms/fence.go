package kms

// The fence.
//
// UpdateAlias is last-writer-wins: KMS offers no condition and no revision to
// hang one on. So the danger is not two runs that both think it is their turn,
// which the record prevents. It is one run that was right when it looked and
// acts much later: it was stopped, swapped out, or its packet sat in a queue,
// and meanwhile another run has finished the job and a person has rolled back.
// No look at the record or at the alias helps, however late it is made, for the
// pause can always come after it.
//
// What does help is that every request to AWS grows old. AWS refuses one whose
// X-Amz-Date is too far from its own clock: five minutes is the rule, and what
// KMS's refusals name; fifteen is the most that AWS publishes for any service.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
// So a dangerous call is taken apart, and done in this order:
//
//  1. sign: the SDK builds and signs the request; it is kept and not sent.
//  2. confirm: the caller writes, on the condition that the record is still as
//     it knows it, that a request with this date is about to be sent.
//  3. send: those bytes, once.
//
// Whatever stops the run between 2 and 3, and for however long, the bytes are
// worthless at a time which stands in the record, and nobody begins anything
// new on the key before it. If the run loses its turn before 2, the write fails
// and the bytes are never sent. The other order, to write first and to sign
// when sending, has no such moment: a run that wakes up after an hour would
// sign with the time of its awakening, and KMS would find that fresh.
//
// # What it rests on
//
//   - The date in the signature is AWS's time and not the host's. The SDK client
//     measures its host's error with every answer and signs by the corrected
//     time, so Sign must use the client that has just read KMS. Date tells
//     what came of it; the caller compares and discards.
//   - The bytes go out at most once. Nothing here retries them, nor does
//     net/http, because it is given no way to read the body a second time; and
//     they get a connection of their own, so that no idle one which has been cut
//     turns a plain refusal into an unknown.
//   - Nobody repeats a request after it was answered. AWS does not look whether
//     it has seen a signature before, so whoever could copy the bytes could play
//     them again while they are young. They travel inside TLS, are never logged,
//     and Signed does not let itself be printed.
//   - AWS really refuses what has expired. Emulators such as LocalStack take any
//     signature of any age: against them everything works but this. The embedded
//     sandbox refuses as AWS does.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Signed is one request that AWS would carry out if it were sent now. It can be
// sent once, or thrown away. It never shows what it holds.
type Signed struct {
	// open is a function because that is the one thing no formatter looks
	// into: fmt follows a pointer in another struct's unexported field if the
	// verb is wrong for it.
	open func() *sealed
}

// sealed is what a Signed hides.
type sealed struct {
	method string
	url    *url.URL
	host   string
	header http.Header
	body   []byte
	date   time.Time
	sent   atomic.Bool
}

// Date is when the request was signed: its X-Amz-Date, in whole seconds, UTC.
func (s *Signed) Date() time.Time { return s.open().date }

// request makes the HTTP request. It has a body and no GetBody, which is what
// keeps net/http from ever sending it again: neither on another connection when
// one breaks, nor to where a redirection points. Close asks for a connection
// that serves this request only.
func (s *sealed) request(ctx context.Context) *http.Request {
	r := &http.Request{
		Method: s.method, URL: s.url, Host: s.host, Header: s.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body:          io.NopCloser(bytes.NewReader(s.body)),
		ContentLength: int64(len(s.body)),
		Close:         true,
	}
	return r.WithContext(ctx)
}

// SignUpdateAlias signs a request that puts an alias on a key, and does not
// send it. An error means that nothing was signed.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
func (c *Client) SignUpdateAlias(ctx context.Context, alias, keyID string) (*Signed, error) {
	in := &awskms.UpdateAliasInput{AliasName: &alias, TargetKeyId: &keyID}
	return c.sign(ctx, func(capture func(*awskms.Options)) error {
		_, err := c.api.UpdateAlias(ctx, in, once, capture)
		return err
	})
}

// errCaptured ends a call after its request was signed.
var errCaptured = errors.New("signed and not sent")

// sign runs an SDK call up to the point where it would be sent. It waits for
// its turn among mutating calls before the signature and not after, so that
// signed bytes do not age in a queue.
func (c *Client) sign(ctx context.Context, call func(capture func(*awskms.Options)) error) (*Signed, error) {
	if err := c.pace.wait(ctx); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	var s *sealed
	err := call(func(o *awskms.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			// Signing is the last of the SDK's own Finalize steps that touches
			// the request. The transport comes after it, and so does the
			// SDK's request log, which would print the signature.
			return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("KeyturnCapture",
				func(ctx context.Context, in middleware.FinalizeInput, _ middleware.FinalizeHandler) (
					out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
				) {
					if s, err = capture(ctx, in.Request); err == nil {
						err = errCaptured
					}
					return out, metadata, err
				}), middleware.After)
		})
	})
	if !errors.Is(err, errCaptured) {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return &Signed{open: func() *sealed { return s }}, nil
}

// capture copies a signed request.
func capture(ctx context.Context, request any) (*sealed, error) {
	signed, ok := request.(*smithyhttp.Request)
	if !ok {
		return nil, fmt.Errorf("the request is a %T", request)
	}
	r := signed.Build(ctx)
	dates := r.Header.Values("X-Amz-Date")
	if len(dates) != 1 || r.Header.Get("Authorization") == "" {
		return nil, errors.New("the request carries no signature with a date")
	}
	date, err := time.Parse("20060102T150405Z", dates[0])
	if err != nil {
		return nil, fmt.Errorf("X-Amz-Date: %w", err)
	}
	if r.Body == nil {
		return nil, errors.New("the request has no body") // net/http would repeat it
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	return &sealed{
		method: r.Method, url: r.URL, host: r.Host, header: r.Header,
		body: body, date: date,
	}, nil
}
