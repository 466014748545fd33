package cmd

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/internal/sandbox/start"
	"github.com/keyturn/keyturn/internal/screen"
	"github.com/keyturn/keyturn/internal/survey"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// session is what every command that calls AWS has: a plan, and clients for it.
type session struct {
	env  *Env
	opts common
	con  *screen.Console
	verb string
	run  string
	// role is that of `keyturn init --iam` that the command belongs to.
	role       string
	pool, host string
	// notices are sent at the end.
	notices []notice
	// ran is what the run did; nil until it has reported.
	ran *rotate.Report
	// measured reports whether metrics are wanted of all keys.
	measured bool
	plan     *loaded
	// counter counts the keys of the job under way.
	counter *rotate.Counter

	// box is nil if the real AWS is called, or a test's.
	box *sandbox.Sandbox
	aws *survey.AWS
}

// open reads the plan and connects. It makes no call yet.
func open(env *Env, c *cli.Context) (*session, error) {
	opts, err := commonOf(env, c)
	if err != nil {
		return nil, err
	}
	s := &session{env: env, opts: opts, verb: c.Command.Name, run: env.RunID()}
	s.openConsole(c)
	s.role = roleOf(c)
	s.host = hostOf(env)
	if s.pool, err = poolOf(env, c, s.host); err != nil {
		return nil, err
	}
	s.con.Labels.Pool = s.pool
	if s.plan, err = loadPlan(env, c); err != nil {
		return nil, err
	}
	s.con.Labels.Region, s.con.Labels.Plan = s.plan.Region, s.plan.Name
	s.con.Start()
	s.startPing(c)
	s.notifyAtEnd(c)
	if c.Bool("sandbox") && env.Transport == nil {
		if s.box, err = openSandbox(c, s.plan.Plan); err != nil {
			return nil, err
		}
	}
	return s, s.connect(c.Context)
}

// openConsole sets where the command prints.
func (s *session) openConsole(c *cli.Context) {
	s.con = s.env.console(s.opts.log == outputJSON, sameOf(c))
	s.con.Verbose, s.con.Labels.Verb, s.con.Labels.Dry = s.opts.verbose, s.verb, c.Bool("dry-run")
	s.env.con = s.con
}

// roleOf returns the role of `keyturn init --iam` that a command belongs to.
func roleOf(c *cli.Context) string {
	switch {
	case slices.Contains([]string{"status", "audit", "history", "init"}, c.Command.Name), c.Bool("dry-run"):
		return plan.RoleReadOnly
	case c.Command.Name == "run", c.Command.Name == "verify":
		return plan.RoleCron
	}
	return plan.RoleBreakGlass
}

// connect makes the clients for the plan.
func (s *session) connect(ctx context.Context) (err error) {
	o := survey.Options{Version: s.env.Version, Run: s.run, Role: s.role, Transport: s.env.Transport, Host: s.env.Host,
		Policies: s.plan.policies}
	if s.box != nil {
		o.Transport = s.box.RoundTripper()
	}
	if s.aws, err = survey.Connect(ctx, s.plan.Plan, o); err != nil {
		return err
	}
	s.env.explain, s.con.Labels.Account = s.aws.Explain, s.aws.Account
	return nil
}

// from returns what documents say about this command.
func (s *session) from() document.From {
	return document.From{Verb: s.verb, Run: s.run, Pool: s.pool, Host: s.host, Plan: s.plan.Plan, With: s.con.With}
}

// view returns the screen of this command.
func (s *session) view() screen.View {
	v := screen.View{Console: s.con, Verb: s.verb, Plan: s.plan.Plan,
		Now: s.aws.Now, Looked: s.aws.Works}
	if !s.con.Same.Sandbox {
		v.Skew = s.aws.Skew
	}
	return v
}

// report prints what a run did.
func (s *session) report(r *rotate.Report, exit plan.Exit) {
	var write func()
	if s.opts.json() {
		write = func() { s.env.document(document.OfRun(s.from(), r, exit)) }
	}
	s.view().Report(r, write)
	s.env.job(func() any { return document.OfRun(s.from(), r, exit) })
}

// hostOf returns the name of this host, or "unknown".
func hostOf(env *Env) string {
	host, err := env.Hostname()
	if err != nil || host == "" || plan.FirstMisleading(host) != "" {
		return "unknown"
	}
	return host
}

// maxPool is how long the name of a pool is at most. A host name is no longer.
const maxPool = 255

// poolOf returns the name of this pool. It stands in the record, in which every other
// pool reads it.
func poolOf(env *Env, c *cli.Context, host string) (string, error) {
	named := env.setting(c, "pool")
	if what := plan.FirstMisleading(named.value); what != "" {
		return "", usage("%s has %s, which a terminal acts on or does not show", named.by,
			what).note("name the pool in plain text")
	}
	if len(named.value) > maxPool {
		return "", usage("%s has %d bytes; at most %d stand in the record", named.by, len(named.value), maxPool)
	}
	return cmp.Or(named.value, host), nil
}

// sameOf returns what hints of this command repeat.
func sameOf(c *cli.Context) screen.Same {
	return sameAs(typedPlan(c), c.Bool("sandbox"), c.String("sandbox-state"))
}

func sameAs(plan string, boxed bool, state string) screen.Same {
	file := state
	if boxed && file == "" {
		file, _ = sandbox.DefaultStateFile() // that it is not known was said when the sandbox was opened
	}
	return screen.Same{Plan: plan, Sandbox: boxed, State: state, File: file}
}

// openSandbox opens the embedded AWS, and fills it on its first start.
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

