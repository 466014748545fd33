package rehearsal

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Option is one thing that can happen next.
type Option struct {
	Who, What string
	kind      kind
	// idle reports a read of a run that has changed nothing: a fault there shows
	// nothing new.
	idle bool
	do   func()
}

// kind says what an option costs, and how often it is drawn.
type kind int

const (
	goOn  kind = iota // the run under way goes on, and is answered
	other             // another one goes on
	callFault
	crash
	clockMove
	suspend
	intervened
	pause
)

// options lists what can happen next, the most ordinary first: that the run
// under way goes on, and well. An empty list is the end.
func (w *World) options() []Option {
	var list []Option
	add := func(k kind, who, what string, do func()) {
		r := w.current
		idle := r != nil && !r.changed && (r.place != atCall || !r.call.changes())
		list = append(list, Option{who, what, k, idle, do})
	}
	w.settleCurrent()
	cur := w.current
	if cur != nil {
		w.moves(cur, goOn, add)
		if cur.place == atAnswer { // what it does with it nobody else sees
			w.clockMoves(cur, add)
			return list
		}
	}
	if cur == nil {
		if r := w.unseen(); r != nil {
			w.moves(r, other, add)
			for i, o := range list {
				list[i].do = func() { o.do(); w.current = nil } // anybody may be next
			}
			return list
		}
	}
	if cur == nil || w.may.Switches > 0 && w.sees(cur) {
		for _, r := range w.Runs {
			if r != cur && r.ready() {
				w.moves(r, other, add)
			}
		}
		for i, l := range w.underway {
			add(other, l.by.ID, "its "+l.call.describe()+" arrives late", func() {
				w.spendSwitch(cur)
				what := l.call.describe()
				said := w.deliver(i)
				w.note(l.by.ID, "its late %s arrives: %s", what, said)
			})
		}
		w.beginnings(cur, add)
		wait := len(w.underway) > 0 || w.call > 0 && len(list) > 0 // there is something to wait with
		if next := w.next(); cur == nil && wait && !next.IsZero() && w.nobodyReady() {
			add(other, "", "time goes on", func() { // and what is under way is late indeed
				w.clock.now = next
			})
		}
	}
	w.clockMoves(cur, add)
	if w.may.Interventions > 0 && cur != nil {
		for _, i := range w.Scene.Interventions {
			if i.able(w) {
				add(intervened, "somebody", i.Name, func() {
					w.may.Interventions--
					w.intervene(i)
				})
			}
		}
	}
	return list
}

// settleCurrent forgets a run under way that cannot go on. Where calls take time, the first
// one that can is under way then.
func (w *World) settleCurrent() {
	if w.current != nil && !w.current.ready() {
		w.current = nil
	}
	if at := slices.IndexFunc(w.Runs, (*Run).ready); w.current == nil && w.call > 0 && at >= 0 {
		w.current = w.Runs[at]
	}
}

// spend takes one from a bound, and from that of all faults together, which no
// other may be above.
func (w *World) spend(bound *int) {
	*bound--
	if w.may.Faults == 0 {
		return
	}
	w.may.Faults--
	w.may.CallFaults = min(w.may.CallFaults, w.may.Faults)
	w.may.Crashes = min(w.may.Crashes, w.may.Faults)
	w.may.Clock = min(w.may.Clock, w.may.Faults)
}

func (w *World) spendSwitch(cur *Run) {
	if cur != nil && w.may.Switches < Any {
		w.may.Switches--
	}
}

// moves lists how one run can go on.
func (w *World) moves(r *Run, k kind, add func(kind, string, string, func())) {
	cur := w.current
	take := func() {
		if k == other {
			w.spendSwitch(cur)
		}
		w.current = r
		w.thaw(r)
	}
	if r.place != atCall {
		add(k, r.ID, "goes on", func() { take(); r.move(); w.ended(r) })
		return
	}
	c := r.call
	for _, f := range w.outcomes(c) {
		cost := k
		if f.Kind != Answered {
			cost = callFault
		}
		add(cost, r.ID, c.describe()+": "+f.String(), func() {
			take()
			if f.Kind != Answered {
				w.spend(&w.may.CallFaults)
				w.Tally.Failures++
			}
			w.carryOut(r, c, f)
			w.learned(r, c, f)
			w.line(f.Kind == Answered && !c.changes(), r.ID, "%s: %s", c.describe(), toldOf(c, f))
			r.move()
		})
	}
	if c.changes() && w.may.CallFaults > 0 && !r.arrived {
		add(callFault, r.ID, c.describe()+": arrives, and will again", func() {
			take()
			w.spend(&w.may.CallFaults)
			w.Tally.Failures++
			r.arrived, r.changed = true, true
			_, _ = w.arrive(r, c) // nobody hears of it
			w.Coverage.count(c, twice)
			w.line(false, r.ID, "%s: arrives, and will again", c.describe())
		})
	}
	w.pauses(r, add)
	if w.may.Crashes > 0 && w.matters(r) {
		add(crash, r.ID, "is killed before "+c.describe(), func() {
			take()
			w.spend(&w.may.Crashes)
			w.Tally.Crashes++
			r.kill()
			w.note(r.ID, "is killed before %s", c.describe())
		})
	}
}

