package plan_test

import (
	"flag"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"time"

	"github.com/keyturn/keyturn/plan"
)

var deep = flag.Bool("walk.deep", false, "walk further: half an hour instead of seconds; give a -timeout")

// walk searches the orders in which the runs of a world, KMS, the clock and
// persons can go on: all of them within the world's budget, each state once, or
// as many at random as it is given. It ends at the first violation.
type walk struct {
	seen  map[uint64]struct{} // states
	ended map[uint64]struct{} // record and KMS for which liveness was tried
	seed  maphash.Seed
	steps int // taken
	ends  int // schedules that came to their end
	most  int // states after which it gives up; 0: never
	why   string
	found *world
	over  bool
}

func newWalk() *walk {
	return &walk{seen: map[uint64]struct{}{}, ended: map[uint64]struct{}{}, seed: maphash.MakeSeed()}
}

func (k *walk) String() string {
	return fmt.Sprintf("%d states, %d steps, %d schedules to their end, %d times liveness", len(k.seen), k.steps,
		k.ends, len(k.ended))
}

// step is one thing that can happen next.
type step struct {
	turn int // whose turn it is after it, -1 if anybody's
	what string
	do   func(*world) (why string)
}

// every walks all ways on from w, depth first.
func (k *walk) every(w *world) {
	if !k.arrive(w) {
		return
	}
	list := w.steps()
	for _, s := range list {
		if k.over {
			return
		}
		if c := k.take(w, s); c != nil {
			k.every(c)
		}
	}
	if len(list) == 0 {
		k.ends++
	}
}

// some walks n schedules that are drawn at random. Trouble is drawn less often
// than its many kinds would have it, so that schedules get somewhere first.
func (k *walk) some(begin func() *world, n int, r *rand.Rand) {
	for range n {
		w := begin()
		for w != nil && !k.over {
			k.arrive(w)
			list := w.steps()
			if len(list) == 0 {
				k.ends++
				break
			}
			s := list[r.IntN(len(list))]
			if r.IntN(3) > 0 { // the first of a run's outcomes is the good one
				s = list[0]
				if w.turn >= 0 && r.IntN(8) == 0 {
					s = list[r.IntN(len(list))]
				}
			}
			w = k.take(w, s)
		}
	}
}

// arrive counts a state, and checks liveness in a new one. It reports whether to go on
// from here.
func (k *walk) arrive(w *world) bool {
	state := maphash.Bytes(k.seed, w.encode(true))
	if _, known := k.seen[state]; known || k.over {
		return false
	}
	k.seen[state] = struct{}{}
	if k.most > 0 && len(k.seen) >= k.most {
		k.over = true
	}
	rest := maphash.Bytes(k.seed, w.encode(false))
	if _, known := k.ended[rest]; !known {
		k.ended[rest] = struct{}{}
		if why := w.checkEnds(); why != "" {
			k.stop(w, why)
		}
	}
	return !k.over
}

func (k *walk) stop(w *world, why string) { k.why, k.found, k.over = why, w, true }

// take makes one step in a copy of w.
func (k *walk) take(w *world, s step) *world {
	c := w.clone()
	k.steps++
	c.turn = s.turn
	why := s.do(c)
	c.log(s.what)
	if why = first(why, c.checkSteady(), c.checkSignatures(), c.alone(), c.checkLength()); why != "" {
		k.stop(c, why)
		return nil
	}
	return c
}

func (w *world) log(what string) {
	n := 1
	if w.trail != nil {
		n = w.trail.n + 1
	}
	w.trail = &trail{fmt.Sprintf("%s  %s", w.now.Format("15:04:05"), what), n, w.trail}
}

// checkLength finds runs that go on for ever: what there is of trouble is bounded,
// and then a schedule takes about a hundred steps.
func (w *world) checkLength() string {
	if w.trail.n > 500 {
		return "it goes on without end"
	}
	return ""
}

// steps lists what can happen next. To let another run go on although the one
// that went last could too, is a switch, and bounded.
func (w *world) steps() (list []step) {
	if w.turn >= 0 && !w.idle(w.runs[w.turn]) {
		list = w.stepsOf(w.turn, 0)
	}
	for i := range w.runs {
		switch {
		case w.turn < 0 || w.idle(w.runs[w.turn]):
			list = append(list, w.stepsOf(i, 0)...)
		case i != w.turn && w.left.switches > 0:
			list = append(list, w.stepsOf(i, 1)...)
		}
	}
	for i, s := range w.sigs {
		if s.flying && s.alive(w.now) {
			list = append(list, step{w.turn, fmt.Sprintf("the move signed for %s arrives", s.key),
				func(c *world) string { return c.moveAlias(&c.sigs[i]) }})
		}
	}
	if w.left.starts > 0 && len(w.runs) < w.ways.runs {
		list = append(list, step{-1, "a run starts",
			func(c *world) string { c.left.starts--; c.start(len(c.runs), plan.VerbSchedule); return "" }})
	}
	if w.left.clock > 0 {
		for _, d := range w.ways.clock {
			list = append(list, step{-1, d.String() + " later",
				func(c *world) string { c.left.clock--; c.tick(d); return "" }})
		}
	}
	if w.left.person > 0 {
		for _, act := range w.ways.person {
			if what := act(w.clone()); what != "" {
				list = append(list, step{-1, what, func(c *world) string {
					c.left.person--
					act(c)
					return c.checkSignatures()
				}})
			}
		}
	}
	return list
}