// job is a command's request to the runner.
type job struct {
	tasks []rotate.Task
	wait  time.Duration
	dry   bool
	// ask has a dry-run ask before_switch too.
	ask bool
	// foresee has a dry-run collect its decision, to be saved or compared.
	foresee bool
	// quiet turns the log off, for the dry-run before the real run.
	quiet bool
}

// keys returns the keys that the job is about, each once.
func (j job) keys() []plan.Policy {
	var keys []plan.Policy
	seen := map[string]bool{}
	for _, t := range j.tasks {
		if key := t.Policy.Key(); !seen[key] {
			seen[key] = true
			keys = append(keys, *t.Policy)
		}
	}
	return keys
}

// do carries out the tasks of a job and reports on them in their order. Almost always
// one runner does it. Keys of several Regions have one runner each.
func (s *session) do(ctx context.Context, j job) (*rotate.Report, error) {
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		if _, how := broke(ctx); how != "interrupted" {
			s.con.Warn("interrupted", "%s: no new step is begun, and what is under way ends first", how)
			return
		}
		s.con.Warn("interrupted", "interrupted: no new step is begun, and what is under way ends first; "+
			"a second signal kills")
	})
	defer func() {
		if !stop() {
			<-told // before the report that follows from it
		}
	}()
	s.counter = new(rotate.Counter)
	defer s.progress(len(j.tasks), s.counter.Keys)()
	whole := &rotate.Report{Dry: j.dry}
	defer func() { s.collectNews(whole) }() // also of rounds before one that failed
	for _, parts := range rounds(j.tasks) {
		if err := s.round(ctx, j, parts, whole); err != nil {
			return nil, err
		}
	}
	return whole, nil
}

// progress shows on a terminal how far the command is with its keys, until it is stopped.
func (s *session) progress(keys int, count func() (finished, inWork int)) (stop func()) {
	if !isText(s.opts.output) {
		return func() {}
	}
	return s.con.Progress(func() screen.Counts {
		finished, inWork := count()
		return screen.Counts{Finished: finished, InWork: inWork, Waiting: keys - finished - inWork}
	})
}

// looking shows the progress of a look at keys.
func (s *session) looking(keys int) (stop func()) {
	s.aws.Looks.Reset()
	return s.progress(keys, func() (finished, inWork int) { return s.aws.Looks.Keys(keys) })
}

// round carries out one round of a job and adds what came of it to the report. The error of
// the only part of a job is the command's. After the error of one of several, the other
// parts' keys are reported all the same.
func (s *session) round(ctx context.Context, j job, parts []*part, whole *rotate.Report) error {
	tables := map[string]*survey.Table{}
	for _, p := range parts {
		tables[p.table] = s.aws.Table(p.table)
	}
	begin := make([]rotate.Part, len(parts))
	for i, p := range parts { // before any of them begins, for all of them end before this returns
		client, err := s.aws.KMS(ctx, p.region)
		if err != nil {
			return err
		}
		begin[i] = rotate.Part{Runner: s.runner(client, tables[p.table], j), Tasks: p.tasks}
	}
	reports, errs := rotate.Together(ctx, begin)
	for i, r := range reports {
		switch {
		case errs[i] == nil:
			whole.Join(r, parts[i].at)
		case parts[i].at == nil:
			return errs[i]
		default:
			whole.Join(unreadAll(ctx, parts[i].tasks, s.aws.Explain(ctx, errs[i])), parts[i].at)
		}
	}
	return nil
}

// unreadAll reports on the keys of a part whose records could not be read.
func unreadAll(ctx context.Context, tasks []rotate.Task, err error) *rotate.Report {
	r := new(rotate.Report)
	for _, t := range tasks {
		r.Keys = append(r.Keys, unread(ctx, t, err))
	}
	return r
}

// unread reports on a key whose record could not be read. It needs a person even if
// other keys could be read.
func unread(ctx context.Context, t rotate.Task, err error) rotate.KeyReport {
	f := faultOf(ctx, err)
	if f.Exit != plan.ExitPerson {
		return rotate.KeyReport{Policy: t.Policy, Request: t.Request, Outcome: plan.Failed, Err: err}
	}
	ref := &plan.Refusal{Code: f.Code, Unwritten: true, What: err.Error(), Hint: f.Hint}
	return rotate.KeyReport{Policy: t.Policy, Request: t.Request, Outcome: plan.Refused, Refusal: ref, News: true,
		Reasons: []plan.Reason{{Code: ref.Code, Text: ref.What}}}
}

func (s *session) runner(client rotate.KMS, table rotate.Records, j job) *rotate.Runner {
	var seed [32]byte
	_, _ = io.ReadFull(cmp.Or[io.Reader](s.env.Random, crand.Reader), seed[:]) // crypto/rand never fails
	r := &rotate.Runner{
		Records:  table,
		KMS:      client,
		Identity: s.aws,
		Elapsed:  s.env.elapsed,
		Now:      s.aws.Now, Sleep: rotate.Sleep, Rand: rand.New(rand.NewChaCha8(seed)),
		Run: s.run, Pool: s.pool, Host: s.host, Release: s.env.Version, Plan: s.plan.Name,
		Wait: j.wait, Counter: s.counter, Policies: s.plan.policies, Gate: rotate.AskGate,
		Dry: j.dry, Ahead: j.quiet, Ask: j.ask, Foresee: j.foresee,
		// Cron wants to know nothing of a key with nothing due; see screen.View.
		Brief: s.verb == "run" && !s.opts.json() && !s.opts.verbose && !s.con.OutTTY && !j.dry && !s.measured &&
			!s.env.github,
	}
	if !j.quiet {
		r.Log = s.con.Act()
	}
	return r
}
