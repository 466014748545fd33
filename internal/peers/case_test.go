//go:build unix

package peers

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// fault is what happens to one of the processes.
type fault struct {
	name string
	// operation and where are the moment; of whichever process gets there first.
	operation string
	where     moment
	does      func(r *round, victim *process)
}

var (
	calm    = fault{name: "no fault"}
	stopped = fault{"stopped for 30 s", "UpdateAlias", before, func(r *round, victim *process) {
		victim.signal(r.world.t, syscall.SIGSTOP)
		time.Sleep(r.stop) // this is the fault, and not a wait for something
		r.release(victim)
	}}
	killed = fault{"killed after CreateKey", "CreateKey", after, func(r *round, victim *process) {
		victim.signal(r.world.t, syscall.SIGKILL)
		<-victim.exited
		r.world.wire.trap.release <- false
	}}
	stale = fault{"stopped until others are done", "UpdateAlias", before, func(r *round, victim *process) {
		victim.signal(r.world.t, syscall.SIGSTOP)
		if r.early {
			r.world.advance(plan.LeaseFor + 2*time.Second) // which is by AWS's clock
		}
		for _, p := range r.cron {
			if p != victim {
				p.exit()
			}
		}
		if r.world.peer.fenced {
			r.world.advance(plan.FenceFor + time.Minute)
		}
		r.person = r.world.start(r.world.peer.person)
		if exit := r.person.exit(); exit != 0 {
			r.world.t.Fatalf("the person's rotation: exit %d\n%s", exit, r.person.output.String())
		}
		r.release(victim)
	}}
)

// round is one case of one peer.
type round struct {
	world *world
	fault fault
	cron  []*process
	// victim and person are nil where there is none.
	victim, person *process
	// hit is when the victim was.
	hit  time.Time
	stop time.Duration
	// early has AWS's clock jump in place of waiting for a lease.
	early bool
}

// play starts the processes at once, has the fault happen, and waits for the end.
func play(t *testing.T, p peer, f fault, processes int, early bool) result {
	t.Helper()
	r := &round{world: newWorld(t, p), fault: f, stop: 30 * time.Second, early: early}
	if f.does != nil {
		r.world.wire.trap = newTrap(f.operation, f.where)
	}
	for range processes {
		r.cron = append(r.cron, r.world.start(p.cron))
	}
	if f.does != nil {
		r.victim = <-r.world.wire.trap.caught
		r.hit = time.Now()
		f.does(r, r.victim)
	}
	for _, one := range r.cron {
		one.exit()
	}
	return r.result()
}

// release lets a stopped process go on, and its request too.
func (r *round) release(victim *process) {
	victim.signal(r.world.t, syscall.SIGCONT)
	r.world.wire.trap.release <- true
}

// result is what a round has come to.
type result struct {
	peer, fault string
	made, moves int
	// back reports that the alias names an older key than it did before.
	back bool
	// orphans are enabled keys that never served; lost are enabled keys that did serve,
	// do not any more, and stand nowhere.
	orphans, lost int
	// exits has those of cron's processes in order, the victim's apart.
	exits  []int
	victim string
	// waited is the longest run of a process that the fault did not hit.
	waited time.Duration
	// goOn is how long after the fault another of cron's processes first changed KMS.
	goOn   time.Duration
	cpu    time.Duration
	memory int64
	calls  int
}

func (r *round) result() result {
	w := r.world
	res := result{peer: w.peer.name, fault: r.fault.name, victim: "–"}
	var made []string
	served, on := []string{w.first}, w.first
	for _, q := range w.wire.seen() {
		res.calls++
		switch {
		case q.status != 200:
			continue
		case q.operation == "CreateKey":
			made = append(made, q.made)
		case q.operation == "UpdateAlias" && q.target != on:
			res.moves++
			on, served = q.target, append(served, q.target)
		}
		changes := q.operation == "CreateKey" || q.operation == "UpdateAlias"
		if changes && res.goOn == 0 && r.victim != nil && q.by != r.victim && q.by != r.person && q.at.After(r.hit) {
			res.goOn = q.at.Sub(r.hit)
		}
	}
	live := w.live()
	if live != on {
		w.t.Fatalf("the alias names %s, and the last move was to %s", live, on)
	}
	known := append(w.peer.knows(w), live)
	newest := slices.IndexFunc(made, func(id string) bool { return id == live })
	for i, id := range made {
		switch {
		case slices.Contains(served, id):
			res.back = res.back || i > newest
		case w.enabled(id) && !slices.Contains(known, id):
			res.orphans++
		}
	}
	slices.Sort(served)
	for _, id := range slices.Compact(served) {
		if w.enabled(id) && !slices.Contains(known, id) {
			res.lost++
		}
	}
	res.made = len(made)
	for _, p := range append([]*process{r.person}, r.cron...) {
		if p == nil {
			continue
		}
		exit := p.exit()
		res.cpu, res.memory = res.cpu+p.cpu(), max(res.memory, p.memory())
		switch p {
		case r.person:
		case r.victim:
			res.victim = fmt.Sprint(exit)
			if exit < 0 {
				res.victim = "killed"
			}
		default:
			res.exits, res.waited = append(res.exits, exit), max(res.waited, p.took)
		}
		if exit != 0 {
			w.t.Logf("%s, %s: exit %d: %s", res.peer, res.fault, exit, strings.TrimSpace(p.output.String()))
		}
	}
	slices.Sort(res.exits)
	return res
}
