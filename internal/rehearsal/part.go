package rehearsal

import (
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// A run learns of the world what it is told and nothing else: what its clocks
// show whenever it goes on, and what came of a call before which it stood. So
// what it does next depends on nothing else either, and a run that was told the
// same once before need not be asked again.

// place is where a run is parked.
type place string

const (
	atStart  place = "start"  // nothing done yet
	atCall   place = "call"   // before a call leaves
	atAnswer place = "answer" // its answer has come and was not looked at yet
	atPause  place = "pause"  // between two attempts, or for its turn: it may go on at once
	asleep   place = "asleep" // until its time is over, or something has changed
	over     place = "over"
)

// cue is what a run is told when it goes on.
type cue struct {
	monotonic, wall time.Time
	gate            bool
	call            *call // that it stood before, with what came of it; nil elsewhere
}

// point is where a run is parked. Only what is known of how the run goes on from
// there is ever changed in it.
type point struct {
	place place
	// call is what the run is about to send, at atCall.
	call *call
	// nap is for how long the run sleeps, at asleep.
	nap time.Duration
	// decided is the last decision since the point before; nil if there was none.
	decided *decided
	// time describes the times that the run knows: when it began, when it sent its
	// last call, what its clients have learnt.
	time    string
	reports []rotate.KeyReport
	err     error

	// from is the point before, on is what the run was told there, and next is how
	// it went on from here, by what it was told. They are kept for a remembered part.
	from *point
	on   cue
	next map[uint64]*point
}

// forget drops what is known of how a run goes on from here.
func (p *point) forget() {
	next := p.next
	p.next = nil
	for _, n := range next {
		n.forget()
	}
}

// part is what there is to know of one run before it begins. With remembered
// set its points are kept, for all worlds in which it is played.
type part struct {
	run, pool     string
	request       plan.Request
	keys          []plan.Policy
	wait          time.Duration
	region, table string
	seed          uint64
	policies      map[string]string
	naive         Naive
	anchors       []time.Time // of the keys' windows, for the script

	remembered bool
	first      *point
}

// follows returns the point that comes after b. Only if that is not known does an
// actor play it.
func (p *part) follows(b *point, on cue, a **actor) *point {
	var key uint64
	if p.remembered {
		key = on.number()
		if known := b.next[key]; known != nil {
			return known
		}
	}
	if *a == nil {
		*a = newActor(p)
	}
	(*a).reach(b)
	next := (*a).goOn(on)
	if p.remembered {
		next.from, next.on = b, on
		if b.next == nil {
			b.next = map[uint64]*point{}
		}
		b.next[key] = next
	}
	return next
}

// number returns a number for all that a cue says.
func (q cue) number() uint64 {
	var h maphash.Hash
	h.SetSeed(hashSeed)
	fmt.Fprint(&h, q.monotonic.UnixNano(), q.wall.UnixNano(), q.gate)
	if c := q.call; c != nil {
		fmt.Fprint(&h, c.status, c.err)
		if c.answer != nil {
			for _, name := range slices.Sorted(maps.Keys(c.answer.Header)) {
				fmt.Fprint(&h, name, c.answer.Header[name])
			}
		}
		_, _ = h.Write(c.said)
	}
	return h.Sum64()
}

// decided is what a decision was made of, as text.
type decided struct {
	text  string
	read  *template // of the text, once it was asked for
	waits bool      // it is to wait for another run
	until time.Time // how long it does, if nothing gets on
}
