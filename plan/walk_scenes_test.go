package plan_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// scene is one kind of trouble to walk through: every schedule within a small
// budget, then schedules drawn at random with much more trouble.
type scene struct {
	name   string
	left   budget // of the walk through every schedule
	deep   budget // the same with -walk.deep
	drawn  int    // how many schedules to draw
	person []func(*world) string
	clock  []time.Duration // nil: all four steps
	runs   int             // at a time; 0: two
	policy func(*plan.Policy)
}

// rich is the trouble that drawn schedules may have.
var rich = budget{clock: 6, faults: 4, lags: 3, crashes: 2, pauses: 2, starts: 4, person: 2, switches: 6}

var twoSteps = []time.Duration{91 * time.Second, 21 * time.Minute}

var scenes = []scene{
	{name: "answers are lost", left: budget{clock: 1, faults: 1, starts: 1},
		deep: budget{clock: 2, faults: 2, starts: 2, switches: 1}, drawn: 150, clock: twoSteps},
	{name: "runs are killed", left: budget{clock: 1, crashes: 1, starts: 2},
		deep: budget{clock: 2, crashes: 2, starts: 3, faults: 1}, drawn: 80, clock: twoSteps},
	{name: "runs are paused", left: budget{clock: 1, pauses: 1, starts: 1},
		deep: budget{clock: 2, pauses: 2, starts: 2, switches: 2}, drawn: 80, clock: twoSteps},
	{name: "KMS lags", left: budget{clock: 1, lags: 1, crashes: 1, starts: 1},
		deep: budget{clock: 2, lags: 3, crashes: 1, starts: 2, faults: 1}, drawn: 80, clock: twoSteps},
	{name: "a person rolls back", left: budget{clock: 1, faults: 1, person: 1},
		deep: budget{clock: 2, faults: 2, lags: 1, starts: 2, person: 1}, drawn: 80, clock: twoSteps,
		person: []func(*world) string{rollBack}},
	{name: "a person gives up", left: budget{clock: 1, crashes: 1, person: 1},
		deep: budget{clock: 2, faults: 2, crashes: 1, starts: 1, person: 2}, drawn: 80, clock: twoSteps,
		person: []func(*world) string{giveUp, rollBack}},
	{name: "a person holds and releases", left: budget{clock: 1, person: 2},
		deep: budget{clock: 2, faults: 1, crashes: 1, starts: 1, person: 2}, drawn: 80, clock: twoSteps[:1],
		person: []func(*world) string{holdKey, releaseKey}},
	{name: "two persons overtake each other", left: budget{clock: 1, pauses: 1, person: 2}, deep: budget{clock: 2,
		faults: 1, pauses: 2, starts: 1, person: 3}, drawn: 80, clock: twoSteps[:1],
		person: []func(*world) string{rollBack, giveUp}},
	{name: "a person moves the alias and adopts", left: budget{clock: 1, person: 2},
		deep: budget{clock: 2, faults: 1, crashes: 1, lags: 1, starts: 1, person: 2}, drawn: 80, clock: twoSteps,
		person: []func(*world) string{moveByHand, adoptFound}},
	{name: "a person moves the alias and another puts it back", left: budget{clock: 1, crashes: 1, person: 2},
		deep: budget{clock: 2, faults: 1, crashes: 1, lags: 1, starts: 1, person: 3}, drawn: 80, clock: twoSteps,
		person: []func(*world) string{moveByHand, putBack}},
	{name: "the version waits", left: budget{clock: 2, starts: 1},
		deep: budget{clock: 3, faults: 2, crashes: 1, starts: 2}, drawn: 80, clock: twoSteps,
		policy: func(p *plan.Policy) { p.Prepublish, p.BeforeSwitch = time.Minute, []string{"ready"} }},
	{name: "three runs", left: budget{clock: 1, starts: 2},
		deep: budget{clock: 2, faults: 1, crashes: 1, starts: 2, switches: 1}, drawn: 80, runs: 3, clock: twoSteps},
}

// What persons do. Each returns what it did; "" if it cannot be done.

func (w *world) types(verb plan.Verb, abandon bool) string {
	if len(w.runs) > w.ways.runs {
		return ""
	}
	r := w.start(len(w.runs), verb)
	r.q.Abandon = abandon
	return "a person types " + string(verb)
}

func rollBack(w *world) string   { return w.types(plan.VerbRollback, false) }
func giveUp(w *world) string     { return w.types(plan.VerbRotate, true) }
func holdKey(w *world) string    { return w.types(plan.VerbHold, false) }
func releaseKey(w *world) string { return w.types(plan.VerbRelease, false) }
func adoptFound(w *world) string { return w.types(plan.VerbAdopt, false) }

// putBack is a rollback to the version that is live by the record.
func putBack(w *world) string {
	s := w.types(plan.VerbRollback, false)
	if s != "" {
		w.runs[len(w.runs)-1].q.Version = w.rec.Active
	}
	return s
}

func moveByHand(w *world) string {
	if w.byHand {
		return ""
	}
	w.keys = append(w.keys, kmsKey{id: "kx", at: w.now.Add(-time.Hour)})
	w.before, w.movedAt, w.alias, w.byHand = w.alias, w.now, "kx", true
	return "a person moves the alias to kx"
}

func (s scene) begin(left budget, change func(*ways)) *world {
	w, p := honest(), walkPolicy()
	w.person = s.person
	if s.clock != nil {
		w.clock = s.clock
	}
	if s.runs > 0 {
		w.runs = s.runs
	}
	if s.policy != nil {
		s.policy(&p)
	}
	if change != nil {
		change(w)
	}
	world := begin(p, w, left)
	world.start(0, plan.VerbSchedule)
	world.turn = -1
	return world
}

// walk goes through all schedules, then through drawn ones. change breaks the
// rules on purpose.
func (s scene) walk(t *testing.T, drawn int, change func(*ways)) *walk {
	left := s.left
	if *deep {
		left, drawn = s.deep, 100*drawn
	}
	k := newWalk()
	if *deep {
		k.most = 3_000_000
	}
	if testing.Short() {
		k.most, drawn = 5000, drawn/4
	}
	start := time.Now()
	k.every(s.begin(left, change))
	t.Logf("all:   %s; %s", k, time.Since(start).Round(time.Millisecond))
	if k.why != "" {
		return k
	}
	k = &walk{seen: map[uint64]struct{}{}, ended: k.ended, seed: k.seed}
	start = time.Now()
	k.some(func() *world { return s.begin(rich, change) }, drawn, rand.New(rand.NewPCG(1, uint64(len(s.name)))))
	t.Logf("drawn: %s; %s", k, time.Since(start).Round(time.Millisecond))
	return k
}

func TestWalk(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if k := s.walk(t, s.drawn, nil); k.why != "" {
				t.Fatalf("%s\n%s\n%+v", k.why, k.found.trail, k.found.rec)
			}
		})
	}
}
