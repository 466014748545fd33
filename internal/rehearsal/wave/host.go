package wave

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// host is the machine of one run: its clock is right.
type host struct {
	process
	rand *rand.Rand
}

// Now returns the time.
func (h *host) Now() time.Time { return h.clock.now }

// Pause sleeps.
func (h *host) Pause(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	h.sleep(d)
	return ctx.Err()
}

// Keep has a client sign, and pause between its attempts, in virtual time. The pauses are
// as long as the SDK's own: drawn between nothing and twice as long each time, at most 20
// seconds.
func (h *host) Keep(cfg aws.Config) (aws.Config, v4.HTTPSigner) {
	cfg.DisableClockSkewCorrection = true // the SDK would compare answers with the real time
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
				longest := min(time.Second<<min(attempt, 10), retry.DefaultMaxBackoff)
				return 0, h.Pause(context.Background(), time.Duration(h.rand.Float64()*float64(longest)))
			})
		})
	}
	return cfg, signer{h, v4.NewSigner()}
}

// signer signs by the host's clock.
type signer struct {
	host *host
	next *v4.Signer
}

// SignHTTP signs a request.
func (s signer) SignHTTP(ctx context.Context, who aws.Credentials, r *http.Request, hash, service, region string,
	_ time.Time, options ...func(*v4.SignerOptions)) error {
	return s.next.SignHTTP(ctx, who, r, hash, service, region, s.host.Now().UTC(), options...)
}
