package survey

import (
	"context"
	"errors"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/plan"
)

// key asks AWS all that the audit of one key needs.
func (a *auditor) key(ctx context.Context, k plan.Policy, r *plan.Record) audit.Seen {
	where := a.aliases[k.Region]
	seen := audit.Seen{Caller: a.who, TableID: a.checks[k.Table].ID, Unsafe: a.checks[k.Table].Unsafe,
		Listing: where.listing(k.Alias),
		Keys:    map[string]plan.KeySeen{}, KeysFailed: map[string]string{},
		Aliases: map[string][]plan.AliasListed{}, Tags: map[string]audit.Tags{},
		Use: map[string]plan.UseSeen{}}
	alias, err := where.kms.Describe(ctx, k.Alias)
	if err != nil {
		a.miss("%s: what %s names: %v", k.Name, k.Alias, err)
		seen.AliasFailed = err.Error()
	} else {
		seen.Alias = &alias
	}
	seen.Ledger, err = a.table(k.Table).Ledger(ctx, k.Key(), time.Time{})
	if bad, ok := errors.AsType[*ddblock.MalformedError](err); ok {
		seen.LedgerMalformed = bad.Error()
	} else if err != nil {
		a.miss("%s: its ledger: %v", k.Name, err)
	} else {
		seen.Ledgered = true
		a.remember(k.Key(), plan.HistoryOf(r, seen.Ledger))
		defer func() { a.headOf(k, r, seen) }()
	}
	if r == nil || r.Schema > plan.SchemaVersion {
		return seen
	}
	for _, id := range concerned(audit.Whole(k, r, seen), seen.Listing) {
		seen.Aliases[id] = where.byKey[id]
		key, err := where.kms.Describe(ctx, id)
		if err != nil {
			a.miss("%s: key %s: %v", k.Name, id, err)
			seen.KeysFailed[id] = err.Error()
			continue
		}
		seen.Keys[id] = key
		if key.Missing {
			continue
		}
		if tags, err := where.kms.Origin(ctx, id); err != nil {
			a.miss("%s: who made key %s: %v", k.Name, id, err)
		} else {
			seen.Tags[id] = audit.Tags(tags)
		}
	}
	r = audit.Whole(k, r, seen)
	a.knows(k, r)
	a.uses(ctx, k, r, seen)
	seen.Rotations, seen.OnDemand = a.rotations(ctx, k, r, seen.Keys), a.onDemand(ctx, k, r, seen.Keys)
	seen.Policies, seen.OwnPolicy = a.policies(ctx, k, r, seen.Keys), a.options.Policies[k.PolicyPath]
	seen.Grants = a.grants(ctx, k, r, seen.Keys)
	return seen
}

// knows notes the record of a key with the versions that it has left out.
func (a *auditor) knows(k plan.Policy, whole *plan.Record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wholes[k.Key()] = whole
}

// headOf notes the newest event of a key's ledger, and which version's tag seals it. What was
// not looked at is not known, whatever the reason.
func (a *auditor) headOf(k plan.Policy, r *plan.Record, seen audit.Seen) {
	a.mu.Lock()
	defer a.mu.Unlock()
	events := a.histories[k.Key()].Events
	seals := plan.SealsOf(r, events)
	unread := false
	for i := range seals {
		if t, read := seen.Tags[seals[i].KeyID]; read {
			seals[i].Read(t.Ledger, events)
		} else if !seen.Keys[seals[i].KeyID].Missing {
			unread = true
		}
	}
	if head := plan.Head(events); head.Rev > 0 {
		sealed := plan.Sealed(seals)
		a.heads[k.Key()] = audit.LedgerHead{Key: k.Name, Head: head, Seal: sealed,
			SealUnread: sealed == nil && unread}
	}
}

// uses asks for the last use of old versions. A failing answer about one that would retire
// by now keeps its drain open, and is a finding of its own.
func (a *auditor) uses(ctx context.Context, k plan.Policy, r *plan.Record, seen audit.Seen) {
	client := a.aliases[k.Region].kms
	var failed versionsFailed
	for _, v := range audit.Watched(r, seen.Keys) {
		terms := plan.Careful(v.Retire, k.Retire)
		if v.State == plan.Draining && !a.Now().Before(k.DrainEnd(v)) && terms.Action != plan.RetireKeep &&
			!terms.UsageOff {
			use, err := client.LastUse(ctx, v.KeyID)
			if err != nil {
				use = plan.UseFailed(awscall.Classify(err))
			}
			seen.Use[v.KeyID] = use
			continue
		}
		use, err := client.LastUsage(ctx, v.KeyID)
		if err != nil {
			failed.add(v, err)
			continue
		}
		seen.Use[v.KeyID] = use
	}
	failed.tell(a, k, "last use")
}

// rotations asks how versions are rotated automatically: the live one and the one before
// it, or all that are enabled if the plan says how.
func (a *auditor) rotations(
	ctx context.Context, k plan.Policy, r *plan.Record, keys map[string]plan.KeySeen,
) map[string]plan.RotationSeen {
	seen := map[string]plan.RotationSeen{}
	for _, v := range rotating(k, r, keys) {
		if seen[v.KeyID] = a.aliases[k.Region].kms.Rotation(ctx, v.KeyID); seen[v.KeyID].Unknown != "" {
			a.miss("%s: automatic rotation of %s: %s", k.Name, plan.VersionName(v.Version), seen[v.KeyID].Unknown)
		}
	}
	return seen
}

func rotating(k plan.Policy, r *plan.Record, keys map[string]plan.KeySeen) []plan.Version {
	var asked []plan.Version
	before, copied := audit.Before(r)
	for _, v := range r.Versions {
		key, known := keys[v.KeyID]
		counts := v.Version == r.Active || copied && k.AutoRotation.Copies() && v.Version == before.Version ||
			!k.AutoRotation.Copies() && (v.State == plan.Draining || v.State == plan.Kept)
		if counts && known && !key.Missing && plan.RotatesItself(key.Spec, key.Usage) {
			asked = append(asked, v)
		}
	}
	return asked
}

// onDemand asks when the material of the enabled versions was rotated on demand: one
// ListKeyRotations each, of which KMS takes 100 a second.
func (a *auditor) onDemand(
	ctx context.Context, k plan.Policy, r *plan.Record, keys map[string]plan.KeySeen,
) map[string][]time.Time {
	seen := map[string][]time.Time{}
	var failed versionsFailed
	for _, v := range audit.Usable(r, keys) {
		if key := keys[v.KeyID]; !plan.RotatesItself(key.Spec, key.Usage) {
			continue
		}
		times, err := a.aliases[k.Region].kms.OnDemand(ctx, v.KeyID)
		if err != nil {
			failed.add(v, err)
			continue
		}
		seen[v.KeyID] = times
	}
	failed.tell(a, k, "rotations on demand")
	return seen
}

// concerned returns the ids of all keys that a record or a version alias names.
func concerned(r *plan.Record, l *plan.ListingSeen) []string {
	var ids []string
	seen := map[string]bool{"": true}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, v := range r.Versions {
		add(v.KeyID)
	}
	for _, v := range l.Versions {
		add(v.KeyID)
	}
	return ids
}

// listing finds an alias and its version aliases in the list.
func (r *region) listing(alias string) *plan.ListingSeen {
	l := &plan.ListingSeen{}
	if a, ok := r.byName[alias]; ok {
		l.Alias = &a
	}
	for _, a := range r.all {
		if of, _, _ := plan.SplitVersion(a.Name); of == alias {
			l.Versions = append(l.Versions, a)
		}
	}
	return l
}
