package rehearsal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Draw is a rehearsal drawn from a seed: the same seed makes the same course,
// to the last call. Ending the context of Play ends the course early.
type Draw struct {
	Seed  uint64
	Pools int
	// Plan is the plan file; if it is "", a plan with Keys keys is drawn.
	Plan string
	// Keys is how many keys a drawn plan has.
	Keys int
	// Span is how long the world goes on.
	Span time.Duration
	// Every is how often cron starts all pools, at the same instant. 0 has that
	// drawn, shorter while something is open.
	Every   time.Duration
	Trouble Trouble
	// Progress is told, once a day of the world, how long it has gone on; may be
	// nil.
	Progress func(passed time.Duration)
	// Shortening is told how many shorter courses were tried, and of how many at
	// most, once an invariant is broken; may be nil.
	Shortening func(tried, most int)
	// Naive is what runs in place of keyturn, if anything does.
	Naive Naive
	// Begin is when the world begins, if a plan is given.
	Begin time.Time
	// Policies holds the contents of the key policies that the plan names.
	Policies map[string]string
}

// Trouble is how often, at each moment at which it could, something happens: a
// probability.
type Trouble struct {
	// Switch is that another run goes on.
	Switch float64
	// CallFault is that a call is not simply answered.
	CallFault float64
	// Crash is that the run dies.
	Crash float64
	// Pause is that the run stands still, for seconds or for weeks.
	Pause float64
	// Person is that a person types a verb, at each start of cron.
	Person float64
	// Use is that a consumer uses an old version, at each start of cron.
	Use float64
	// Intervention is that somebody moves an alias, loses a record or restores the table,
	// at each start of cron.
	Intervention float64
	Lag          time.Duration
	// Quotas reports that KMS's request quotas hold.
	Quotas bool
}

// AllTrouble is every kind at once.
var AllTrouble = Trouble{Switch: 0.2, CallFault: 0.05, Crash: 0.03, Pause: 0.03, Person: 0.05, Use: 0.2,
	Intervention: 0.02, Lag: 3 * minute}

// choice is a place in a course where something else than the ordinary was
// chosen.
type choice struct {
	// at is its place among the choices.
	at     int
	option int
}

// Played is a course that was drawn.
type Played struct {
	*World
	Draw    Draw
	choices []choice
	begins  time.Time
	// Harm is what was counted; it is meaningful if no person typed anything.
	Harm Harm
	// Shortest is the world of the shortest course found that breaks the same
	// invariant; nil unless one is broken.
	Shortest *World
}

// Passed returns how long the world has gone on.
func (p *Played) Passed() time.Duration { return p.clock.now.Sub(p.begins) }

// Play makes the course of a seed. If an invariant breaks, a shorter course
// that breaks it too is looked for, tries times. Where the context ends before all
// is done, what was played until then comes back with its error: an invariant that
// was found broken by then is broken, though no story tells how.
func (d Draw) Play(ctx context.Context, tries int) (*Played, error) {
	stage, err := d.stage()
	if err != nil {
		return nil, err
	}
	return d.playOn(ctx, stage, tries)
}

func (d Draw) playOn(ctx context.Context, stage *Stage, tries int) (*Played, error) {
	p := d.course(ctx, stage, nil, false)
	if len(p.Watch.Broken) == 0 || ctx.Err() != nil {
		return p, ctx.Err()
	}
	d.Progress = nil // it has reached its end
	short := d.shorten(ctx, stage, p, tries)
	if told := d.course(ctx, stage, short, true); ctx.Err() == nil { // else it ended early
		p.Shortest = told.World
	}
	return p, ctx.Err()
}

