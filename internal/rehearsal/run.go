package rehearsal

import (
	"errors"
	"fmt"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// Run is one execution of keyturn in one pool, as the world sees it. It is
// plain data, so that it can be put back to where it was.
type Run struct {
	ID string
	// number is its place among the world's runs.
	number  int
	Pool    *Pool
	Request plan.Request
	Keys    []plan.Policy
	Wait    time.Duration

	// Reports are what it said of each key, once it is over.
	Reports []rotate.KeyReport
	// Err is that of reading the records.
	Err error
	// Dead reports that it was killed.
	Dead bool

	world *World
	part  *part
	at    *point
	// actor plays it; nil if none was needed.
	actor *actor
	place place
	// call is set at a call or an answer.
	call *call
	// arrived reports that the call has arrived, and will again.
	arrived bool
	// due is when what it has sent arrives at AWS, or the answer at the run.
	due time.Time
	// wake is when a sleeping run wakes up.
	wake time.Time
	// since is how much had changed when it fell asleep.
	since int
	// polls counts its sleeps since anything changed, while it waits for another
	// run.
	polls int
	// mind is what its last decision was made of, told is what it was told since,
	// and heard is when. With all three the same, a run does the same next.
	mind  *decided
	told  []*call
	heard []heard
	// random is what its calls make AWS draw.
	random source
	began  time.Time
	// frozen and stood are until when, and since when, it stands still.
	frozen, stood time.Time
	// suspended reports that its host is suspended.
	suspended bool
	// changed reports that it has changed something, or may have.
	changed bool
	// tried holds the keys that it has used with success; it is never changed in
	// place.
	tried map[string]bool
}

// begin makes a run that has not done anything yet.
func (w *World) begin(p *Pool, q plan.Request, keys []plan.Policy, wait time.Duration) *Run {
	w.begun++
	r := &Run{ID: fmt.Sprintf("%s.%d", p.Name, w.begun), number: w.begun, Pool: p, Request: q, Keys: keys,
		Wait: wait, began: w.clock.now,
		world: w, place: atStart}
	r.random = *newSource(w.Scene.Seed, r.ID, "aws")
	r.part = w.part(r)
	r.at = r.part.first
	w.Runs = append(w.Runs, r)
	return r
}

// part finds the part of a run that begins: what its stage remembers, if it
// does.
func (w *World) part(r *Run) *part {
	p := &part{run: r.ID, pool: r.Pool.Name, request: r.Request, keys: r.Keys, wait: r.Wait,
		region: w.Region, table: w.Table, seed: w.Scene.Seed, policies: w.Scene.Policies, first: &point{place: atStart}}
	if w.naive != "" {
		p.naive, p.anchors = w.naive, w.harm.anchor
	}
	if w.book == nil {
		return p
	}
	what := fmt.Sprint(r.ID, r.Request, r.Wait, len(r.Keys), r.Keys[0].Alias)
	if known := w.book.parts[what]; known != nil {
		return known
	}
	p.remembered = true
	w.book.parts[what] = p
	return p
}

// move lets a run go on to its next place.
func (r *Run) move() {
	on := cue{monotonic: r.Pool.host.monotonic(), wall: r.Pool.host.wall(), gate: r.world.gateShut.IsZero()}
	if r.place == atCall {
		on.call = r.call
	}
	r.heard = append(r.heard, heard{r.world.clock.now, r.Pool.host.asleep})
	r.take(r.part.follows(r.at, on, &r.actor))
}

// heard is a time at which a run went on.
type heard struct {
	at time.Time
	// asleep is by its host's clock.
	asleep time.Duration
}

// nap is to what a host's timers are rounded up: a run that sleeps for a time
// drawn at random wakes at one of few moments, and never too early.
const nap = 15 * time.Second

// take puts a run where its part has come to.
func (r *Run) take(b *point) {
	r.at, r.place, r.Reports, r.Err, r.arrived = b, b.place, b.reports, b.err, false
	if b.decided != nil {
		r.mind, r.told, r.heard = b.decided, nil, nil
	}
	switch b.place {
	case atCall:
		r.call = b.call.again()
		r.due = r.world.clock.now.Add(r.world.call / 2)
	case atAnswer:
		r.due = r.world.clock.now.Add(r.world.call / 2)
	case asleep:
		if r.since != r.world.changed || r.mind == nil || !r.mind.waits {
			r.polls = 0
		}
		r.wake, r.since = r.world.clock.now.Add(b.nap+nap-1).Truncate(nap), r.world.changed
		r.polls++
	case over:
		r.actor = nil
		for _, k := range r.Reports {
			if endless := (*rotate.EndlessError)(nil); errors.As(k.Err, &endless) {
				r.world.Watch.Broken = append(r.world.Watch.Broken, Broken{"10", r.ID, endless.Error()})
			}
			r.world.Watch.told(r.ID, r.Request, k)
		}
	}
}

// kill ends a run where it is. What it has sent is under way all the same.
func (r *Run) kill() {
	if r.place == over {
		return
	}
	r.Dead, r.place = true, over
	if r.world.harm != nil && r.changed {
		r.world.harm.dies()
	}
	r.actor.end()
	r.actor = nil
}

// ready reports whether a run has anything to do now. One that sleeps has when
// its time is over, or when something has changed that it may be waiting for:
// a look that shows what the last one showed is left out.
func (r *Run) ready() bool {
	if r.world.clock.now.Before(r.frozen) {
		return false
	}
	switch r.place {
	case over:
		return false
	case atCall, atAnswer:
		return !r.world.clock.now.Before(r.due)
	case asleep:
		return r.since != r.world.changed || !r.world.clock.now.Before(r.wake)
	}
	return true
}
