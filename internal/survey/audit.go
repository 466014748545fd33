package survey

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// auditTries is how often a key is looked at again because a run changed its
// record meanwhile.
const auditTries = 3

// auditor reads what the audit judges. What it may not read it notes, and goes
// on: an audit of nine keys out of ten is worth having.
type auditor struct {
	*AWS
	who *plan.Caller
	// checks holds the tables that could be checked.
	checks  map[string]plan.TableSeen
	aliases map[string]*region
	// wholes holds the records as last read, with the versions that they have left out.
	wholes map[string]*plan.Record
	// histories holds the record's and the ledger's events of each key whose ledger
	// was read.
	histories map[string]*plan.History
	heads     map[string]audit.LedgerHead

	mu       sync.Mutex
	unread   []string
	lacking  []string
	findings []audit.Finding
	others   []audit.OtherPlan
	checked  int
	// orphans is nil if nobody asked for them.
	orphans  *audit.Search
	announce func(Announcement)
}

func (a *auditor) result(keys []plan.Policy) audit.Result {
	r := audit.Result{At: a.Now(), Caller: a.who, Keys: a.checked, Unread: a.unread, Lacking: a.lacking,
		Orphans: a.orphans, Others: a.others}
	audit.Accept(r.At, a.Plan.Accept, keys, a.findings)
	r.Findings = audit.Together(a.findings)
	r.Accepts = audit.Entries(r.At, a.Plan.Accept, keys)
	for _, k := range keys {
		if head, read := a.heads[k.Key()]; read {
			r.Heads = append(r.Heads, head)
		}
	}
	if a.orphans != nil {
		r.Looked = append(r.Looked, plan.NeedsOrphans)
	}
	return r
}

// region is what one full ListAliases shows.
type region struct {
	kms    *kms.Client
	all    []plan.AliasListed
	byName map[string]plan.AliasListed
	byKey  map[string][]plan.AliasListed
}

// Audit audits the tables and the given keys. announce, if given, asks for a search for
// orphans too: it is told how much there is to ask of a Region, before it is asked.
func (a *AWS) Audit(ctx context.Context, keys []plan.Policy, announce func(Announcement)) (audit.Result, error) {
	d := &auditor{AWS: a, checks: map[string]plan.TableSeen{}, aliases: map[string]*region{},
		histories: map[string]*plan.History{}, heads: map[string]audit.LedgerHead{},
		wholes: map[string]*plan.Record{}}
	if err := d.keys(ctx, keys); err != nil {
		return audit.Result{}, err
	}
	if announce != nil {
		d.announce = announce
		if err := d.searchOrphans(ctx, keys); err != nil {
			return audit.Result{}, err
		}
	}
	return d.result(keys), nil
}

func (a *auditor) remember(key string, h plan.History) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.histories[key] = &h
}

func (a *auditor) miss(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unread = append(a.unread, fmt.Sprintf(format, args...))
}

// keys audits the tables and the given keys.
func (a *auditor) keys(ctx context.Context, keys []plan.Policy) error {
	if caller, err := a.Caller(ctx); err == nil {
		a.who = &caller
	} else {
		a.miss("%v", err)
	}
	found := make(map[string][]audit.Finding, len(keys))
	all := keys
	keys = a.here(keys, found)
	for _, name := range a.Plan.Tables() {
		if err := a.elsewhere(name); err != nil && len(keys) == 0 {
			return err // there is nothing else to be told
		} else if err != nil {
			continue // what has that name there is another table
		}
		if err := a.auditTable(ctx, name); err != nil {
			return err
		}
	}
	pending := keys
	records, err := a.Records(ctx, keys)
	for try := 1; err == nil && len(pending) > 0; try++ {
		if err = a.list(ctx, pending); err != nil {
			break
		}
		if err = a.judge(ctx, pending, records, found); err != nil {
			break
		}
		// A run may have written while KMS was asked; then what was seen of the
		// two does not belong together.
		var again Records
		if again, err = a.Records(ctx, keys); err != nil {
			break
		}
		var changed []plan.Policy
		for _, k := range pending {
			if before, now := records.Found[k.Key()], again.Found[k.Key()]; revOf(before) != revOf(now) {
				changed = append(changed, k)
			}
		}
		records, pending = again, changed
		if try == auditTries && len(changed) > 0 {
			for _, k := range changed {
				a.miss("%s: a run is working on it; audit it again", k.Name)
				found[k.Key()] = nil
			}
			break
		}
	}
	if err != nil {
		return err
	}
	for _, k := range all {
		a.findings = append(a.findings, found[k.Key()]...)
	}
	a.checked = len(all)
	return nil
}

