package survey

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/internal/firstplan"
	"github.com/keyturn/keyturn/plan"
)

// PolicyNotes lists for each key of a first plan what a person must do before a new
// version can have a copy of its key policy; "" where there is nothing. The
// caller here is a person, so what the role of cron may do is not known.
func (a *AWS) PolicyNotes(ctx context.Context, keys []firstplan.Found) ([]string, error) {
	client, err := a.KMS(ctx, a.Plan.Region)
	if err != nil {
		return nil, err
	}
	notes := make([]string, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for i, k := range keys {
		group.Go(func() error {
			policy, err := client.Policy(ctx, k.Key.KeyID)
			notes[i] = policyNote(k.Key, policy, err)
			return ctx.Err()
		})
	}
	return notes, group.Wait()
}

func policyNote(key plan.KeySeen, policy string, err error) string {
	if err != nil {
		return fmt.Sprintf("whether its key policy can be copied is not known: %v", err)
	}
	seen := plan.Looks{Alias: &key, Source: &plan.SourceSeen{Policy: policy}}
	n := plan.VersionTerms(plan.Policy{}, nil, plan.Observed{Looks: seen})
	switch {
	case n.Trouble != "":
		return "its key policy cannot be copied onto another key: " + n.Trouble + "; give the key a policy: of its own"
	case n.Checked():
		return "its key policy does not provably leave a new key to this account: " +
			"the role that rotates it needs kms:PutKeyPolicy, or the key a policy: of its own"
	}
	return ""
}