func toldOf(c *call, f Outcome) fmt.Stringer {
	if f.Kind == Answered {
		return answered{c.answer}
	}
	return f
}

// ended tells of a run that has come to its end.
func (w *World) ended(r *Run) {
	if r.place == over {
		w.tell(r.ID, "ends: %s", r.outcome())
	}
}

func (r *Run) outcome() string {
	if r.Err != nil {
		return r.Err.Error()
	}
	s := ""
	for _, k := range r.Reports {
		s += string(k.Outcome)
		if k.Busy {
			s += "busy"
		}
		if k.Refusal != nil {
			s += " " + string(k.Refusal.Code)
		}
		if k.Err != nil {
			s += " " + k.Err.Error()
		}
	}
	return s
}

// outcomes lists the possible outcomes of a call: all of them for a call that
// changes something, and fewer for a look, because a look whose answer is lost is
// as good as dropped.
func (w *World) outcomes(c *call) []Outcome {
	list := []Outcome{{}}
	if w.may.CallFaults <= 0 {
		return list
	}
	throttled, failure := "ThrottlingException", "InternalFailure"
	if c.changes() {
		return append(list, Outcome{Dropped, ""}, Outcome{Dropped, failure}, Outcome{Lost, ""}, Outcome{Lost, failure},
			Outcome{Late, ""}, Outcome{Refused, throttled}, Outcome{Refused, "AccessDeniedException"})
	}
	if w.lag > 0 && c.service == "kms" {
		list = append(list, Outcome{Fresh, ""})
	}
	return append(list, Outcome{Dropped, ""}, Outcome{Refused, throttled}, Outcome{Refused, "AccessDeniedException"})
}

// matters reports whether a run has changed anything: to kill one that has not is
// as if it had never begun.
func (w *World) matters(r *Run) bool { return r.changed }

// beginnings lists the act that can begin next.
func (w *World) beginnings(cur *Run, add func(kind, string, string, func())) {
	if len(w.agenda) == 0 {
		return
	}
	a := w.agenda[0]
	early := a.After > 0 && slices.ContainsFunc(w.Runs, func(r *Run) bool { return r.place != over })
	if early && w.may.Clock <= 0 {
		return
	}
	what := "begins"
	if a.Request.Verb != "" {
		what = "types " + string(a.Request.Verb)
	}
	k := other
	if early { // while a run is alive: it stands still, or sleeps on
		k = clockMove
	}
	add(k, a.Pool, what, func() {
		if early {
			w.spend(&w.may.Clock)
		} else {
			w.spendSwitch(cur)
		}
		w.start(a)
	})
}

// start begins the scene's next act.
func (w *World) start(a Act) {
	w.agenda = w.agenda[1:]
	if a.After > 0 {
		w.move(a.After)
		w.bury()
	}
	p := w.Pool(a.Pool)
	p.host.ahead = a.Ahead
	wait := a.Wait
	if wait == 0 {
		wait = 2 * time.Minute
	}
	keys := p.Keys
	if a.Pool == "newer" {
		keys = w.newer
	}
	if a.Key > 0 {
		keys = keys[a.Key-1 : a.Key]
	}
	r := w.begin(p, withDefaults(a.Request), keys, wait)
	w.current = r
	r.move()
	verb := a.Request.Verb
	if verb == "" {
		verb = plan.VerbSchedule
	}
	w.tell(r.ID, "begins: %s", verb)
}

func (w *World) nobodyReady() bool {
	for _, r := range w.Runs {
		if r.ready() {
			return false
		}
	}
	return true
}
