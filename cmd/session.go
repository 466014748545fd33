package cmd

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/internal/sandbox/start"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// session is what every command that calls AWS has: a plan, and clients for it.
type session struct {
	env        *Env
	opts       common
	con        *console
	verb       string
	run        string
	pool, host string
	plan       *loaded

	box     *sandbox.Sandbox         // nil: the real AWS
	conn    *awscall.Conn            // of the plan's Region, where the table is
	regions map[string]*awscall.Conn // of keys in other Regions

	who   caller
	asked plan.Request // what do was asked last, for who must type it again
	begun bool         // something was done that an error does not take back
}

// open reads the plan and connects. Nothing has been asked of AWS yet.
func open(env *Env, c *cli.Context) (*session, error) {
	opts, err := commonOf(c)
	if err != nil {
		return nil, err
	}
	s := &session{env: env, opts: opts, verb: c.Command.Name, run: env.RunID(), regions: map[string]*awscall.Conn{}}
	s.con = newConsole(env, opts.json(), opts.log == outputJSON, sameOf(c))
	if s.plan, err = loadPlan(env, c); err != nil {
		return nil, err
	}
	s.host, err = env.Hostname()
	if err != nil || s.host == "" || plan.FirstMisleading(s.host) != "" {
		s.host = "unknown"
	}
	if s.pool, err = poolOf(env, c, s.host); err != nil {
		return nil, err
	}
	if c.Bool("sandbox") {
		if s.box, err = openSandbox(c, s.plan.Plan); err != nil {
			return nil, err
		}
	}
	if s.conn, err = s.connect(c.Context, s.plan.Region); err != nil {
		return nil, err
	}
	s.who.conn = s.conn
	env.explain = s.explain
	return s, nil
}

// from is what documents say of this command.
func (s *session) from() document.From {
	return document.From{Verb: s.verb, Run: s.run, Pool: s.pool, Host: s.host, Plan: s.plan.Plan, Hint: s.con.hint}
}

// poolOf is the name of this pool. It stands in the record, in which every other
// pool reads it.
func poolOf(env *Env, c *cli.Context, host string) (string, error) {
	for _, named := range []struct{ by, name string }{{"--pool", c.String("pool")},
		{"KEYTURN_POOL", env.get("KEYTURN_POOL")}} {
		if what := plan.FirstMisleading(named.name); what != "" {
			return "", usage("%s has %s, which a terminal acts on or does not show", named.by,
				what).note("name the pool in plain text")
		}
	}
	return cmp.Or(c.String("pool"), env.get("KEYTURN_POOL"), host), nil
}

// sameOf is what hints of this command repeat.
func sameOf(c *cli.Context) same {
	return same{plan: c.String("plan"), sandbox: c.Bool("sandbox"), state: c.String("sandbox-state")}
}

// openSandbox opens the embedded AWS, with something in it on its first start.
func openSandbox(c *cli.Context, p *planfile.Plan) (*sandbox.Sandbox, error) {
	path, err := sandboxState(c)
	if err != nil {
		return nil, err
	}
	return start.Open(c.Context, path, p)
}

func sandboxState(c *cli.Context) (string, error) {
	if path := c.String("sandbox-state"); path != "" {
		return path, nil
	}
	return sandbox.DefaultStateFile()
}

// caller asks AWS who the credentials belong to, once for all that a command does.
type caller struct {
	conn  *awscall.Conn
	mu    sync.Mutex
	known *plan.Caller
}

// Caller is who it is. An answer that did not come is asked for again.
func (c *caller) Caller(ctx context.Context) (plan.Caller, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		known, err := c.conn.Caller(ctx)
		if err != nil {
			return plan.Caller{}, err
		}
		c.known = &known
	}
	return *c.known, nil
}

// tableCheck is a table that is checked once, by whichever of several runners
// comes first.
type tableCheck struct {
	*ddblock.Table
	mu    sync.Mutex
	known *plan.TableSeen
}

// Check gives the verdict on the table.
func (t *tableCheck) Check(ctx context.Context) (plan.TableSeen, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		known, err := t.Table.Check(ctx)
		if err != nil {
			return plan.TableSeen{}, err
		}
		t.known = &known
	}
	return *t.known, nil
}

// connect gives the clients of a Region. The table's Region is the plan's; a
// key may live in another.
func (s *session) connect(ctx context.Context, region string) (*awscall.Conn, error) {
	if conn := s.regions[region]; conn != nil {
		return conn, nil
	}
	o := awscall.Options{Region: region, Version: s.env.Version, RunID: s.run, Transport: s.env.transport}
	if s.box != nil {
		o.Transport = s.box.RoundTripper()
	}
	conn, err := awscall.Connect(ctx, o)
	if err != nil {
		return nil, err
	}
	s.regions[region] = conn
	return conn, nil
}

// part is the keys of a plan that one runner can take: in one Region, with
// their records in one table.
type part struct {
	region, table string
	keys          []plan.Policy
	at            []int // their places in the whole
}

