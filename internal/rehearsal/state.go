package rehearsal

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Two worlds are in one state when what can happen next is the same, and goes
// on alike: the records, KMS, the clock, what is under way, what is left of the
// bounds, and of each run what its last decision was made of and what it was
// told since. What was drawn at random counts only by where it is the same.

var hashSeed = maphash.MakeSeed()

// state is a number for the state of the world.
func (w *World) state() uint64 {
	if w.stateAt != w.changed || w.outsideWas == "" {
		w.outsideWas, w.stateAt = w.outside(), w.changed
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %d %v ", w.outsideWas, w.clock.now.UnixNano(), len(w.agenda), w.may)
	if w.current != nil {
		b.WriteString(w.current.ID)
	}
	for _, r := range w.Runs {
		if r.place != over {
			r.describe(&b)
		}
	}
	for _, l := range w.underway {
		fmt.Fprintf(&b, "%s %s", l.by.ID, l.call.body)
	}
	return hashOf(alike(b.String()))
}

func hashOf(s string) uint64 { return maphash.String(hashSeed, s) }

// outside is the records and what KMS holds, as text.
func (w *World) outside() string {
	var b strings.Builder
	records, kms := w.Records(), w.box.Truth(w.Region)
	for _, k := range w.Keys {
		b.WriteString(textOf(records[k.Key()]))
	}
	fmt.Fprint(&b, kms.State, kms.Names) // maps print sorted
	return b.String()
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

// decided takes in what a run decides by. It is written down only if the state
// is asked for before the next decision.
func (r *Run) decided(p plan.Policy, rec *plan.Record, o plan.Observed, next plan.Decision) {
	if o.Source != nil { // the same in every course
		o.Source = &plan.SourceSeen{}
	}
	r.told = r.told[:0]
	r.mind = func() string {
		seen, err := json.Marshal(o)
		if err != nil {
			panic(err) // it is plain data
		}
		return fmt.Sprintf("%s %s %s %s", p.Name, textOf(rec), seen, next.Act.Kind)
	}
}

// describe writes down what a run will go on by.
func (r *Run) describe(b *strings.Builder) {
	fmt.Fprintf(b, "%s %s ", r.ID, r.place)
	if r.mind != nil {
		b.WriteString(r.mind())
	}
	for _, c := range r.told {
		c.describeAnswer(b)
	}
	if r.place == atCall {
		b.WriteString(r.call.operation)
	}
	fmt.Fprintf(b, " %v %d %v;", r.ready(), r.wake.UnixNano(), r.Pool.host.asleep)
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
