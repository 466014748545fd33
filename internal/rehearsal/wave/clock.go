package wave

import (
	"container/heap"
	"context"
	"runtime"
	"time"

	"github.com/keyturn/keyturn/internal/parallel"
)

// clock is the time of a wave. Of its threads, which are goroutines, one has the turn and
// runs; the others wait until a time comes, or for the one that runs. So nothing in this
// file needs a lock. When the running one waits, the next in time has the turn, and the
// clock shows its time.
type clock struct {
	now   time.Time
	queue queue
	order int
}

// waiter is a thread that waits for a time.
type waiter struct {
	at    time.Time
	order int
	turn  chan struct{}
}

func (c *clock) time() time.Time { return c.now }

// line puts a thread into the queue.
func (c *clock) line(at time.Time, turn chan struct{}) {
	c.order++
	heap.Push(&c.queue, &waiter{at: at, order: c.order, turn: turn})
}

// pass gives the turn to the next thread.
func (c *clock) pass() {
	if c.queue.Len() == 0 {
		panic("wave: every thread waits for another")
	}
	next := heap.Pop(&c.queue).(*waiter)
	if next.at.After(c.now) {
		c.now = next.at
	}
	next.turn <- struct{}{}
}

// sleep lets others run for a time.
func (c *clock) sleep(d time.Duration) {
	turn := make(chan struct{}, 1)
	c.line(c.now.Add(max(d, 0)), turn)
	c.pass()
	<-turn
}

// block lets others run until one of them puts the channel back into the queue.
func (c *clock) block(turn chan struct{}) {
	c.pass()
	<-turn
}

// queue is a heap of waiters: the earliest first, and of one time the first come.
type queue []*waiter

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*waiter)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	(*q)[len(*q)-1], *q = nil, (*q)[:len(*q)-1]
	return last
}

// process is one run of keyturn, of which nothing goes on once it is killed.
type process struct {
	clock *clock
	dead  bool
}

// live ends the goroutine if its process was killed.
func (p *process) live() {
	if p.dead {
		runtime.Goexit()
	}
}

func (p *process) sleep(d time.Duration) {
	p.clock.sleep(d)
	p.live()
}

// Group returns a group of threads of the process.
func (p *process) Group() parallel.Group { return &group{process: p} }

// Slots returns slots for threads of the process.
func (p *process) Slots(n int) parallel.Slots { return &slots{process: p, free: n} }

type group struct {
	process *process
	running int
	waiting []chan struct{}
}

// Go starts a thread; its turn comes when the one that starts it waits.
func (g *group) Go(f func()) {
	g.running++
	turn := make(chan struct{}, 1)
	g.process.clock.line(g.process.clock.now, turn)
	go func() {
		<-turn
		defer g.done()
		g.process.live()
		f()
	}()
}

func (g *group) done() {
	c := g.process.clock
	if g.running--; g.running == 0 {
		for _, turn := range g.waiting {
			c.line(c.now, turn)
		}
		g.waiting = nil
	}
	c.pass()
}

// Wait waits until all threads of the group have returned or were killed.
func (g *group) Wait() {
	if g.running > 0 {
		turn := make(chan struct{}, 1)
		g.waiting = append(g.waiting, turn)
		g.process.clock.block(turn)
	}
	g.process.live()
}

type slots struct {
	process *process
	free    int
	waiting []chan struct{}
}

func (s *slots) Try() bool {
	if s.free == 0 {
		return false
	}
	s.free--
	return true
}

// Take waits for a slot; whoever came first has the next one. No context ends in a wave.
func (s *slots) Take(context.Context) error {
	if !s.Try() {
		turn := make(chan struct{}, 1)
		s.waiting = append(s.waiting, turn)
		s.process.clock.block(turn)
	}
	if s.process.dead {
		s.Free() // the others of the process wait for it, to end too
	}
	s.process.live()
	return nil
}

func (s *slots) Free() {
	if len(s.waiting) == 0 {
		s.free++
		return
	}
	s.process.clock.line(s.process.clock.now, s.waiting[0])
	s.waiting = s.waiting[1:]
}
