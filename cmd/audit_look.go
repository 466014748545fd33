package cmd

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/audit"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// auditTries is how often a key is looked at anew because a run changed its
// record meanwhile.
const auditTries = 3

// auditor reads what the audit judges. What it may not read it notes, and goes
// on: an audit of nine keys out of ten is worth having.
type auditor struct {
	s       *session
	caller  *plan.Caller
	tables  map[string]plan.TableSeen // as far as they could be looked at
	regions map[string]*region
	known   map[string]*plan.Record // the records as last read

	mu       sync.Mutex
	unread   []string
	findings []audit.Finding
	checked  int
	orphans  *audit.Search // nil: not asked for
}

func (a *auditor) result() audit.Result {
	return audit.Result{At: a.now(), Caller: a.caller, Keys: a.checked, Findings: a.findings, Unread: a.unread, Orphans: a.orphans}
}

// region is what one full ListAliases shows.
type region struct {
	kms    *kms.Client
	all    []plan.AliasListed
	byName map[string]plan.AliasListed
	byKey  map[string][]plan.AliasListed
}

func (s *session) newAuditor() *auditor {
	return &auditor{s: s, tables: map[string]plan.TableSeen{}, regions: map[string]*region{}}
}

func (a *auditor) miss(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unread = append(a.unread, fmt.Sprintf(format, args...))
}

// keys audits the tables and the given keys.
func (a *auditor) keys(ctx context.Context, keys []plan.Policy) error {
	if caller, err := a.s.who.Caller(ctx); err == nil {
		a.caller = &caller
	} else {
		a.miss("%v", err)
	}
	found := make(map[string][]audit.Finding, len(keys))
	all := keys
	keys = a.here(keys, found)
	for _, name := range tables(a.s.plan.Plan) {
		if err := a.elsewhere(name); err != nil && len(keys) == 0 {
			return err // there is nothing else to be told
		} else if err != nil {
			continue // what has that name there is another table
		}
		if err := a.table(ctx, name); err != nil {
			return err
		}
	}
	pending := keys
	records, broken, err := a.records(ctx, keys)
	for try := 1; err == nil && len(pending) > 0; try++ {
		if err = a.list(ctx, pending); err != nil {
			break
		}
		if err = a.judge(ctx, pending, records, broken, found); err != nil {
			break
		}
		// A run may have written while KMS was asked; then what was seen of the
		// two does not belong together.
		var again map[string]*plan.Record
		if again, broken, err = a.records(ctx, keys); err != nil {
			break
		}
		var changed []plan.Policy
		for _, k := range pending {
			if before, now := records[k.Key()], again[k.Key()]; revOf(before) != revOf(now) {
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
	a.checked, a.known = len(all), records
	return nil
}

// elsewhere is the error of a table of another account than the credentials'.
func (a *auditor) elsewhere(table string) error {
	if a.caller == nil {
		return nil
	}
	return a.s.rightAccount(*a.caller, table)
}

// here leaves out the keys of another account than the credentials': nothing that
// AWS shows there is about them.
func (a *auditor) here(keys []plan.Policy, found map[string][]audit.Finding) []plan.Policy {
	var here []plan.Policy
	for _, k := range keys {
		seen := audit.Seen{Caller: a.caller}
		if audit.Elsewhere(k, nil, seen) != nil {
			found[k.Key()] = audit.Key(a.now(), k, nil, seen)
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

// table audits one lock table.
func (a *auditor) table(ctx context.Context, name string) error {
	table := ddblock.New(a.s.conn.DynamoDB, name)
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
	a.tables[name] = seen.Table
	t := audit.TableSeen{Name: name, Region: a.s.plan.Region, Verdict: seen.Table, Deletion: seen.Deletion, PITR: seen.PITR, PITRNote: seen.PITRNote}
	if t.Keys, err = table.Keys(ctx); err != nil {
		a.miss("which records table %s has: %v", name, err)
	}
	sort.Strings(t.Keys)
	planned := map[string]bool{}
	for _, k := range a.s.plan.Keys {
		if k.Table == name {
			planned[k.Key()] = true
		}
	}
	a.findings = append(a.findings, audit.Table(t, planned)...)
	return ctx.Err()
}

// records reads the records of keys. One that cannot be understood does not
// hide the others; it comes as what is wrong with it.
func (a *auditor) records(ctx context.Context, keys []plan.Policy) (found map[string]*plan.Record, broken map[string]string, err error) {
	byTable := map[string][]string{}
	for _, k := range keys {
		byTable[k.Table] = append(byTable[k.Table], k.Key())
	}
	found, broken = map[string]*plan.Record{}, map[string]string{}
	for name, names := range byTable {
		records, err := ddblock.New(a.s.conn.DynamoDB, name).Read(ctx, names)
		if records == nil && err != nil {
			return nil, nil, err
		}
		for k, r := range records {
			found[k] = r
		}
		for key, bad := range ddblock.Malformed(err) {
			broken[key] = bad.Error()
		}
	}
	return found, broken, nil
}

// list lists all aliases of the Regions that keys are in, anew. Without that
// list nothing can be said of a Region.
func (a *auditor) list(ctx context.Context, keys []plan.Policy) error {
	for _, k := range keys {
		delete(a.regions, k.Region)
	}
	for _, k := range keys {
		if a.regions[k.Region] != nil {
			continue
		}
		conn, err := a.s.connect(ctx, k.Region)
		if err != nil {
			return err
		}
		r := &region{kms: kms.New(conn.KMS), byName: map[string]plan.AliasListed{}, byKey: map[string][]plan.AliasListed{}}
		if r.all, err = r.kms.Aliases(ctx); err != nil {
			return err
		}
		for _, l := range r.all {
			r.byName[l.Name] = l
			r.byKey[l.KeyID] = append(r.byKey[l.KeyID], l)
		}
		a.regions[k.Region] = r
	}
	return nil
}

// judge looks at each key in KMS and judges it.
func (a *auditor) judge(ctx context.Context, keys []plan.Policy, records map[string]*plan.Record, broken map[string]string, found map[string][]audit.Finding) error {
	results := make([][]audit.Finding, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	for i, k := range keys {
		if what, is := broken[k.Key()]; is {
			results[i] = []audit.Finding{audit.Malformed(k, what)}
			continue
		}
		group.Go(func() error {
			seen := a.key(ctx, k, records[k.Key()])
			results[i] = audit.Key(a.now(), k, records[k.Key()], seen)
			return ctx.Err()
		})
	}
	err := group.Wait()
	for i, k := range keys {
		found[k.Key()] = results[i]
	}
	return err
}

func (a *auditor) now() time.Time { return a.s.conn.Clock.Now() }
