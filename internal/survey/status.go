package survey

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/status"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// asksAtOnce is how many keys status asks KMS about at a time.
const asksAtOnce = 8

// useFor is how long an answer about the last use of a key is reused, by --watch: KMS
// itself may be an hour late, and answers only 5 such requests a second for the
// whole account.
const useFor = 10 * time.Minute

// Look asks AWS about the keys of a plan. What AWS refuses to show is left out: half
// a screen is better than none.
type Look struct {
	aws    *AWS
	caller *plan.Caller
	tables map[string]*plan.TableSeen
	// unlooked is why tables could not be looked at, which is not asked again.
	unlooked []string

	// mu guards uses and unread.
	mu   sync.Mutex
	uses map[string]useAt
	// unread is what the snapshot in the making could not read.
	unread []string
}

func (l *Look) miss(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unread = append(l.unread, fmt.Sprintf(format, args...))
}

type useAt struct {
	use plan.UseSeen
	at  time.Time
}

// Look makes one, for all that a command shows.
func (a *AWS) Look() *Look { return &Look{aws: a, uses: map[string]useAt{}} }

// once asks for the caller and the tables, which do not change.
func (l *Look) once(ctx context.Context) {
	if l.caller == nil {
		if caller, err := l.aws.Caller(ctx); err == nil {
			l.caller = &caller
		} else {
			l.miss("%v", err)
		}
	}
	if l.tables != nil {
		l.unread = append(l.unread, l.unlooked...)
		return
	}
	l.tables = map[string]*plan.TableSeen{}
	for _, name := range l.aws.Plan.Tables() {
		seen, err := l.aws.table(name).Check(ctx)
		if err == nil {
			l.tables[name] = &seen
		} else {
			l.unlooked = append(l.unlooked, err.Error())
		}
	}
	l.unread = append(l.unread, l.unlooked...)
}

// Snapshot reads the records and asks KMS. A run may have written a record while KMS was
// asked; then what was seen of the two does not belong together. So a key that is not in
// order counts only if its record is still the same.
func (l *Look) Snapshot(ctx context.Context, keys []plan.Policy) (status.Snapshot, error) {
	l.unread = nil
	records, err := l.aws.Records(ctx, l.aws.Plan.Keys)
	if err != nil {
		return status.Snapshot{}, err
	}
	l.once(ctx)
	m := status.Snapshot{Keys: make([]status.Key, len(keys))}
	pending := make([]int, len(keys))
	for i := range keys {
		pending[i] = i
	}
	for try := 1; ; try++ {
		doubted, err := l.states(ctx, keys, pending, records, m.Keys)
		if err != nil || len(doubted) == 0 {
			return l.finish(m), err
		}
		again, err := l.aws.Records(ctx, chosen(keys, doubted))
		if err != nil {
			return status.Snapshot{}, err
		}
		pending = slices.DeleteFunc(doubted, func(i int) bool {
			key := keys[i].Key()
			return revOf(records.Found[key]) == revOf(again.Found[key])
		})
		if len(pending) == 0 {
			return l.finish(m), nil
		}
		if try == auditTries {
			for _, i := range pending {
				m.Keys[i].Unsettle()
			}
			return l.finish(m), nil
		}
		records = again
	}
}

// states looks at some of the keys, by their indexes, and returns which of them are not in
// order by what was seen.
func (l *Look) states(ctx context.Context, keys []plan.Policy, pending []int, records Records, into []status.Key) (
	doubted []int, err error,
) {
	some := chosen(keys, pending)
	seen, err := l.all(ctx, some, records.Found)
	if err != nil {
		return nil, err
	}
	now := l.aws.Now()
	for n, i := range pending {
		key := some[n].Key()
		if bad := records.Broken[key]; bad != nil {
			seen[n].Broken = bad.Error()
		}
		into[i] = status.Of(now, some[n], records.Found[key], seen[n])
		if into[i].Needs() || into[i].State == status.Unknown {
			doubted = append(doubted, i)
		}
	}
	return doubted, nil
}

// chosen returns the keys with the given indexes.
func chosen(keys []plan.Policy, indexes []int) []plan.Policy {
	some := make([]plan.Policy, len(indexes))
	for n, i := range indexes {
		some[n] = keys[i]
	}
	return some
}

// finish adds to a snapshot what is about all keys.
func (l *Look) finish(m status.Snapshot) status.Snapshot {
	m.At, m.Account = l.aws.Now(), l.aws.Plan.Account
	m.Accept(l.aws.Plan.Accept)
	if l.caller != nil {
		m.Account = l.caller.Account
	}
	slices.Sort(l.unread) // keys are asked about at the same time, and some twice
	m.Unread = slices.Compact(l.unread)
	return m
}

