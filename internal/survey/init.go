package survey

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/firstplan"
	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// LookAtTable returns what MakeTable would do.
func (a *AWS) LookAtTable(ctx context.Context, name string) (ddblock.Made, error) {
	seen, err := a.table(name).Check(ctx)
	if _, missing := errors.AsType[*ddblock.MissingTableError](err); missing {
		return ddblock.Made{Created: true}, nil
	}
	return ddblock.Made{Table: seen}, err
}

// MakeTable makes a lock table unless it is there. That the table must not hold records is
// no error: what is returned says so.
func (a *AWS) MakeTable(ctx context.Context, name string) (ddblock.Made, error) {
	a.begun = true
	made, err := a.table(name).Create(ctx, ddblock.CreateOptions{})
	if _, unsafe := errors.AsType[*ddblock.UnsafeTableError](err); unsafe {
		return made, nil
	}
	return made, err
}

// Matching lists the account's aliases and describes the keys behind those
// that match.
func (a *AWS) Matching(ctx context.Context, pattern string) ([]firstplan.Found, error) {
	client, err := a.KMS(ctx, a.Plan.Region)
	if err != nil {
		return nil, err
	}
	all, err := client.Aliases(ctx)
	if err != nil {
		return nil, err
	}
	matches := firstplan.Matcher(pattern)
	var found []firstplan.Found
	for _, l := range all {
		if !matches(l.Name) {
			continue
		}
		f := firstplan.Found{Alias: l.Name}
		for _, v := range all {
			if of, _, _ := plan.SplitVersion(v.Name); of == l.Name {
				f.Versions = append(f.Versions, v.Name)
			}
		}
		found = append(found, f)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for i := range found {
		group.Go(func() error {
			key, err := client.Describe(ctx, found[i].Alias)
			if err != nil {
				found[i].Trouble = err.Error()
			}
			found[i].Key = key
			return ctx.Err()
		})
	}
	return found, group.Wait()
}

// ForIAM returns the request for the policies of a role, before anything is read for it.
func ForIAM(role iam.Role, p *planfile.Plan) iam.Request {
	return iam.Request{Role: role, Plan: p, Partition: kms.Partition}
}

// ReadForIAM looks at the keys that the plan's aliases name.
func (a *AWS) ReadForIAM(ctx context.Context) (map[string]iam.Seen, error) {
	read := map[string]iam.Seen{}
	listings := map[string][]plan.AliasListed{}
	for _, k := range a.Plan.Keys {
		client, err := a.KMS(ctx, k.Region)
		if err != nil {
			return nil, err
		}
		if _, listed := listings[k.Region]; !listed {
			if listings[k.Region], err = client.Aliases(ctx); err != nil {
				return nil, err
			}
		}
		seen := namesOf(k.Alias, listings[k.Region])
		if !seen.Missing {
			key, err := client.Describe(ctx, k.Alias)
			if err != nil {
				return nil, err
			}
			seen.Usage = key.Usage
		}
		read[k.Key()] = seen
	}
	return read, nil
}

// namesOf finds what else names the key of an alias, and what the policies would
// take for a version alias of it.
func namesOf(alias string, all []plan.AliasListed) iam.Seen {
	seen := iam.Seen{Missing: true}
	var id string
	for _, a := range all {
		if a.Name == alias {
			seen.Missing, id = false, a.KeyID
		}
	}
	for _, a := range all {
		_, version := plan.VersionOf(alias, a.Name)
		switch {
		case version || a.Name == alias:
		case strings.HasPrefix(a.Name, alias+"/v"):
			seen.LikeVersions = append(seen.LikeVersions, a.Name)
		case !seen.Missing && a.KeyID == id:
			seen.Aliases = append(seen.Aliases, a.Name)
		}
	}
	return seen
}
