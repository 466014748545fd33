package awscall

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Host is the clock of the machine that this process runs on.
type Host struct{}

// Now returns the host's clock, with a monotonic reading.
func (Host) Now() time.Time { return time.Now() }

// Pause sleeps for d, or until the context ends, whose error it returns.
func (Host) Pause(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
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

// Time replaces the time of this process, by which the SDK dates requests and
// pauses between its attempts. A rehearsal has its own.
type Time interface {
	// Now reads the host's monotonic clock: only differences of two readings count. It
	// stands still while the host is suspended.
	Now() time.Time
	// Keep makes the configuration of one client keep this time. It returns what is
	// to sign that client's requests.
	Keep(cfg aws.Config) (aws.Config, v4.HTTPSigner)
}
