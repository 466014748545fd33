package rehearsal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// wakeUp moves the clock when nobody can go on. It returns false when nobody
// sleeps.
func (w *World) wakeUp() bool {
	next := w.next()
	if next.IsZero() {
		return false
	}
	w.clock.now = next
	return true
}

// next returns the first moment at which something may look different to a run that
// sleeps; zero when nobody does.
func (w *World) next() time.Time {
	var soonest time.Time
	take := func(t time.Time) {
		if t.After(w.clock.now) && (soonest.IsZero() || t.Before(soonest)) {
			soonest = t
		}
	}
	sleeps, polling := false, true
	var first, due time.Time
	for _, r := range w.Runs {
		if sent := r.place == atCall || r.place == atAnswer; sent && r.due.After(w.clock.now) &&
			(due.IsZero() || r.due.Before(due)) {
			due = r.due
		}
		if r.place == asleep && !w.clock.now.Before(r.frozen) {
			sleeps, polling = true, polling && r.polls > 2
			if first.IsZero() || r.wake.Before(first) {
				first = r.wake
			}
			if r.mind != nil {
				take(r.mind.until)
			}
		}
	}
	if !sleeps {
		return due
	}
	for _, r := range w.Records() {
		if r.Lease != nil {
			take(r.Lease.Until)
		}
		if r.Fence != nil {
			take(r.Fence.Until)
		}
	}
	if !polling || soonest.IsZero() {
		soonest = first
	}
	if near := w.clock.now.Add(20 * time.Second); w.lag > 0 && near.Before(soonest) {
		soonest = near // what KMS shows changes by itself
	}
	if soonest.Before(first) { // nobody wakes before
		soonest = first
	}
	if !due.IsZero() && due.Before(soonest) {
		soonest = due
	}
	return soonest
}

// rest checks that the world comes to rest (invariant 10): with faults, leases
// and fences over, one more run per key completes every open step, and the one
// after it has nothing to do (11). Restless scenes are left as they are.
func (w *World) rest() {
	w.ending()
	for _, r := range w.Runs {
		r.kill()
	}
	w.current = nil
	w.may = Bounds{}
	for len(w.underway) > 0 { // what was sent arrives, or has died
		w.deliver(0)
	}
	w.lag, w.call, w.quotas, w.denied, w.gateShut = 0, 0, false, Denial{}, time.Time{}
	w.arm(nil)
	if w.Scene.Restless || len(w.Watch.Broken) > 0 {
		return
	}
	if w.book != nil {
		state := w.State()
		if _, known := w.book.rested[state]; known {
			return
		}
		w.book.rested[state] = struct{}{}
	}
	w.Advance(plan.FenceFor + plan.LagAfterSwitch + time.Minute)
	w.tell("", "the world calms down; 31 minutes later")
	w.calmly(w.Keys)
	if w.Scene.Repaired { // what no plan lets be adopted has no other way
		w.putBack()
		w.calmly(w.Keys)
		if w.newer != nil {
			w.calmly(w.newer)
		}
	}
	if len(w.Scene.Last) > 0 {
		w.Advance(plan.FenceFor + plan.LagAfterSwitch + time.Minute)
	}
	w.awaitNextKey()
	p := w.Pool("after")
	r := w.begin(p, plan.Request{Verb: plan.VerbSchedule}, w.Keys, 5*time.Minute)
	w.calm(r)
	w.tell(r.ID, "runs calmly: %s", r.outcome())
	for _, k := range w.Keys {
		w.chained(k)
		if open := w.unfinished(k, r); open != "" {
			w.Watch.Broken = append(w.Watch.Broken, Broken{"10", "a calm run (" + r.outcome() + ")",
				k.Name + " is left with " + open})
		}
	}
	before := w.total()
	quiet := w.begin(p, plan.Request{Verb: plan.VerbSchedule}, w.Keys, 0)
	w.calm(quiet)
	// A window that waits for older versions is due: each run counts them again.
	waits := slices.ContainsFunc(quiet.Reports, func(k rotate.KeyReport) bool {
		return k.Refusal != nil && k.Refusal.Code == plan.CodeMaxDraining
	})
	if n := w.total() - before; !waits && n != (len(w.Keys)+99)/100 {
		w.Watch.Broken = append(w.Watch.Broken, Broken{"11", "a calm run",
			fmt.Sprintf("the next one (%s) made %d calls and not one read for all its keys", quiet.outcome(), n)})
	}
}

// awaitNextKey moves the clock to where another key may be made, for a version
// that got no name: until then no run can finish what is open.
func (w *World) awaitNextKey() {
	for _, r := range w.Records() {
		if wait := r.NextKey().Sub(w.clock.now); wait > 0 {
			w.Advance(wait)
			w.tell("", "another %s", plan.FormatDuration(wait))
		}
	}
}

// calmly lets a person type the scene's last verbs.
func (w *World) calmly(keys []plan.Policy) {
	for _, q := range w.Scene.Last {
		last := w.begin(w.Pool("person"), withDefaults(q), keys, Patience)
		w.calm(last)
		w.tell(last.ID, "%s, calmly: %s", last.Request.Verb, last.outcome())
	}
}

// unfinished returns what a key still has open after a calm run. What the key
// waits for is not.
func (w *World) unfinished(k plan.Policy, calm *Run) string {
	r := w.Records()[k.Key()]
	if r == nil {
		return "no record"
	}
	var open []string
	if r.Lease != nil && r.Leased(w.clock.now) {
		open = append(open, "a lease")
	}
	if r.Held(w.clock.now) {
		return strings.Join(open, ", ")
	}
	waits := slices.ContainsFunc(calm.Reports, func(k2 rotate.KeyReport) bool {
		return k2.Policy.Alias == k.Alias && k2.Outcome == plan.Waiting
	})
	if r.Step != plan.Steady && !waits {
		open = append(open, "step "+string(r.Step))
	}
	for _, d := range r.Draining() {
		if d.Fence != nil {
			open = append(open, fmt.Sprintf("a mark on v%d", d.Version))
		}
		if !d.LookAfter.IsZero() {
			open = append(open, fmt.Sprintf("v%d to be seen to", d.Version))
		}
	}
	return strings.Join(open, ", ")
}

func (w *World) total() (n int) {
	for _, count := range w.Calls {
		n += count
	}
	return n
}