func (d Draw) stage() (*Stage, error) {
	text, rollout := d.Plan, ""
	if text == "" {
		text = drawPlan(rand.New(rand.NewPCG(d.Seed, 1)), d.Keys)
		if d.Trouble.Person > 0 { // else harm is counted, by the windows of one plan
			rollout = drawPlan(rand.New(rand.NewPCG(d.Seed, 4)), d.Keys)
		}
	}
	scene := &Scene{Name: fmt.Sprintf("seed %d", d.Seed), Plan: text, Rollout: rollout, Seed: d.Seed, Begin: d.Begin,
		Policies: d.Policies, Prepare: (*World).MakeKeys, Bounds: Every,
		Lag: d.Trouble.Lag, Quotas: d.Trouble.Quotas, Pauses: []time.Duration{20 * time.Second, 2 * minute, 7 * minute,
			25 * minute, day, 35 * day}}
	if d.Trouble.Intervention > 0 {
		scene.Last, scene.Repaired = []plan.Request{repairRecord, repairAlias}, true
	}
	return NewStage(scene)
}

// course makes the course of a seed, or with given choices another one in the
// same world.
func (d Draw) course(ctx context.Context, stage *Stage, given []choice, telling bool) *Played {
	w := stage.World()
	w.Telling, w.mostSteps = telling, 1<<40
	p := &Played{World: w, Draw: d, begins: w.clock.now}
	w.naive = d.Naive
	if d.Trouble.Person == 0 {
		w.harm = newHarmWatch(w)
	}
	r := rand.New(rand.NewPCG(d.Seed, 2))
	n := 0
	pick := func(list []Option) int {
		n++
		if given == nil {
			i := d.pick(r, list)
			if i > 0 {
				p.choices = append(p.choices, choice{n, i})
			}
			return i
		}
		for len(given) > 0 && given[0].at < n {
			given = given[1:]
		}
		if len(given) > 0 && given[0].at == n {
			return given[0].option % len(list)
		}
		return 0
	}
	if telling && given == nil {
		given = []choice{}
	}
	reported := w.clock.now
	for tick := uint64(0); w.clock.now.Sub(p.begins) < d.Span && len(w.Watch.Broken) == 0 && ctx.Err() == nil; tick++ {
		d.tick(w, rand.New(rand.NewPCG(d.Seed, 3+tick)))
		w.goOn(pick)
		w.forget()
		if d.Progress != nil && w.clock.now.Sub(reported) >= day {
			reported = w.clock.now
			d.Progress(p.Passed())
		}
	}
	if d.Naive == "" {
		w.rest()
	}
	w.leave()
	w.forget()
	if w.harm != nil {
		p.Harm = w.harm.end(w.remembered)
	}
	return p
}

// tick lets time pass and cron start every pool.
func (d Draw) tick(w *World, r *rand.Rand) {
	step := d.Every
	if step == 0 {
		step = []time.Duration{15 * minute, time.Hour, 6 * time.Hour, day, day}[r.IntN(5)]
		if w.open() && r.IntN(4) > 0 { // else a key that waits for a person would fill the year
			step = 15 * minute
		}
	}
	w.Advance(step)
	w.tell("", "%s later, cron starts every pool", plan.FormatDuration(step))
	pools := d.Pools
	if pools == 0 {
		pools = 3
	}
	for _, i := range r.Perm(pools) {
		pool := fmt.Sprintf("pool-%d", i+1)
		if i == 0 && w.newer != nil {
			pool = "newer"
		}
		w.agenda = append(w.agenda, Act{Pool: pool, Ahead: time.Duration(r.IntN(600)-300) * time.Second})
	}
	if r.Float64() < d.Trouble.Person {
		key := r.IntN(len(w.Keys))
		act := Act{Pool: "person", Request: drawVerb(r, w.Record(key)), Key: 1 + key,
			Wait: time.Duration(r.IntN(2)) * 25 * minute}
		at := r.IntN(len(w.agenda) + 1)
		w.agenda = append(w.agenda[:at:at], append([]Act{act}, w.agenda[at:]...)...)
	}
	if r.Float64() < d.Trouble.Use {
		w.useOld(r)
	}
	if d.Trouble.Intervention > 0 {
		w.repair(r)
		if r.Float64() < d.Trouble.Intervention {
			w.drawIntervention(r)
		}
	}
}