// stepsOf lists what one run can do: what it decides, each way that can go,
// and its being paused or killed first. Its taking part costs some switches.
func (w *world) stepsOf(i, switches int) (list []step) {
	r := w.runs[i]
	add := func(turn int, what string, do func(*world, *runner) string) {
		list = append(list, step{turn, r.id + " " + what, func(c *world) string {
			c.left.switches -= switches
			return do(c, c.runs[i])
		}})
	}
	if r.over != "" {
		if w.left.starts > 0 {
			add(-1, "is followed by a new run", func(c *world, _ *runner) string {
				c.left.starts--
				c.start(i, plan.VerbSchedule)
				return ""
			})
		}
		return list
	}
	a := w.nextOf(r)
	switch {
	case r.retry != nil:
		add(i, "gets the answer to its write", func(c *world, r *runner) string {
			c.answerAgain(r)
			return c.checkSignatures()
		})
	case a.Kind == plan.Stop:
		add(-1, fmt.Sprintf("stops: %s%s", a.Outcome, codeOf(a)), func(c *world,
			r *runner) string {
			r.over = a.Outcome
			return first(c.checkDone(r, a.Outcome), c.checkDrift(a))
		})
	case a.Kind == plan.Wait && w.rec != r.rec:
		add(i, "waits, and reads again", func(c *world, r *runner) string { c.overtaken(r); return "" })
	case a.Kind != plan.Wait:
		for _, out := range w.outcomes(a) {
			add(i, fmt.Sprintf("%s %s", a.Kind, out.how), func(c *world, r *runner) string {
				if out.cost != nil {
					*out.cost(&c.left)--
				}
				r.pending = nil
				if a.Try > 0 && !a.Kind.Changes() {
					c.tick(20 * time.Second) // a repeated look waits a little each time
				}
				return out.do(c, r, a)
			})
		}
		if r.pending == nil && w.left.pauses > 0 && (a.Kind.Changes() || a.Kind.Writes()) {
			add(-1, fmt.Sprintf("is paused before %s", a.Kind),
				func(c *world, r *runner) string { c.left.pauses--; r.pending = &a; return "" })
		}
	}
	if w.left.crashes > 0 && w.matters(r) {
		add(-1, "is killed", func(c *world, r *runner) string { c.left.crashes--; c.kill(r); return "" })
	}
	return list
}

// nextOf is what a run does next: what it was paused before, else what it
// decides now.
func (w *world) nextOf(r *runner) plan.Act {
	if r.pending != nil {
		return *r.pending
	}
	return w.next(r)
}

// idle reports whether a run has nothing to do now: it is over or paused, or it
// waits for a record that has not changed.
func (w *world) idle(r *runner) bool {
	return r.over != "" || r.pending != nil || r.retry == nil && w.rec == r.rec && w.next(r).Kind == plan.Wait
}

// matters reports whether a run has left a trace so far. To kill one without a trace is
// the same as not to start it.
func (w *world) matters(r *runner) bool {
	return r.signed > 0 || r.retry != nil || r.o.Fresh != nil || r.o.SignedMove != nil ||
		w.rec.Lease != nil && w.rec.Lease.Run == r.id
}

// alone lets each run do at once what nobody else can see or prevent: read what
// does not change. It is the same in whatever order, so one order will do.
func (w *world) alone() string {
	for _, r := range w.runs {
		for r.over == "" && r.pending == nil && r.retry == nil {
			a := w.next(r)
			switch a.Kind {
			case plan.LookSource, plan.LookPolicy, plan.LookActive, plan.LookMoved, plan.LookTarget, plan.TryTarget:
			default:
				a.Kind = plan.Stop
			}
			if a.Kind == plan.Stop || len(w.outcomes(a)) != 1 {
				break
			}
			w.log(fmt.Sprintf("%s %s", r.id, a.Kind))
			if why := w.outcomes(a)[0].do(w, r, a); why != "" {
				return why
			}
		}
	}
	return ""
}

func codeOf(a plan.Act) string {
	if a.Refusal == nil {
		return ""
	}
	return " " + string(a.Refusal.Code)
}

var clockSteps = []time.Duration{91 * time.Second, time.Second, 6 * time.Minute, 21 * time.Minute}
