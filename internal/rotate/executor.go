package rotate

import (
	"context"
	"time"

	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// executor carries out the acts that were decided for one key.
type executor interface {
	// do makes a look or changes KMS. An error is in the result's answer, for plan to judge.
	do(ctx context.Context, act plan.Act) plan.Result
	// write replaces the record old by next; see Records.Write.
	write(ctx context.Context, old, next *plan.Record) error
}

// executor returns the one that calls AWS, or for a dry-run the one that only looks.
func (r *Runner) executor(w *worker) executor {
	live := &live{runner: r, worker: w}
	if r.Dry {
		return &dry{live: live}
	}
	return live
}

// KMS is what the runner needs of AWS KMS. *kms.Client is one.
type KMS interface {
	Describe(ctx context.Context, id string) (plan.KeySeen, error)
	Listing(ctx context.Context, aliases []string) (map[string]plan.ListingSeen, error)
	Moved(ctx context.Context, alias, keyID string) (*plan.AliasListed, error)
	Version(ctx context.Context, alias string, n int64) (plan.VersionSeen, error)
	Source(ctx context.Context, key plan.KeySeen) (plan.SourceSeen, error)
	Policy(ctx context.Context, keyID string) (string, error)
	MadeWith(ctx context.Context, keyID string) (print string, err error)
	Probe(ctx context.Context, keyID, spec, usage string) plan.Answer
	AliasesOf(ctx context.Context, keyID string) ([]plan.AliasListed, error)
	LastUse(ctx context.Context, keyID string) (plan.UseSeen, error)
	Rotation(ctx context.Context, keyID string) plan.RotationSeen

	UntilTurns(calls plan.Calls) time.Duration
	Reserve(calls plan.Calls) *kms.Turns
	CreateKey(ctx context.Context, k kms.NewKey) (plan.Made, plan.Answer)
	CreateAlias(ctx context.Context, alias, keyID string) plan.Answer
	Disable(ctx context.Context, keyID string) plan.Answer
	SignUpdateAlias(ctx context.Context, alias, keyID string) (*kms.Signed, error)
	SignDisable(ctx context.Context, keyID string) (*kms.Signed, error)
	SignScheduleDeletion(ctx context.Context, keyID string, window time.Duration) (*kms.Signed, error)
	Send(ctx context.Context, s *kms.Signed) plan.Answer
	Enable(ctx context.Context, keyID string) plan.Answer
	EnableRotation(ctx context.Context, keyID string, every time.Duration) plan.Answer
	CancelDeletion(ctx context.Context, keyID string) plan.Answer
}