func parts(keys []plan.Policy) []*part {
	var all []*part
next:
	for i, k := range keys {
		for _, p := range all {
			if p.region == k.Region && p.table == k.Table {
				p.keys, p.at = append(p.keys, k), append(p.at, i)
				continue next
			}
		}
		all = append(all, &part{region: k.Region, table: k.Table, keys: []plan.Policy{k}, at: []int{i}})
	}
	return all
}

// job is what a command asks of the runner.
type job struct {
	keys    []plan.Policy
	request plan.Request
	wait    time.Duration
	dry     bool
	ask     bool // in a dry-run, before_switch too
	quiet   bool // do not log: a look ahead before the real thing
}

// do carries out a request on the given keys and reports on them in their
// order. Almost always that is one runner; keys of several Regions have one
// each, at the same time, for each may have to wait.
func (s *session) do(ctx context.Context, j job) (*rotate.Report, error) {
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		s.con.warn("interrupted", "interrupted: no new step is begun and the lease is freed; a second signal kills")
	})
	defer func() {
		if !stop() {
			<-told // before the report that follows from it
		}
	}()
	s.asked = j.request
	all := parts(j.keys)
	checks := map[string]*tableCheck{}
	for _, p := range all {
		checks[p.table] = &tableCheck{Table: ddblock.New(s.conn.DynamoDB, p.table)}
	}
	runners := make([]*rotate.Runner, len(all))
	for i, p := range all { // before any of them begins, for all of them end before this returns
		conn, err := s.connect(ctx, p.region)
		if err != nil {
			return nil, err
		}
		runners[i] = s.runner(conn, checks[p.table], j)
	}
	reports := make([]*rotate.Report, len(all))
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	for i, p := range all {
		wait.Go(func() { reports[i], errs[i] = runners[i].Do(ctx, p.keys, j.request) })
	}
	wait.Wait()
	whole := &rotate.Report{Dry: j.dry, Keys: make([]rotate.KeyReport, len(j.keys))}
	for i, r := range reports {
		if errs[i] != nil && len(all) == 1 {
			return nil, errs[i]
		}
		if errs[i] != nil { // the other Regions' keys are reported all the same
			why := s.explain(ctx, errs[i])
			for n, k := range all[i].keys {
				whole.Keys[all[i].at[n]] = unread(ctx, k, why)
			}
			continue
		}
		if whole.Started.IsZero() || r.Started.Before(whole.Started) {
			whole.Started = r.Started
		}
		if r.Finished.After(whole.Finished) {
			whole.Finished = r.Finished
		}
		if whole.Caller == nil {
			whole.Caller = r.Caller
		}
		if whole.Table == nil || r.Table != nil && r.Table.ID == "" {
			whole.Table = r.Table
		}
		for n, k := range r.Keys {
			whole.Keys[all[i].at[n]] = k
		}
	}
	return whole, nil
}

// unread reports on a key whose record could not be read. What a person must
// see to is no less so because other keys could be read.
func unread(ctx context.Context, k plan.Policy, err error) rotate.KeyReport {
	f := faultOf(ctx, err)
	if f.Exit != plan.ExitPerson {
		return rotate.KeyReport{Policy: k, Outcome: plan.Failed, Err: err}
	}
	ref := &plan.Refusal{Code: f.Code, Unwritten: true, What: err.Error(), Hint: f.Hint.String(),
		Safe: "nothing was changed; encrypt and decrypt work as before"}
	return rotate.KeyReport{Policy: k, Outcome: plan.Refused, Refusal: ref, News: true,
		Reasons: []plan.Reason{{Code: ref.Code, Text: ref.What}}}
}

func (s *session) runner(conn *awscall.Conn, table *tableCheck, j job) *rotate.Runner {
	var seed [32]byte
	_, _ = crand.Read(seed[:]) // never fails
	r := &rotate.Runner{
		Records:  table,
		KMS:      kms.New(conn.KMS),
		Identity: &s.who,
		Now:      s.conn.Clock.Now, Sleep: rotate.Sleep, Rand: rand.New(rand.NewChaCha8(seed)),
		Run: s.run, Pool: s.pool, Host: s.host,
		Wait: j.wait, Policies: s.plan.policies, Gate: rotate.AskGate, Dry: j.dry, Ask: j.ask,
	}
	if !j.quiet {
		r.Log = s.con.act(s.pool, s.opts.verbose)
	}
	return r
}

// records reads the records of all keys of the plan. One that cannot be
// understood stops its own key and no other: it is broken, never taken for
// none.
func (s *session) records(ctx context.Context) (found map[string]*plan.Record, broken map[string]error, err error) {
	found, broken = map[string]*plan.Record{}, map[string]error{}
	byTable := map[string][]string{}
	for _, k := range s.plan.Keys {
		byTable[k.Table] = append(byTable[k.Table], k.Key())
	}
	for table, keys := range byTable {
		records, err := ddblock.New(s.conn.DynamoDB, table).Read(ctx, keys)
		if err != nil && records == nil {
			return nil, nil, err
		}
		for key, r := range records {
			found[key] = r
		}
		for key, bad := range ddblock.Malformed(err) {
			broken[key] = bad
		}
	}
	return found, broken, nil
}