// drawVerb draws what a person types about a key with a record, nil if there is none. What
// it says of a version is mostly about one that can be found in the record.
func drawVerb(r *rand.Rand, rec *plan.Record) plan.Request {
	verbs := []plan.Verb{plan.VerbRotate, plan.VerbRollback, plan.VerbRollback, plan.VerbReinstate, plan.VerbReinstate,
		plan.VerbHold, plan.VerbHold, plan.VerbRelease, plan.VerbRelease, plan.VerbRelease, plan.VerbAdopt,
		plan.VerbRetire, plan.VerbRetire}
	q := plan.Request{Verb: verbs[r.IntN(len(verbs))]}
	switch q.Verb {
	case plan.VerbRotate:
		q.Abandon, q.Again = r.IntN(4) == 0, r.IntN(2) == 0
	case plan.VerbHold, plan.VerbRelease:
		if r.IntN(2) == 0 {
			q.Version = drawVersion(r, rec)
		}
	case plan.VerbRetire:
		q.Version = drawVersion(r, rec)
	}
	return q
}

// drawVersion draws one of the old versions in a record, or a number that may be none of them.
func drawVersion(r *rand.Rand, rec *plan.Record) int64 {
	if rec == nil || r.IntN(6) == 0 {
		return 1 + r.Int64N(5)
	}
	old := rec.Old()
	if len(old) == 0 {
		return rec.Active
	}
	return old[r.IntN(len(old))].Version
}

// useOld lets a consumer use a version that drains.
func (w *World) useOld(r *rand.Rand) {
	rec := w.Record(r.IntN(len(w.Keys)))
	if rec == nil {
		return
	}
	if draining := rec.Draining(); len(draining) > 0 {
		w.Use(draining[r.IntN(len(draining))].KeyID)
	}
}

// open reports whether anything is under way. A version that waits for its window
// is not, nor what is over and stands in a record still.
func (w *World) open() bool {
	for _, r := range w.Records() {
		if r.Step != plan.Steady && r.Step != plan.Created || r.Leased(w.clock.now) || r.Fenced(w.clock.now) {
			return true
		}
	}
	return false
}

// forget drops runs that are over, so that a year does not fill the memory.
func (w *World) forget() {
	kept := w.Runs[:0]
	for _, r := range w.Runs {
		if r.place != over {
			kept = append(kept, r)
			continue
		}
		w.Tally.count(r)
	}
	clear(w.Runs[len(kept):])
	w.Runs = kept
}

// pick draws one of the options.
func (d Draw) pick(r *rand.Rand, list []Option) int {
	x := r.Float64()
	if list[0].idle { // most calls are the reads of runs that find nothing to do
		x *= 10
	}
	for _, t := range []struct {
		kind kind
		p    float64
	}{{crash, d.Trouble.Crash}, {callFault, d.Trouble.CallFault}, {pause, d.Trouble.Pause}, {other, d.Trouble.Switch}} {
		if x < t.p {
			if i := drawOf(r, list, t.kind); i >= 0 {
				return i
			}
		}
		x -= t.p
	}
	at, _ := Next(r, list)
	return at
}

// Next draws who is next where no run is under way, so that none is more ordinary
// than another. It reports whether that is so.
func Next(r *rand.Rand, list []Option) (at int, anybody bool) {
	if list[0].kind != other {
		return 0, false
	}
	return drawOf(r, list, other), true
}

// drawOf draws one of the options of a kind; -1 if there is none.
func drawOf(r *rand.Rand, list []Option, k kind) int {
	found, n := -1, 0
	for i, o := range list {
		if o.kind == k {
			n++
			if r.IntN(n) == 0 {
				found = i
			}
		}
	}
	return found
}