// elsewhere returns the error of a table of another account than the credentials'.
func (a *auditor) elsewhere(table string) error {
	if a.who == nil {
		return nil
	}
	return a.RightAccount(*a.who, table)
}

// here leaves out the keys of another account than the credentials': nothing that
// AWS shows there is about them.
func (a *auditor) here(keys []plan.Policy, found map[string][]audit.Finding) []plan.Policy {
	var here []plan.Policy
	for _, k := range keys {
		seen := audit.Seen{Caller: a.who}
		if audit.Elsewhere(k, nil, seen) != nil {
			found[k.Key()] = audit.Key(a.Now(), k, nil, seen)
			continue
		}
		here = append(here, k)
	}
	return here
}

func revOf(r *plan.Record) int64 {
	if r == nil {
		return 0
	}
	return r.Rev
}

// auditTable audits one lock table.
func (a *auditor) auditTable(ctx context.Context, name string) error {
	table := a.table(name)
	seen, err := table.Inspect(ctx)
	var missing *ddblock.MissingTableError
	switch {
	case errors.As(err, &missing):
		return err
	case err != nil:
		a.miss("table %s itself: %v", name, err)
		return ctx.Err()
	case seen.PITRNote != "":
		a.miss("table %s: whether point-in-time recovery is on: %s", name, seen.PITRNote)
	}
	a.checks[name] = seen.Table
	t := audit.TableSeen{Name: name, Region: a.Plan.Region, Verdict: seen.Table, Deletion: seen.Deletion,
		PITR: seen.PITR, PITRNote: seen.PITRNote}
	listed, err := table.List(ctx)
	if err != nil {
		a.miss("which records table %s has: %v", name, err)
	}
	for _, l := range listed {
		t.Records = append(t.Records, audit.Record(l))
	}
	sort.Slice(t.Records, func(i, j int) bool { return t.Records[i].Key < t.Records[j].Key })
	planned := map[string]bool{}
	for _, k := range a.Plan.Keys {
		if k.Table == name {
			planned[k.Key()] = true
		}
	}
	a.findings = append(a.findings, audit.Table(t, planned, a.Plan.Name)...)
	a.others = append(a.others, audit.Others(t, planned, a.Plan.Name)...)
	return ctx.Err()
}

// list lists all aliases of the Regions that keys are in once more. Without that
// list nothing can be said of a Region.
func (a *auditor) list(ctx context.Context, keys []plan.Policy) error {
	for _, k := range keys {
		delete(a.aliases, k.Region)
	}
	for _, k := range keys {
		if a.aliases[k.Region] != nil {
			continue
		}
		client, err := a.KMS(ctx, k.Region)
		if err != nil {
			return err
		}
		r := &region{kms: client, byName: map[string]plan.AliasListed{}, byKey: map[string][]plan.AliasListed{}}
		if r.all, err = r.kms.Aliases(ctx); err != nil {
			return err
		}
		for _, l := range r.all {
			r.byName[l.Name] = l
			r.byKey[l.KeyID] = append(r.byKey[l.KeyID], l)
		}
		a.aliases[k.Region] = r
	}
	return nil
}

// judge looks at each key in KMS and judges it.
func (a *auditor) judge(ctx context.Context, keys []plan.Policy, records Records,
	found map[string][]audit.Finding) error {
	results := make([][]audit.Finding, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for i, k := range keys {
		if what, is := records.Broken[k.Key()]; is {
			results[i] = []audit.Finding{audit.Malformed(k, what.Error())}
			continue
		}
		group.Go(func() error {
			defer a.Looks.begin()()
			seen := a.key(ctx, k, records.Found[k.Key()])
			results[i] = audit.Key(a.Now(), k, records.Found[k.Key()], seen)
			return ctx.Err()
		})
	}
	err := group.Wait()
	for i, k := range keys {
		found[k.Key()] = results[i]
	}
	return err
}