func (l *Look) all(ctx context.Context, keys []plan.Policy, records map[string]*plan.Record) ([]status.Seen, error) {
	seen := make([]status.Seen, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtOnce)
	unknown := map[string][]string{} // Region to the aliases of keys without a record
	for _, k := range keys {
		if records[k.Key()] == nil {
			unknown[k.Region] = append(unknown[k.Region], k.Alias)
		}
	}
	listings := map[string]listing{}
	for i, k := range keys {
		client, err := l.aws.KMS(ctx, k.Region)
		if err != nil {
			_ = group.Wait()
			return nil, err
		}
		if listings[k.Region] == nil {
			listings[k.Region] = sync.OnceValues(func() (map[string]plan.ListingSeen, error) {
				return client.Listing(ctx, unknown[k.Region])
			})
		}
		list := listings[k.Region] // before the next key writes to the map
		group.Go(func() error {
			defer l.aws.Looks.begin()()
			seen[i] = l.key(ctx, client, k, records[k.Key()], list)
			return ctx.Err()
		})
	}
	return seen, group.Wait()
}

// listing is what one full ListAliases of a Region shows of keys without a
// record, asked for by the first of them.
type listing func() (map[string]plan.ListingSeen, error)

// key asks KMS what the alias names and how old versions are.
func (l *Look) key(ctx context.Context, client *kms.Client, k plan.Policy, r *plan.Record, list listing) status.Seen {
	now := l.aws.Now()
	seen := status.Seen{Caller: l.caller, Table: l.tables[k.Table], Versions: map[string]plan.KeySeen{},
		Unseen: map[string]string{}, Uses: map[string]plan.UseSeen{}}
	if plan.Unfit(k, r, plan.Observed{Caller: seen.Caller, Table: seen.Table}) != nil {
		return seen // whatever KMS shows, no run would look
	}
	ledger, unread := l.aws.table(k.Table).Tail(ctx, k.Key())
	if seen.Ledger = ledger; unread != nil && r != nil {
		l.miss("whether records are older copies: %v", unread)
	}
	alias, err := client.Describe(ctx, k.Alias)
	if err != nil {
		seen.Trouble = err.Error()
		return seen
	}
	seen.Alias = &alias
	if r == nil { // was there one?
		listed, err := list()
		if err != nil {
			seen.Trouble = err.Error()
			return seen
		}
		known := listed[k.Alias]
		seen.Listing = &known
		if unread != nil {
			seen.Trouble = unread.Error()
		}
		return seen
	}
	old := status.OldKeys(r)
	if t := r.Next(); t != nil && t.State == "" && t.Version != r.Active {
		old = append(old, t.KeyID)
	}
	if r.Active != 0 && alias.KeyID != r.Live().KeyID {
		old = append(old, r.Live().KeyID)
		if !alias.Missing {
			if seen.Moved, err = client.Moved(ctx, k.Alias, alias.KeyID); err != nil {
				l.miss("%s: since when %s is elsewhere: %v", k.Name, k.Alias, err)
			}
		}
	}
	for _, id := range old {
		key, err := client.Describe(ctx, id)
		if err != nil {
			l.miss("%s: key %s: %v", k.Name, id, err)
			seen.Unseen[id] = err.Error()
			continue
		}
		seen.Versions[id] = key
	}
	for _, id := range status.UsedKeys(now, k, r) {
		seen.Uses[id] = l.use(ctx, client, id, now)
	}
	return seen
}

// use returns when a key was last used. A failure is part of the result: the version
// is then not disabled, and a person should know why.
func (l *Look) use(ctx context.Context, client *kms.Client, id string, now time.Time) plan.UseSeen {
	l.mu.Lock()
	known, ok := l.uses[id]
	l.mu.Unlock()
	if ok && now.Sub(known.at) < useFor {
		return known.use
	}
	use, err := client.LastUse(ctx, id)
	if err != nil {
		use = plan.UseFailed(awscall.Classify(err))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.uses[id] = useAt{use, now}
	return use
}

// Works asks whether a key works just now, for a person who must decide at once;
// without an answer it does not try again. r is nil if the key has no record.
func (a *AWS) Works(k plan.Policy, r *plan.Record) claim.Works {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s := claim.Seen{Alias: k.Alias, Record: r, Keys: map[string]claim.Look{}, At: a.Now()}
	client, err := a.KMS(ctx, k.Region)
	if err != nil {
		s.Behind = claim.Failed(err.Error())
		return claim.Of(s)
	}
	look := func(name string) claim.Look {
		seen, err := client.Describe(ctx, name)
		if err != nil {
			return claim.Failed(err.Error())
		}
		return claim.Saw(seen, a.Now())
	}
	s.Behind = look(k.Alias)
	if r == nil {
		return claim.Of(s)
	}
	for _, v := range []*plan.Version{r.Live(), r.Next()} {
		if v != nil {
			s.Keys[v.KeyID] = look(v.KeyID)
		}
	}
	return claim.Of(s)
}
