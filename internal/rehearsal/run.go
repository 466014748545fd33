package rehearsal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"time"

	"github.com/keyturn/keyturn/ddblock"
	"github.com/keyturn/keyturn/internal/awscall"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/kms"
	"github.com/keyturn/keyturn/plan"
)

// place is where a run is parked.
type place string

const (
	atStart  place = "start"  // nothing done yet
	atCall   place = "call"   // before a call leaves
	atAnswer place = "answer" // its answer has come and was not looked at yet
	atPause  place = "pause"  // between two attempts, or for its turn: it may go on at once
	asleep   place = "asleep" // until its time is over, or something has changed
	over     place = "over"
)

// Run is one execution of keyturn in one pool.
type Run struct {
	ID      string
	number  int // of the world's runs
	Pool    *Pool
	Request plan.Request
	Keys    []plan.Policy
	Wait    time.Duration

	// Reports are what it said of each key, in the order of its work.
	Reports []rotate.KeyReport
	Err     error // of a read of the records
	Dead    bool  // killed

	world         *World
	place         place
	call          *call         // at a call or an answer
	wake          time.Time     // asleep
	since         int           // asleep: how much had changed when it fell asleep
	polls         int           // how often it has slept since anything changed
	mind          func() string // what its last decision was made of,
	told          []*call       // and what it was told since: with both the same, it does the same next
	random        *source       // what its calls make AWS draw
	stop          context.CancelFunc
	began         time.Time
	frozen, stood time.Time       // until when, and since when, it stands still
	suspended     bool            // with its host
	changed       bool            // it has changed something, or may have
	tried         map[string]bool // keys that it has used with success

	resume, parked chan struct{}
}

// begin makes a run that has not done anything yet.
func (w *World) begin(p *Pool, q plan.Request, keys []plan.Policy, wait time.Duration) *Run {
	w.begun++
	r := &Run{ID: fmt.Sprintf("%s.%d", p.Name, w.begun), number: w.begun, Pool: p, Request: q, Keys: keys, Wait: wait, began: w.clock.now,
		world: w, place: atStart, resume: make(chan struct{}), parked: make(chan struct{})}
	r.random = newSource(w.Scene.Seed, r.ID, "aws")
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go r.live(ctx)
	w.Runs = append(w.Runs, r)
	return r
}

// live is the life of a run: one request on each of its keys, one after the
// other.
func (r *Run) live(ctx context.Context) {
	defer func() {
		r.place = over
		r.stop()
		r.parked <- struct{}{}
	}()
	<-r.resume
	if r.Dead {
		return
	}
	if r.world.naive {
		r.Err = r.liveNaively(ctx)
		return
	}
	runner, err := r.runner(ctx)
	if err != nil {
		r.Err = err
		return
	}
	for _, i := range runner.Rand.Perm(len(r.Keys)) {
		report, err := runner.Do(ctx, r.Keys[i:i+1], r.Request)
		switch {
		case r.Dead:
			return
		case err != nil:
			r.Err = err
			return
		}
		r.Reports = append(r.Reports, report.Keys...)
	}
}

// runner is what cmd makes of a plan and a connection.
func (r *Run) runner(ctx context.Context) (*rotate.Runner, error) {
	h := awscall.Host{Now: r.Pool.host.monotonic, Wall: r.Pool.host.wall, Sleep: r.pause}
	conn, err := awscall.Connect(ctx, awscall.Options{
		Region: r.world.Region, RunID: r.ID, Transport: r, AccessKeyID: r.Pool.Name, Host: h})
	if err != nil {
		return nil, err
	}
	return &rotate.Runner{
		Records: ddblock.NewOn(h, conn.DynamoDB, r.world.Table), KMS: kms.NewOn(h, conn.KMS), Identity: conn,
		Now: conn.Clock.Now, Sleep: r.sleep, Rand: rand.New(newSource(r.world.Scene.Seed, r.ID, "run")),
		Run: r.ID, Pool: r.Pool.Name, Host: "host-of-" + r.Pool.Name, Wait: r.Wait,
		Decided: r.decided, Policies: r.world.Scene.Policies,
		Gate: func(context.Context, rotate.Gate) plan.GateSeen { return plan.GateSeen{Open: r.world.GateOpen} },
	}, nil
}

// RoundTrip parks before the call leaves and after its answer has come. Who
// moves it on has carried the call out meanwhile.
func (r *Run) RoundTrip(q *http.Request) (*http.Response, error) {
	c, err := newCall(q)
	if err != nil {
		return nil, err
	}
	r.call = c
	r.park(atCall)
	r.park(atAnswer)
	if c.answer != nil {
		c.answer.Request = q
	}
	return c.answer, c.err
}

func (r *Run) pause(ctx context.Context, _ time.Duration) error {
	r.park(atPause)
	return ctx.Err()
}

func (r *Run) sleep(ctx context.Context, d time.Duration) error {
	if r.since != r.world.changed {
		r.polls = 0
	}
	r.wake, r.since = r.world.clock.now.Add(d), r.world.changed
	r.polls++
	r.park(asleep)
	return ctx.Err()
}

// park hands the turn back and waits to be moved on. A run that was killed
// meanwhile ends here, as a process does, without another line of its own.
func (r *Run) park(at place) {
	if r.Dead {
		runtime.Goexit()
	}
	r.place = at
	r.parked <- struct{}{}
	<-r.resume
	if r.Dead {
		runtime.Goexit()
	}
}

// move lets a run go on to its next place.
func (r *Run) move() {
	r.resume <- struct{}{}
	<-r.parked
}

// kill ends a run where it is. What it has sent is under way all the same.
func (r *Run) kill() {
	if r.place != over {
		r.Dead = true
		if r.world.harm != nil && r.changed {
			r.world.harm.dies()
		}
		r.move()
	}
}

// ready tells whether a run has anything to do now. One that sleeps has when
// its time is over, or when something has changed that it may be waiting for:
// a look that shows what the last one showed is left out.
func (r *Run) ready() bool {
	if r.world.clock.now.Before(r.frozen) {
		return false
	}
	switch r.place {
	case over:
		return false
	case asleep:
		return r.since != r.world.changed || !r.world.clock.now.Before(r.wake)
	}
	return true
}
