package survey

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/plan"
)

// Seals reads the tags of every version that the ledgers and the records have, and compares
// them with the ledgers: one ListResourceTags for each version that KMS still has. A key with
// neither may have lost both: then the versions are those that KMS has names of.
func (a *AWS) Seals(ctx context.Context, all []plan.KeyHistory) error {
	named, err := a.namedOnly(ctx, all)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for i := range all {
		client, err := a.KMS(ctx, all[i].Key.Region)
		if err != nil {
			return err
		}
		events, alias := all[i].Events, all[i].Key.Alias
		all[i].Seals = append(plan.SealsOf(all[i].Record, events), named[all[i].Key.Key()]...)
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
				if s.State == plan.SealUnread { // which versions there are
					return nil
				}
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

// namedOnly returns the versions that KMS has names of, by the keys of records, for the keys
// that have no record and no event.
func (a *AWS) namedOnly(ctx context.Context, all []plan.KeyHistory) (map[string][]plan.Seal, error) {
	byRegion := map[string][]plan.Policy{}
	for _, h := range all {
		if h.Record == nil && len(h.Events) == 0 {
			byRegion[h.Key.Region] = append(byRegion[h.Key.Region], h.Key)
		}
	}
	named := map[string][]plan.Seal{}
	for region, keys := range byRegion {
		client, err := a.KMS(ctx, region)
		if err != nil {
			return nil, err
		}
		var aliases []string
		for _, k := range keys {
			aliases = append(aliases, k.Alias)
		}
		listed, err := client.Listing(ctx, aliases)
		for _, k := range keys {
			if err != nil {
				named[k.Key()] = []plan.Seal{{State: plan.SealUnread, Why: err.Error()}}
			}
			for _, l := range listed[k.Alias].Versions {
				if n, is := plan.VersionOf(k.Alias, l.Name); is {
					named[k.Key()] = append(named[k.Key()], plan.Seal{Version: n, KeyID: l.KeyID})
				}
			}
		}
	}
	return named, ctx.Err()
}
