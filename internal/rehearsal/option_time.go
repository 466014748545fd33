package rehearsal

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// clockMoves lists by how much the clock may go on although a run could. A host
// that is suspended meanwhile has a monotonic clock that stands still.
func (w *World) clockMoves(cur *Run, add func(kind, string, string, func())) {
	if cur == nil || w.may.Clock <= 0 {
		return
	}
	for _, d := range w.Scene.Clock {
		add(clockMove, "", plan.FormatDuration(d)+" pass", func() {
			w.spend(&w.may.Clock)
			w.current = nil
			w.move(d)
			w.tell("", "%s pass; %s is paused", plan.FormatDuration(d), cur.ID)
		})
		add(suspend, cur.ID, "is suspended for "+plan.FormatDuration(d), func() {
			w.spend(&w.may.Clock)
			w.current = nil
			cur.Pool.host.asleep += d
			w.move(d)
			w.tell("", "%s pass; the host of %s is suspended", plan.FormatDuration(d), cur.ID)
		})
	}
}

// move moves the clock because that was chosen.
func (w *World) move(d time.Duration) {
	w.Advance(d)
	w.moved += d
}

// pauses lists for how long a run may stand still while the world goes on. Its
// host is suspended as often as it is not.
func (w *World) pauses(r *Run, add func(kind, string, string, func())) {
	for i, d := range w.Scene.Pauses {
		add(pause, r.ID, "stands still for "+plan.FormatDuration(d), func() {
			w.current = nil
			w.Tally.Pauses++
			r.frozen, r.stood, r.suspended = w.clock.now.Add(d), w.clock.now, i%2 == 0
			w.note(r.ID, "stands still for %s before %s", plan.FormatDuration(d), r.call.describe())
		})
	}
}

// thaw lets a run go on that stood still.
func (w *World) thaw(r *Run) {
	if !r.frozen.IsZero() && r.suspended {
		r.Pool.host.asleep += w.clock.now.Sub(r.stood)
	}
	r.frozen = time.Time{}
}
