package kms

// The fence.
//
// UpdateAlias takes no condition: the last writer wins. The record prevents that
// two runs both take their turn. The remaining danger is one run that was right
// when it looked and acts much later: its host was suspended, or its request sat
// in a queue, while another run finished the generation and a person rolled back.
// A late look at the record or the alias does not help, because the pause can
// always come after the look.
//
// But every request to AWS expires. AWS refuses a request whose X-Amz-Date is too
// far from its own clock: by five minutes as a rule, which is what KMS's refusals
// name; fifteen is the most that AWS publishes for any service.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
// So a dangerous call is made in three steps, in this order:
//
//  1. sign: the SDK builds and signs the request; it is kept and not sent.
//  2. confirm: a write, conditioned on the record that the run has read, says
//     that a request with this date is about to be sent.
//  3. send: exactly those bytes, once.
//
// The confirming write puts a plan.Fence into the record, which ends
// plan.FenceFor (20 minutes) after the later of signing and confirming. Whatever
// stops the run between 2 and 3, for however long, AWS refuses the bytes once
// the fence is over, and no run claims a new generation of the key before that,
// unless every request behind the fence was answered or certainly never sent. If
// the run loses its turn before 2, the write fails and the bytes are never sent.
// The reverse order, to write first and to sign when sending, has no such end: a
// run that wakes up after an hour would sign with the time at which it wakes up,
// and KMS would accept that.
//
// DisableKey and ScheduleKeyDeletion of an old version are made in the same three
// steps; there the fence is on the entry of that version.
//
// # What it rests on
//
//   - The date of the signature is AWS's time and not the host's. The SDK client
//     learns its host's clock error from each answer and signs by the corrected
//     time, so the client that signs must be the one that has just read KMS. If
//     Date differs from AWS's time by more than plan.SignedSkew (1 minute), plan
//     discards the bytes.
//   - The bytes are sent at most once. Nothing here retries them. Neither does
//     net/http, because it cannot read the body a second time. They get a
//     connection of their own: on an idle one that was cut, the run could not
//     know whether they arrived.
//   - Nobody replays a request. AWS accepts a signature more than once, so a copy
//     of the bytes could be sent again until they expire. They travel inside TLS,
//     are never logged, and a Signed cannot be printed.
//   - AWS really refuses what has expired. Emulators such as LocalStack accept a
//     signature of any age: against them this one protection is missing. The
//     embedded sandbox refuses as AWS does.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keyturn/keyturn/internal/awscall"
)

// Signed is a signed request that was not sent yet. It can be sent once, or
// discarded. It never shows what it holds.
type Signed struct {
	// open is a function because fmt cannot look into one. fmt prints what a
	// pointer in an unexported field points to, if the verb does not fit it.
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
	turn   turn
	sent   atomic.Bool
}

// Date returns when the request was signed: its X-Amz-Date, in whole seconds, UTC.
func (s *Signed) Date() time.Time { return s.open().date }

// request returns the HTTP request. It has a body and no GetBody, so net/http
// never sends it again: neither on another connection when one breaks, nor after
// a redirect. Close asks for a connection that serves this request only.
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

// operation returns the API operation of the request.
func (s *sealed) operation() string {
	_, name, _ := strings.Cut(s.header.Get("X-Amz-Target"), ".")
	return name
}

// SignUpdateAlias signs a request that moves an alias to a key, and does not send
// it. An error means that nothing was signed.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
func (c *Client) SignUpdateAlias(ctx context.Context, alias, keyID string) (*Signed, error) {
	in := &awskms.UpdateAliasInput{AliasName: &alias, TargetKeyId: &keyID}
	return c.sign(ctx, updateAlias, func(capture func(*awskms.Options)) error {
		_, err := c.api.UpdateAlias(ctx, in, once, capture)
		return err
	})
}

// errCaptured ends a call once its request is signed.
var errCaptured = errors.New("signed and not sent")

// sign runs an SDK call up to the point where it would be sent. It waits for its
// turn among the calls of its operation before it signs, so that signed bytes do
// not age in a queue.
func (c *Client) sign(ctx context.Context, operation string,
	call func(capture func(*awskms.Options)) error) (*Signed, error) {
	turn, err := c.turn(ctx, operation)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	var s *sealed
	err = call(func(o *awskms.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			// Signing is the last of the SDK's own Finalize steps that changes the
			// request. The transport and the SDK's request log, which would print
			// the signature, come after it.
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
		return nil, fmt.Errorf("sign: %w", awscall.Wrap(err))
	}
	s.turn = turn
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
