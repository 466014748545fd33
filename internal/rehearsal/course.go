package rehearsal

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Coverage counts, for each kind of call, what became of it: "kms:UpdateAlias
// lost".
type Coverage map[string]int

func (c Coverage) String() string {
	var b strings.Builder
	for _, what := range slices.Sorted(maps.Keys(c)) {
		fmt.Fprintf(&b, "%8d  %s\n", c[what], what)
	}
	return b.String()
}

// count adds one; to no coverage it adds nothing.
func (c Coverage) count(what *call, became string) {
	if c != nil {
		c[what.service+":"+what.operation+" "+became]++
	}
}

// Play makes one course: at each moment pick says which of the options happens,
// or -1 to leave it there. The world is at rest afterwards, unless it was left.
// It reports whether it came to the end of the course.
func (w *World) Play(pick func([]Option) int) (ended bool) {
	w.goOn(pick)
	if !w.left {
		if w.AtEnd != nil {
			w.AtEnd()
		}
		w.rest()
	}
	w.leave()
	return !w.left
}

// Left returns what is left of the bounds.
func (w *World) Left() Bounds { return w.may }

// LastCall returns the operation that the run under way has called last, or is about
// to call; "" if there is none.
func (w *World) LastCall() string {
	if w.current == nil || w.current.call == nil {
		return ""
	}
	return w.current.call.operation
}

// goOn lets things happen until nothing more can: all acts have begun, and all
// runs are over.
func (w *World) goOn(pick func([]Option) int) {
	for len(w.Watch.Broken) == 0 {
		list := w.options()
		if len(list) == 0 {
			if w.wakeUp() {
				continue
			}
			return
		}
		if w.AtMoment != nil {
			w.AtMoment(w)
		}
		i := 0
		if len(list) > 1 || w.changed != w.asked {
			w.asked = w.changed
			i = pick(list)
		}
		if i < 0 {
			w.left = true
			return
		}
		list[i].do()
		w.Steps++
		w.Depth++
		if w.Depth > w.mostSteps {
			w.Watch.Broken = append(w.Watch.Broken, Broken{"10", "many events", "the course does not end"})
		}
		if took := w.clock.now.Sub(w.began) - w.moved; w.Scene.Within > 0 && took > w.Scene.Within {
			w.Watch.Broken = append(w.Watch.Broken, Broken{"in time", took.String(), "runs are still at work"})
		}
	}
}

// ending checks how a course has ended in which nothing went wrong but what its scene says.
func (w *World) ending() {
	all := w.Scene.Bounds
	if w.Scene.End == nil || len(w.Watch.Broken) > 0 || w.may.CallFaults < all.CallFaults ||
		w.may.Crashes < all.Crashes || w.may.Clock < all.Clock || w.may.Interventions < all.Interventions {
		return
	}
	if wrong := w.Scene.End(w); wrong != "" {
		w.Watch.Broken = append(w.Watch.Broken, Broken{"the end", w.clock.now.Sub(w.began).String(), wrong})
	}
}

// maxSteps bounds a course. One of an ordinary scene takes some hundreds.
const maxSteps = 20_000

// leave ends all runs, wherever they are.
func (w *World) leave() {
	for _, r := range w.Runs {
		r.kill()
	}
}

// learned notes what a run has been told by a call.
func (w *World) learned(r *Run, c *call, f Outcome) {
	if c.changes() {
		r.changed = true
	}
	what := f.String()
	if f.Kind == Answered {
		what = "no"
		if c.status/100 == 2 {
			what = "yes"
		}
	}
	w.Coverage.count(c, what)
	// No change of KMS is repeated without a decision in between: the SDK's own
	// repetitions are off, for it does not know what they would do.
	for _, before := range r.told {
		if w.naive == "" && c.service == "kms" && c.changes() && before.operation == c.operation &&
			bytes.Equal(before.body, c.body) {
			w.Watch.Broken = append(w.Watch.Broken, Broken{"one call an act", r.ID + ": " + c.operation,
				"the call was repeated and nothing had decided so"})
		}
	}
	r.told = append(r.told, c)
}
