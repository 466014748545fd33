package survey

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/plan"
)

// Seals reads the tags of every version that the ledgers and the records have, and compares
// them with the ledgers: one ListResourceTags for each version that KMS still has.
func (a *AWS) Seals(ctx context.Context, all []plan.KeyHistory) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for i := range all {
		client, err := a.KMS(ctx, all[i].Key.Region)
		if err != nil {
			return err
		}
		events, alias := all[i].Events, all[i].Key.Alias
		all[i].Seals = plan.SealsOf(all[i].Record, events)
		end := a.Looks.begin()
		if len(all[i].Seals) == 0 {
			end()
		}
		var left atomic.Int64
		left.Store(int64(len(all[i].Seals)))
		for j := range all[i].Seals {
			s := &all[i].Seals[j]
			group.Go(func() error {
				defer func() {
					if left.Add(-1) == 0 {
						end()
					}
				}()
				switch tag, gone, err := client.Seal(ctx, s.KeyID, alias); {
				case err != nil:
					s.State, s.Why = plan.SealUnread, err.Error()
				case gone:
					s.State = plan.SealDeleted
				default:
					s.Read(tag, events)
				}
				return ctx.Err()
			})
		}
	}
	return group.Wait()
}
