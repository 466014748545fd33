package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/parallel"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// actor plays a part: it is the coroutine in which keyturn's own code runs. It
// knows the part, and what it is told at each point.
type actor struct {
	part *part
	// at is where it is parked.
	at *point
	// cue is what it was told last.
	cue  cue
	dead bool

	machine *machine
	conn    *awscall.Conn
	// began is by its monotonic clock: it waits relative to that.
	began time.Time
	// sent is when it was at its last call, by the same clock.
	sent time.Time
	// decided is the last decision since the last point.
	decided *decided
	reports []rotate.KeyReport
	err     error

	resume chan struct{}
	parked chan *point
}

func newActor(p *part) *actor {
	a := &actor{part: p, at: p.first, resume: make(chan struct{}), parked: make(chan *point)}
	go a.live()
	return a
}

// reach brings an actor to a point that it has not played itself, by telling it
// again what was told there.
func (a *actor) reach(b *point) {
	var way []*point
	for ; b != a.at; b = b.from {
		way = append(way, b)
	}
	for i := len(way) - 1; i >= 0; i-- {
		again := a.goOn(way[i].on)
		if again.place != way[i].place || again.call.document() != way[i].call.document() {
			panic(fmt.Sprintf("rehearsal: %s, told the same again, does not do the same, but %s %s and not %s %s",
				a.part.run, again.place, again.call.document(), way[i].place, way[i].call.document()))
		}
		a.at = way[i]
	}
}

// goOn lets an actor go on to its next point.
func (a *actor) goOn(on cue) *point {
	a.cue = on
	a.resume <- struct{}{}
	a.at = <-a.parked
	return a.at
}

// end lets an actor end where it is, as a process does that is killed: without
// another line of its own.
func (a *actor) end() {
	if a != nil && a.at.place != over {
		a.dead = true
		a.resume <- struct{}{}
		<-a.parked
	}
}

// park hands the turn back and waits to be told to go on.
func (a *actor) park(b *point) {
	if a.dead {
		runtime.Goexit()
	}
	a.parked <- a.take(b)
	<-a.resume
	if a.dead {
		runtime.Goexit()
	}
}

// take completes a point with what has come of the work so far.
func (a *actor) take(b *point) *point {
	b.decided, b.reports, b.err = a.decided, a.reports[:len(a.reports):len(a.reports)], a.err
	a.decided = nil
	if b.place == atCall {
		a.sent = a.cue.monotonic
	}
	if a.conn != nil {
		b.time = fmt.Sprint(a.began.UnixNano(), a.sent.UnixNano(), a.machine.learned(a.conn.Clock))
	}
	return b
}

// live runs a run to its end.
func (a *actor) live() {
	ctx, stop := context.WithCancel(context.Background())
	defer func() {
		stop()
		a.parked <- a.take(&point{place: over})
	}()
	<-a.resume
	if a.dead {
		return
	}
	a.began = a.cue.monotonic
	if a.part.naive != "" {
		a.err = a.liveNaively(ctx)
		return
	}
	runner, err := a.runner(ctx)
	if err != nil {
		a.err = err
		return
	}
	report, err := runner.Do(ctx, a.part.keys, a.part.request)
	if err != nil {
		a.err = err
		return
	}
	a.reports = report.Keys
}

// connect returns the connection of the run's host.
func (a *actor) connect(ctx context.Context) (*awscall.Conn, error) {
	a.machine = &machine{
		monotonic: func() time.Time { return a.cue.monotonic },
		wall:      func() time.Time { return a.cue.wall },
		sleep:     func(ctx context.Context) error { a.park(&point{place: atPause}); return ctx.Err() },
	}
	var err error
	a.conn, err = awscall.Connect(ctx, awscall.Options{Region: a.part.region, RunID: a.part.run, Transport: a,
		AccessKeyID: a.part.pool, Time: a.machine})
	return a.conn, err
}

// runner returns what cmd makes of a plan and a connection.
func (a *actor) runner(ctx context.Context) (*rotate.Runner, error) {
	conn, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	p, m := a.part, a.machine
	return &rotate.Runner{
		Records: ddblock.NewOn(m, conn.DynamoDB, p.table), KMS: kms.NewOn(m, conn.KMS), Identity: conn,
		Now: conn.Clock.Now, Sleep: a.sleep, Rand: rand.New(newSource(p.seed, p.run, "run")),
		Run: p.run, Pool: p.pool, Host: "host-of-" + p.pool, Wait: p.wait,
		Decided: a.decides, Parallel: parallel.InTurn{}, Policies: p.policies,
		Gate: func(context.Context, rotate.Gate) plan.GateSeen { return plan.GateSeen{Open: a.cue.gate} },
	}, nil
}

// RoundTrip parks before the call leaves and after its answer has come. What
// came of it is in the cue.
func (a *actor) RoundTrip(q *http.Request) (*http.Response, error) {
	c, err := newCall(q)
	if err != nil {
		return nil, err
	}
	a.park(&point{place: atCall, call: c})
	told := a.cue.call
	a.park(&point{place: atAnswer})
	if told.answer == nil {
		return nil, told.err
	}
	answer := *told.answer // others may be told the same
	answer.Request, answer.Header = q, told.answer.Header.Clone()
	answer.Body = io.NopCloser(bytes.NewReader(told.said))
	return &answer, told.err
}

func (a *actor) sleep(ctx context.Context, d time.Duration) error {
	a.park(&point{place: asleep, nap: d})
	return ctx.Err()
}

// decides takes in what a run decides by, and until when it stands by.
func (a *actor) decides(p plan.Policy, rec *plan.Record, o plan.Observed, next plan.Decision, until time.Time) {
	a.decided = &decided{waits: next.Act.Kind == plan.Wait, until: until}
	if !a.part.remembered {
		return // nobody asks
	}
	o.Calls, o.Ledger = nil, withoutCalls(o.Ledger) // nothing is decided by them
	o.LastItem = plainEvents(o.LastItem)
	switch {
	case a.part.request.Verb == plan.VerbSchedule: // only what a person was shown is compared with now
		o.First = nil
	case o.First != nil:
		first := *o.First
		first.Events = withoutCalls(first.Events)
		o.First = &first
	}
	if s := o.Source; s != nil { // the same in every course, but for what could not be read
		o.Source = &plan.SourceSeen{GrantsUnknown: s.GrantsUnknown, Rotation: s.Rotation}
	}
	seen, err := json.Marshal(o) // now: the run goes on to change what it has seen
	if err != nil {
		panic(err) // it is plain data
	}
	a.decided.text = fmt.Sprintf("%s %s %s %s %d", p.Name, textOf(rec), seen, next.Act.Kind, until.UnixNano())
}

// withoutCalls leaves out of events which calls they record.
func withoutCalls(events []plan.Event) []plan.Event {
	plain := slices.Clone(events)
	for i := range plain {
		plain[i].Calls = nil
	}
	return plain
}
