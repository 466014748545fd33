package survey

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/evidence"
	"github.com/keyturn/keyturn/plan"
)

// Evidence reads what the report for an assessor is made of: records and ledgers, and each
// KMS key that they name. The findings of an audit become those of the report.
func (a *AWS) Evidence(ctx context.Context, keys []plan.Policy, since time.Time, found audit.Result) (evidence.Report,
	error) {
	all := make([]evidence.Seen, len(keys))
	var here []plan.Policy
	for i, k := range keys {
		all[i] = evidence.Seen{KeyHistory: plan.KeyHistory{Key: k}}
		if ref := audit.Elsewhere(k, nil, audit.Seen{Caller: found.Caller}); ref != nil {
			all[i].Failed = ref.What
			continue
		}
		here = append(here, k)
	}
	at := func(k plan.Policy) *evidence.Seen {
		return &all[slices.IndexFunc(keys, func(other plan.Policy) bool { return other.Key() == k.Key() })]
	}
	histories, err := a.Histories(ctx, here, func(k plan.Policy, err error) { at(k).Failed = err.Error() })
	if err != nil {
		return evidence.Report{}, err
	}
	if err := a.Seals(ctx, histories); err != nil {
		return evidence.Report{}, err
	}
	for _, h := range histories {
		s := at(h.Key)
		s.KeyHistory = h
		if err := a.see(ctx, s); err != nil {
			return evidence.Report{}, err
		}
	}
	for _, f := range found.Findings {
		for i := range all {
			if slices.Contains(f.Keys, all[i].Key.Name) {
				all[i].Findings = append(all[i].Findings, ofFinding(f))
			}
		}
	}
	r := evidence.Of(a.Now(), since, found.Caller, all)
	r.Unread = found.Unread
	for _, f := range found.Findings {
		if len(f.Keys) == 0 {
			r.Findings = append(r.Findings, ofFinding(f))
		}
	}
	return r, nil
}

func ofFinding(f audit.Finding) evidence.Finding {
	out := evidence.Finding{ID: f.ID(), Level: string(f.Level), What: f.What, Code: f.Code, Since: f.Since,
		AtEarliest: f.AtEarliest}
	if a := f.Accepted; a != nil {
		out.Accepted, out.Ended = &a.Acceptance, a.Ended
	}
	return out
}

// see asks KMS about the keys of one history: what each is, and when the old ones were last
// used.
func (a *AWS) see(ctx context.Context, s *evidence.Seen) error {
	client, err := a.KMS(ctx, s.Key.Region)
	if err != nil {
		return err
	}
	s.Keys, s.Uses = map[string]plan.KeySeen{}, map[string]plan.UseSeen{}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for _, id := range evidence.KeyIDs(s.KeyHistory) {
		group.Go(func() error {
			key, err := client.Describe(ctx, id)
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				s.Unread = append(s.Unread, "key "+id+": "+err.Error())
				return ctx.Err()
			}
			use, asked := plan.UseSeen{}, !key.Missing && !isLive(s.Record, id)
			if asked {
				if use, err = client.LastUse(ctx, id); err != nil {
					use = plan.UseFailed(awscall.Classify(err))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if s.Keys[id] = key; asked {
				s.Uses[id] = use
			}
			return ctx.Err()
		})
	}
	err = group.Wait()
	slices.Sort(s.Unread)
	return err
}

func isLive(r *plan.Record, keyID string) bool {
	return r != nil && r.Live() != nil && r.Live().KeyID == keyID
}
