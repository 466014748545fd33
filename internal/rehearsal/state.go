package rehearsal

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Two worlds are in one state when what can happen next is the same, and goes
// on alike: the records, KMS, the clock, what is under way, what is left of the
// bounds, and of each run what its last decision was made of and what it was
// told since. What was drawn at random counts only by where it is the same.

var hashSeed = maphash.MakeSeed()

// state is a number for the state of the world.
func (w *World) state() uint64 {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %d %v ", w.shaped().text, w.clock.now.UnixNano(), len(w.agenda), w.may)
	if w.current != nil {
		b.WriteString(w.current.ID)
	}
	for _, r := range w.Runs {
		if r.place != over {
			r.describe(&b)
		}
	}
	for _, l := range w.underway {
		fmt.Fprintf(&b, "%s %s %s", l.by.ID, l.call.document(), l.call.header.Get("X-Amz-Date"))
	}
	return hashOf(alike(b.String()))
}

func hashOf(s string) uint64 { return maphash.String(hashSeed, s) }

// shape is the state of AWS: to return to, and as text that is the same for
// what goes on alike.
type shape struct {
	aws  sandbox.Snapshot
	text string
}

// shaped is the state of AWS now: the records, and all of what KMS holds, its
// past included, for reads may lag.
func (w *World) shaped() shape {
	if w.shapeAt == [2]int{w.changed, w.uses} && w.shape.aws != nil {
		return w.shape
	}
	aws, err := w.box.Snapshot()
	if err != nil {
		panic(err) // it is in memory
	}
	var b strings.Builder
	records := w.Records()
	for _, k := range w.Keys {
		b.WriteString(textOf(records[k.Key()]))
	}
	b.Write(aws["kms"])
	w.shape, w.shapeAt = shape{aws, b.String()}, [2]int{w.changed, w.uses}
	return w.shape
}

// textOf is a record as text. Its events count by who wrote which revision, for
// that is all that anybody decides by.
func textOf(r *plan.Record) string {
	if r == nil {
		return "none"
	}
	c := *r
	c.Events = make([]plan.Event, len(r.Events))
	for i, e := range r.Events {
		c.Events[i] = plan.Event{Rev: e.Rev, Run: e.Run}
	}
	if r.LastError != nil {
		c.LastError = &plan.LastError{Code: r.LastError.Code}
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // it is plain data
	}
	return string(text)
}

// describe writes down what a run will go on by.
func (r *Run) describe(b *strings.Builder) {
	fmt.Fprintf(b, "%s %s ", r.ID, r.place)
	if r.mind != nil {
		b.WriteString(r.mind.String())
	}
	for _, c := range r.told {
		c.describeAnswer(b)
	}
	if r.place == atCall {
		b.WriteString(r.call.operation)
	}
	fmt.Fprintf(b, " %v %d %v %v %v %d %v;", r.ready(), r.wake.UnixNano(), r.Pool.host.asleep, r.polls > 2, r.changed, r.began.UnixNano(), r.tried)
}

// describeAnswer writes down what a run was told by a call. What is random in
// an answer and tells it nothing is left out.
func (c *call) describeAnswer(b *strings.Builder) {
	fmt.Fprintf(b, "%s %d %v ", c.operation, c.status, c.err)
	switch c.operation {
	case "Encrypt", "Decrypt":
	default:
		b.Write(c.said)
	}
}

// alike replaces what was drawn at random (a UUID, a nonce of 32 hexadecimal
// digits) by where it first stands, so that two texts which differ in nothing
// else are the same.
func alike(s string) string {
	names := map[string]int{}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		n := 0
		for i+n < len(s) && (isHex(s[i+n]) || s[i+n] == '-') {
			n++
		}
		if n == 32 || n == 36 {
			name, ok := names[s[i:i+n]]
			if !ok {
				name = len(names)
				names[s[i:i+n]] = name
			}
			out = append(out, '#', byte(name), byte(name>>8))
			i += n
			continue
		}
		n = max(n, 1)
		out = append(out, s[i:i+n]...)
		i += n
	}
	return string(out)
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }
