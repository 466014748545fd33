package survey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// KMS finds no key by its tags. A key that a killed run left behind has no
// name, and somebody may have copied the tags of a version to any key: so every key of the
// account is asked for its tags, but for versions and for AWS's own.

// Announcement says how much a search for orphans will ask of a Region.
type Announcement struct {
	Region string
	// Keys is how many keys the Region has, and Unnamed how many of them no alias.
	Keys, Unnamed int
	// Calls is how many calls of ListResourceTags follow.
	Calls int
}

// searchOrphans searches the Regions of the given keys.
func (a *auditor) searchOrphans(ctx context.Context, keys []plan.Policy) error {
	a.orphans = &audit.Search{}
	asked := regionsOf(keys)
	keys = a.here(keys, map[string][]audit.Finding{})
	here := regionsOf(keys)
	for _, name := range asked {
		if !slices.Contains(here, name) { // its keys are in another account
			a.orphans.Unlisted = append(a.orphans.Unlisted, name)
		}
	}
	for _, name := range here {
		if err := a.searchRegion(ctx, name, keys); err != nil {
			return err
		}
	}
	return nil
}

func regionsOf(keys []plan.Policy) []string {
	var names []string
	seen := map[string]bool{}
	for _, k := range keys {
		if !seen[k.Region] {
			seen[k.Region] = true
			names = append(names, k.Region)
		}
	}
	return names
}

func (a *auditor) searchRegion(ctx context.Context, name string, keys []plan.Policy) error {
	where := a.aliases[name]
	ids, err := where.kms.Keys(ctx)
	if err != nil {
		a.miss("orphans in %s: %v", name, err)
		a.orphans.Unlisted = append(a.orphans.Unlisted, name)
		return ctx.Err()
	}
	names := map[string]string{} // of what may be an orphan, by id
	var suspects, named []string
	for _, id := range ids {
		switch {
		case len(where.byKey[id]) == 0:
			suspects = append(suspects, id)
		case !a.ofKeyturn(name, where.byKey[id]):
			named = append(named, id)
		}
	}
	unnamed := len(suspects)
	a.orphans.Keys += len(ids)
	a.orphans.Unnamed += unnamed
	for _, k := range keys {
		if k.Region != name {
			continue
		}
		for _, v := range where.listing(k.Alias).Versions {
			// nothing but an unknown v<n> names it
			if len(where.byKey[v.KeyID]) == 1 && !has(a.wholes[k.Key()], v.KeyID) {
				suspects, names[v.KeyID] = append(suspects, v.KeyID), v.Name
			}
		}
	}
	calls := len(suspects) + len(named)
	a.orphans.Calls += calls
	// It is said before it is done: an account may have 100,000 keys.
	a.announce(Announcement{Region: name, Keys: len(ids), Unnamed: unnamed, Calls: calls})
	seen, err := a.suspects(ctx, where, suspects, names, true)
	if err != nil {
		return err
	}
	copies, err := a.suspects(ctx, where, named, names, false)
	if err != nil {
		return err
	}
	a.copied(name, where, copies)
	records, err := a.recordsOf(ctx, name, seen)
	if err != nil {
		return err
	}
	owners := a.owners(records)
	seen, aside := audit.SetAside(name, seen, owners)
	a.orphans.Aside += aside
	for _, o := range audit.Orphans(a.Now(), name, seen, owners) {
		a.findings = append(a.findings, o.Finding())
	}
	return nil
}

// ofKeyturn reports whether one of a key's aliases is of the plan, is a version's, or is
// AWS's own.
func (a *auditor) ofKeyturn(in string, names []plan.AliasListed) bool {
	return slices.ContainsFunc(names, func(l plan.AliasListed) bool {
		_, _, version := plan.SplitVersion(l.Name)
		return version || strings.HasPrefix(l.Name, "alias/aws/") ||
			slices.ContainsFunc(a.Plan.Keys, func(k plan.Policy) bool { return k.Region == in && k.Alias == l.Name })
	})
}

// copied judges keys with a name of their own that bear keyturn's tags for a key of the plan.
func (a *auditor) copied(name string, where *region, seen []audit.Suspect) {
	for _, s := range seen {
		for _, k := range a.Plan.Keys {
			of := k.Region == name && k.Alias == s.Tags.Alias
			if s.Tags.Claim != "" && of && !has(a.wholes[k.Key()], s.Key.KeyID) {
				s.Name = where.byKey[s.Key.KeyID][0].Name
				a.findings = append(a.findings, audit.CopiedTags(name, s))
			}
		}
	}
}

// owners adds to records what this audit has found out about their keys. Of one that
// it was not asked about the history is not known.
func (a *auditor) owners(records Records) map[string]audit.Owner {
	owners := map[string]audit.Owner{}
	for key := range records.Broken {
		owners[key] = audit.Owner{Broken: true}
	}
	for key, r := range records.Found {
		owners[key] = audit.Owner{Record: cmp.Or(a.wholes[key], r), History: a.histories[key], Doubt: a.doubt(key)}
	}
	for _, k := range a.Plan.Keys {
		if _, known := owners[k.Key()]; !known {
			owners[k.Key()] = audit.Owner{Doubt: a.doubt(k.Key())}
		}
	}
	return owners
}

// doubt returns the code of the finding that leaves a record in doubt; "" if there is
// none.
func (a *auditor) doubt(key string) plan.Code {
	for _, k := range a.Plan.Keys {
		for _, f := range a.findings {
			if k.Key() == key && f.Key == k.Name && f.Doubts() {
				return f.Code
			}
		}
	}
	return ""
}

func has(r *plan.Record, keyID string) bool {
	if r == nil {
		return false
	}
	_, ours := r.VersionOfKey(keyID)
	return ours
}

// suspects reads the tags of keys, and describes those that keyturn made.
func (a *auditor) suspects(
	ctx context.Context, where *region, ids []string, names map[string]string, unnamed bool,
) ([]audit.Suspect, error) {
	seen := make([]audit.Suspect, len(ids))
	refused := make([]error, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for i, id := range ids {
		group.Go(func() error {
			var tags kms.Origin
			if tags, refused[i] = where.kms.Origin(ctx, id); refused[i] != nil || tags.Claim == "" {
				return ctx.Err()
			}
			var key plan.KeySeen
			if key, refused[i] = where.kms.Describe(ctx, id); refused[i] == nil { // unseen it is not judged
				seen[i] = audit.Suspect{Tags: audit.Tags(tags), Name: names[id], Key: key}
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var first error
	n := 0
	for _, err := range refused {
		if err != nil {
			if n++; first == nil {
				first = err
			}
		}
	}
	if n == 0 {
		return seen, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if text := fmt.Sprintf("who made %s: %v", plan.Counted(n, "key"), first); unnamed {
		a.unread = append(a.unread, text)
		a.orphans.Unread += n
	} else { // other people's keys may let nobody look
		a.lacking = append(a.lacking, text)
	}
	return seen, nil
}

// recordsOf reads, from every table of the plan, the records of the aliases
// that suspects were made for, whether this plan has them or not.
func (a *auditor) recordsOf(ctx context.Context, region string, seen []audit.Suspect) (Records, error) {
	var keys []string
	for _, s := range seen {
		if key := region + "/" + s.Tags.Alias; s.Tags.Alias != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	byTable := map[string][]string{}
	if len(keys) > 0 {
		slices.Sort(keys)
		for _, name := range a.Plan.Tables() {
			byTable[name] = keys
		}
	}
	return a.records(ctx, byTable)
}
