package rehearsal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/keyturn/keyturn/internal/awscall"
)

// machine is the time of the host that a run is on, so that a year passes in
// seconds and a run can be paused anywhere. It is what kms, ddblock and the SDK's
// clients go by instead of this process's own.
type machine struct {
	// monotonic stands still while the host is suspended; wall dates requests before
	// any answer has told the time.
	monotonic, wall func() time.Time
	sleep           func(context.Context) error
	signers         []*signer
}

// Now returns the host's monotonic clock.
func (m *machine) Now() time.Time { return m.monotonic() }

// Pause sleeps. For how long is the world's to say.
func (m *machine) Pause(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	return m.sleep(ctx)
}

// Keep makes a client's configuration keep the host's time. The SDK has no clock to
// set, but its pauses and its signer are behind interfaces.
func (m *machine) Keep(cfg aws.Config) (aws.Config, v4.HTTPSigner) {
	s := &signer{host: m, next: v4.NewSigner()}
	m.signers = append(m.signers, s)
	cfg.HTTPClient = learning{cfg.HTTPClient, s}
	// The SDK would compare answers with the real time.
	cfg.DisableClockSkewCorrection = true
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(s.misdated))
			// The SDK would sleep for what its backoff says: this one pauses itself
			// and says zero.
			o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
				return 0, m.Pause(context.Background(), min(time.Second<<attempt, retry.DefaultMaxBackoff))
			})
		})
	}
	return cfg, s
}

// learned is all that a run's clients have learned of the time so far, as text.
func (m *machine) learned(clock *awscall.Clock) string {
	var b strings.Builder
	for _, s := range m.signers {
		fmt.Fprint(&b, s.offset(), " ")
	}
	if clock.Known() {
		fmt.Fprint(&b, clock.Skew())
	}
	return b.String()
}
