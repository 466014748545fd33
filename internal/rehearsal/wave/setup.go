package wave

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// world is an embedded AWS with the keys of a plan.
type world struct {
	wave  Wave
	plan  *planfile.Plan
	clock *clock
	box   *sandbox.Sandbox
	admin *awscall.Conn
	table *ddblock.Table
}

// random returns what is drawn for a purpose.
func (v Wave) random(purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(v.Seed, purpose)) }

// drawn is randomness for the embedded AWS.
type drawn struct{ *rand.Rand }

func (b drawn) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b.Uint32())
	}
	return len(p), nil
}

var _ io.Reader = drawn{}

// newWorld makes the keys of the plan and the table, has one run adopt the keys, and lets
// time pass until all of them are due; for a later wave also after their first rotations and
// drains, because what a run reserves depends on the record. All that takes no time of the wave.
func newWorld(ctx context.Context, v Wave) (*world, error) {
	p, err := planfile.Parse("keyturn.yaml", []byte(v.Plan))
	if err != nil {
		return nil, err
	}
	v.Progress.begin(len(p.Keys))
	w := &world{wave: v, plan: p, clock: &clock{now: v.Begin}}
	for i := range p.Keys {
		p.Keys[i].Region, p.Keys[i].Table = p.Region, p.Table
	}
	w.box, err = sandbox.New(sandbox.Options{HostNow: w.clock.time, Rand: drawn{v.random(1)}, JournalLimit: 1,
		Account: p.Keys[0].Account})
	if err != nil {
		return nil, err
	}
	h := &host{process: process{clock: w.clock}, rand: v.random(2)}
	w.admin, err = awscall.Connect(ctx, awscall.Options{Region: p.Region, RunID: "nobody", AccessKeyID: "nobody",
		Transport: w.box.RoundTripper(), Time: h})
	if err != nil {
		return nil, err
	}
	w.table = ddblock.NewOn(h, w.admin.DynamoDB, p.Table)
	if _, err := w.table.Create(ctx, ddblock.CreateOptions{}); err != nil {
		return nil, err
	}
	for _, k := range p.Keys {
		if err := w.makeKey(ctx, k); err != nil {
			return nil, err
		}
	}
	exit, err := w.bring(ctx, h) // adopts the keys
	if err == nil && exit != plan.ExitDone {
		err = errors.New("the keys of the plan could not be adopted")
	}
	if err != nil || v.Idle {
		return w, err
	}
	if err := w.until(ctx); err != nil || v.First {
		return w, err
	}
	if _, err := w.bring(ctx, h); err != nil { // makes their first rotations
		return nil, err
	}
	var drain time.Duration
	for _, k := range p.Keys {
		drain = max(drain, k.Drain)
	}
	w.clock.now = w.clock.now.Add(drain + time.Hour)
	if _, err := w.bring(ctx, h); err != nil { // disables what they replaced
		return nil, err
	}
	return w, w.until(ctx)
}

// bring has one run do all that is due, and returns how it ended.
func (w *world) bring(ctx context.Context, h *host) (plan.Exit, error) {
	r := w.runner(h, w.admin, "before")
	r.Parallel = parallel.InTurn{}
	report, err := r.Do(ctx, w.plan.Keys, plan.Request{Verb: plan.VerbSchedule})
	if err != nil {
		return plan.ExitFailed, err
	}
	return report.Exit(false), nil
}

// makeKey makes a key as a person would have, and puts the alias on it.
func (w *world) makeKey(ctx context.Context, p plan.Policy) error {
	out, err := w.admin.KMS.CreateKey(ctx, &awskms.CreateKeyInput{
		KeySpec: kmstypes.KeySpec(p.Spec), KeyUsage: kmstypes.KeyUsageType(p.Usage)})
	if err == nil {
		_, err = w.admin.KMS.CreateAlias(ctx,
			&awskms.CreateAliasInput{AliasName: &p.Alias, TargetKeyId: out.KeyMetadata.KeyId})
	}
	return err
}

func (w *world) records(ctx context.Context) (map[string]*plan.Record, error) {
	names := make([]string, len(w.plan.Keys))
	for i, p := range w.plan.Keys {
		names[i] = p.Key()
	}
	return w.table.Read(ctx, names)
}

// until lets time pass until the last key is due.
func (w *world) until(ctx context.Context) error {
	records, err := w.records(ctx)
	if err != nil {
		return err
	}
	last := w.clock.now
	for _, p := range w.plan.Keys {
		if opens := plan.NextOpens(w.clock.now, p, records[p.Key()]); opens.After(last) {
			last = opens
		}
	}
	w.clock.now = last.Truncate(time.Second).Add(time.Second)
	return nil
}

// due counts the keys that are due now.
func (w *world) due(records map[string]*plan.Record) (n int) {
	for _, p := range w.plan.Keys {
		if plan.DueAt(w.clock.now, p, records[p.Key()]).State == plan.IsDue {
			n++
		}
	}
	return n
}

// runner returns what cmd makes of a plan and a connection.
func (w *world) runner(h *host, conn *awscall.Conn, run string) *rotate.Runner {
	return &rotate.Runner{
		Records: ddblock.NewOn(h, conn.DynamoDB, w.plan.Table), KMS: kms.NewOn(h, conn.KMS), Identity: conn,
		Now: conn.Clock.Now, Sleep: h.Pause, Rand: h.rand, Parallel: h,
		Run: run, Pool: run, Host: "host-of-" + run, Wait: w.wave.Wait, Policies: w.wave.Policies,
		Gate: func(context.Context, rotate.Gate) plan.GateSeen { return plan.GateSeen{Open: true} },
	}
}

// start starts a run of a pool.
func (w *world) start(ctx context.Context, pool int, count Count, killAt int) (*rotate.Runner, *host, error) {
	h := &host{process: process{clock: w.clock}, rand: w.wave.random(uint64(1000 + pool))}
	conn, err := awscall.Connect(ctx, awscall.Options{Region: w.plan.Region, RunID: fmt.Sprint("pool-", pool),
		AccessKeyID: fmt.Sprint("pool-", pool), Time: h,
		Transport: &network{host: h, rand: w.wave.random(uint64(2000 + pool)), aws: w.box.RoundTripper(), count: count,
			killAt: killAt}})
	if err != nil {
		return nil, nil, err
	}
	r := w.runner(h, conn, fmt.Sprint("pool-", pool))
	r.Counter = w.wave.Progress.run()
	return r, h, nil
}
