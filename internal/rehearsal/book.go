package rehearsal

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// book is what was found out in courses of a scene that went before: how runs
// go on, and what becomes of AWS when a call arrives. Both depend on nothing
// but what is written beside them, so that a course made with a book is the
// course made without.
type book struct {
	parts map[string]*part
	held  map[uint64]*held
	// rested holds the states from which the world is known to come to rest.
	rested map[uint64]struct{}
	masks  map[string]*masks
	names  *names
}

// Remember has a world that has just been made keep what it finds out, for the
// courses to come. One whose quotas hold cannot: how much is left of them is no
// part of what is kept.
func (w *World) Remember() {
	w.book = &book{parts: map[string]*part{}, held: map[uint64]*held{}, rested: map[uint64]struct{}{},
		masks: map[string]*masks{}, names: newNames(poolsOf(w.Scene), w.twins)}
	w.book.names.whole = w.InFull
}

// mostHeld is how many contents of AWS a book knows before it is begun again:
// a gigabyte or two.
const mostHeld = 25_000

// trim begins a book again when it has become too big. What it forgets is found
// out again.
func (k *book) trim() {
	if len(k.held) < mostHeld {
		return
	}
	for _, h := range k.held {
		clear(h.after) // worlds to go back to stand on some of them
	}
	clear(k.held)
	for _, p := range k.parts {
		p.first.forget()
	}
}

// held is one content of AWS, and what is known of it.
type held struct {
	services sandbox.Snapshot
	records  map[string]*plan.Record
	ledgers  map[string][]plan.Event
	truth    sandbox.Truth
	truthAt  time.Time
	// shapes are by masks; contents that differ only in what was drawn at random
	// have the same.
	shapes map[string]shape
	// texts are what shapes are made of, once they were asked for, and made are the keys.
	texts []*template
	made  [][]*template
	after map[uint64]*arrived
}

// arrived is what came of one call.
type arrived struct {
	answer *http.Response
	said   []byte
	err    error
	then   *held
	// random is that of the run, after the call.
	random source
}

// send lets a call arrive at AWS.
func (w *World) send(by *Run, c *call, faults []sandbox.Fault) (*http.Response, error) {
	if w.book == nil {
		return w.roundTrip(by, c, faults)
	}
	h := w.holds()
	number := w.number(by, c, faults)
	a := h.after[number]
	if a == nil {
		a = &arrived{then: h}
		w.load()
		if a.answer, a.err = w.roundTrip(by, c, faults); a.answer != nil {
			a.said, _ = io.ReadAll(a.answer.Body) // it is in memory
		}
		if c.changes() || c.uses() {
			w.aws = nil
			a.then = w.holds()
		}
		a.random = by.random
		h.after[number] = a
	}
	by.random, w.aws = a.random, a.then
	if a.answer == nil {
		return nil, a.err
	}
	answer := *a.answer
	answer.Body = io.NopCloser(bytes.NewReader(a.said))
	return &answer, a.err
}

// roundTrip lets a call arrive in the box.
func (w *World) roundTrip(by *Run, c *call, faults []sandbox.Fault) (*http.Response, error) {
	w.random.Reader = &by.random
	if len(faults) > 0 {
		w.arm(faults)
		defer w.arm(nil)
	}
	return w.box.RoundTripper().RoundTrip(c.request())
}

// number returns a number for all that the answer to a call depends on, besides what
// AWS holds.
func (w *World) number(by *Run, c *call, faults []sandbox.Fault) uint64 {
	drawn, err := by.random.MarshalBinary()
	if err != nil {
		panic(err) // it never fails
	}
	return hashOf(fmt.Append(nil, by.ID, c.document(), c.header.Get("X-Amz-Date"),
		w.clock.now.UnixNano(), w.lag, faults, drawn))
}

// holds returns what AWS holds. Only a world with a book knows.
func (w *World) holds() *held {
	if w.aws != nil {
		return w.aws
	}
	services, err := w.box.Snapshot()
	if err != nil {
		panic(err) // it is in memory
	}
	var content maphash.Hash
	content.SetSeed(hashSeed)
	for _, name := range []string{"dynamodb", "kms"} {
		_, _ = content.Write(services[name])
	}
	h := w.book.held[content.Sum64()]
	if h == nil {
		h = &held{services: services, after: map[uint64]*arrived{}}
		h.records, h.ledgers = w.readRecords(), w.readLedgers()
		w.book.held[content.Sum64()] = h
	}
	w.aws, w.inBox = h, h
	return h
}

// load puts into the box what AWS holds, if that was only known.
func (w *World) load() {
	if w.aws == nil || w.aws == w.inBox {
		return
	}
	if err := w.box.Return(w.aws.services); err != nil {
		panic(err) // it was taken from there
	}
	w.inBox = w.aws
}

// RoundTrip carries out what is done by nobody's run.
func (w *World) RoundTrip(q *http.Request) (*http.Response, error) {
	w.load()
	w.aws, w.inBox = nil, nil
	return w.box.RoundTripper().RoundTrip(q)
}

// Truth returns what KMS holds, whatever its reads show.
func (w *World) Truth() sandbox.Truth {
	if w.book == nil {
		return w.box.Truth(w.Region)
	}
	h := w.holds()
	if h.truthAt != w.clock.now {
		w.load()
		h.truth, h.truthAt = w.box.Truth(w.Region), w.clock.now
	}
	return h.truth
}
