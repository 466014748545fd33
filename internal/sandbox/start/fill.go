package start

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// before is how much before the first key the table was made.
const before = time.Hour

// fill makes a sandbox's state as it would be at now had a keyturn run on the
// plan for a while. The host's clock, as the sandbox sees it, is put from one
// key's birth to the next; so the sandbox's own clock never has to move, and
// at the end shows now.
func fill(ctx context.Context, p *planfile.Plan, now time.Time) ([]byte, error) {
	births := birthsOf(p, now)
	w := &past{now: births[0].at.Add(-before)}
	var err error
	if w.box, err = sandbox.New(sandbox.Options{Account: p.Account,
		HostNow: func() time.Time { return w.now }}); err != nil {
		return nil, err
	}
	for _, table := range p.Tables() {
		conn, err := w.connect(ctx, p.Region)
		if err != nil {
			return nil, err
		}
		if _, err := ddblock.New(conn.DynamoDB, table).Create(ctx, ddblock.CreateOptions{}); err != nil {
			return nil, err
		}
	}
	for _, b := range births {
		w.now = b.at
		if err := w.makeKey(ctx, b.key); err != nil {
			return nil, fmt.Errorf("make %s: %w", b.key.Alias, err)
		}
		w.now = b.at.Add(time.Minute)
		if err := w.adopt(ctx, p, b.key); err != nil {
			return nil, fmt.Errorf("adopt %s: %w", b.key.Name, err)
		}
	}
	return w.box.State()
}

// birth is when the version of a key was made.
type birth struct {
	key plan.Policy
	at  time.Time
}

// birthsOf puts the keys in the order of their births.
func birthsOf(p *planfile.Plan, now time.Time) []birth {
	all := make([]birth, len(p.Keys))
	for i, k := range p.Keys {
		all[i] = birth{k, born(k, now)}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at.Before(all[j].at) })
	return all
}

// born is when a key's version was made so that a window of its schedule has
// opened since, and is due. Where windows are counted from the adoption, that
// is a period and an hour ago; else it is just after the window before the
// current one opened. A key whose window has been over start_within is of the
// current one: nothing was missed.
func born(k plan.Policy, now time.Time) time.Time {
	s := k.Schedule
	if s.Cron == "" && s.Anchor.IsZero() {
		return now.Add(-s.Every - min(time.Hour, s.Every/10)).Truncate(time.Second)
	}
	w := s.Window(now, time.Time{})
	if k.StartWithin > 0 && k.Unfrozen(w.Start, now) >= k.StartWithin {
		return w.Start.Add(time.Second)
	}
	return s.Prev(w, time.Time{}).Start.Add(time.Second)
}

// makeKey makes a key and its alias as a person would have.
func (w *past) makeKey(ctx context.Context, k plan.Policy) error {
	conn, err := w.connect(ctx, k.Region)
	if err != nil {
		return err
	}
	made, err := conn.KMS.CreateKey(ctx, &awskms.CreateKeyInput{
		KeySpec: types.KeySpec(k.Spec), KeyUsage: types.KeyUsageType(k.Usage), // "" is KMS's default
		Description: k.Description,
	})
	if err != nil {
		return err
	}
	_, err = conn.KMS.CreateAlias(ctx, &awskms.CreateAliasInput{AliasName: aws.String(k.Alias),
		TargetKeyId: made.KeyMetadata.KeyId})
	return err
}

// adopt lets a run take the key under management.
func (w *past) adopt(ctx context.Context, p *planfile.Plan, k plan.Policy) error {
	table, err := w.connect(ctx, p.Region)
	if err != nil {
		return err
	}
	conn, err := w.connect(ctx, k.Region)
	if err != nil {
		return err
	}
	runner := &rotate.Runner{
		Records: ddblock.New(table.DynamoDB, k.Table), KMS: kms.New(conn.KMS), Identity: table,
		Now: table.Clock.Now, Sleep: rotate.Sleep, Rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		Run: "first", Pool: "sandbox", Host: "sandbox", Gate: rotate.AskGate,
	}
	report, err := runner.Do(ctx, []plan.Policy{k}, plan.Request{Verb: plan.VerbAdopt})
	if err != nil {
		return err
	}
	if r := report.Keys[0]; r.Outcome != plan.Adopted {
		return fmt.Errorf("%s: %v", r.Outcome, r.Reasons)
	}
	return nil
}
