package awscall

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
)

// Host is the machine a run is on, as far as its time goes. The zero value is
// the real one. A rehearsal gives its own, so that a year passes in seconds and
// a run can be paused anywhere; it sets all three.
type Host struct {
	// Now is the host's monotonic clock: only differences of two readings
	// count. It stands still while the host is suspended.
	Now func() time.Time
	// Wall is the host's wall clock, by which requests are dated before any
	// answer has told the time.
	Wall func() time.Time
	// Sleep pauses for d, or until the context ends, whose error it returns.
	Sleep func(ctx context.Context, d time.Duration) error
}

// given tells whether the host is other than the real one.
func (h Host) given() bool { return h.Sleep != nil }

// Time reads the host's monotonic clock.
func (h Host) Time() time.Time {
	if h.Now == nil {
		return time.Now()
	}
	return h.Now()
}

// Pause sleeps on the host for d, or until the context ends, whose error it
// returns.
func (h Host) Pause(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	if h.given() {
		return h.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// PauseAbout sleeps for d/2 to d, drawn at random, so that runs which started
// together do not come back together. A host that is given draws for itself.
func (h Host) PauseAbout(ctx context.Context, d time.Duration) error {
	if !h.given() && d > 1 {
		d = d/2 + rand.N(d/2)
	}
	return h.Pause(ctx, d)
}

// config makes a client's configuration keep the host's time. The SDK has no
// clock to set, but its pauses and its signer are behind interfaces.
func (h Host) config(cfg aws.Config) (aws.Config, *hostSigner) {
	signer := &hostSigner{host: h, next: v4.NewSigner()}
	cfg.HTTPClient = learning{cfg.HTTPClient, signer}
	// The SDK would compare answers with the real time.
	cfg.DisableClockSkewCorrection = true
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(signer.misdated))
			// The SDK would sleep for what its backoff says: this one pauses
			// itself, and says nought.
			o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
				return 0, h.Pause(context.Background(), min(time.Second<<attempt, retry.DefaultMaxBackoff))
			})
		})
	}
	return cfg, signer
}

// hostSigner signs by a host's clock, corrected as the SDK corrects it: by the
// Date of the last answer that this client got.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-clock-skew.html
type hostSigner struct {
	host Host
	next *v4.Signer

	mu   sync.Mutex
	off  time.Duration // AWS's time minus the host's
	jump time.Duration // by how much the last answer changed that
}

// skewed is by how much a request must have been misdated for the SDK to take a
// refusal for one of its date.
const skewed = 4 * time.Minute

// misdated tells, as the SDK does with its own clock, whether a refusal may have
// been one of the date of the request: it is repeated then, with another date.
func (s *hostSigner) misdated(err error) aws.Ternary {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return aws.UnknownTernary
	}
	switch api.ErrorCode() {
	case "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed", "AccessDeniedException":
	default:
		return aws.UnknownTernary
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jump.Abs() > skewed {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// SignHTTP signs a request.
func (s *hostSigner) SignHTTP(ctx context.Context, who aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	s.mu.Lock()
	at := s.host.Wall().Add(s.off)
	s.mu.Unlock()
	return s.next.SignHTTP(ctx, who, r, hash, service, region, at.UTC(), options...)
}

// learn takes in AWS's time.
func (s *hostSigner) learn(date time.Time) {
	off := date.Sub(s.host.Wall())
	s.mu.Lock()
	s.off, s.jump = off, off-s.off
	s.mu.Unlock()
}

// learning is a client that tells a signer the time of each answer.
type learning struct {
	next   aws.HTTPClient
	signer *hostSigner
}

// Do sends a request.
func (l learning) Do(r *http.Request) (*http.Response, error) {
	response, err := l.next.Do(r)
	if err != nil {
		return response, err
	}
	if date, ok := awsDate(response.Header); ok {
		l.signer.learn(date)
	}
	return response, nil
}

// Learnt is all that the clients of a given host have learnt of the time so far,
// as text: a rehearsal must know when two runs go on alike.
func (c *Conn) Learnt() string {
	var b strings.Builder
	for _, s := range c.signers {
		s.mu.Lock()
		fmt.Fprint(&b, s.off, " ")
		s.mu.Unlock()
	}
	c.Clock.mu.Lock()
	defer c.Clock.mu.Unlock()
	if !c.Clock.host.IsZero() {
		fmt.Fprint(&b, c.Clock.aws.Sub(c.Clock.host))
	}
	return b.String()
}
