package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"maps"
	"regexp"
	"slices"
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
	var b strings.Builder
	h := w.holds()
	fmt.Fprintf(&b, "%d %d %d %v ", h.shape, w.clock.now.UnixNano(), len(w.agenda), w.may)
	if w.current != nil {
		b.WriteString(w.current.ID)
	}
	for _, r := range w.Runs {
		if r.place != over {
			r.describe(&b)
		}
	}
	fmt.Fprint(&b, w.Watch.memory.text(), w.stopped)
	for _, l := range w.underway {
		fmt.Fprintf(&b, "%s %s %s", l.by.ID, l.call.document(), l.call.header.Get("X-Amz-Date"))
	}
	return hashOf(alike(b.String(), maps.Clone(h.names)))
}

func hashOf(s string) uint64 { return maphash.String(hashSeed, s) }

// shaped takes in the shape of what AWS holds: the records, what else is in the
// table and the table itself, and all of KMS, its past included, for reads may
// lag.
func (h *held) shaped(keys []plan.Policy) {
	h.names = map[string]int{}
	h.shape = hashOf(alike(h.text(keys), h.names))
}

// secret is what a key is made of. Nobody decides anything by it.
var secret = regexp.MustCompile(`"secret":"[^"]*"`)

// text is all that a shape is made of.
func (h *held) text(keys []plan.Policy) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(textOf(h.records[k.Key()]))
	}
	b.WriteString(besideRecords(h.services["dynamodb"]))
	b.Write(secret.ReplaceAll(h.services["kms"], nil))
	return b.String()
}

// besideRecords is what DynamoDB holds besides the records, as text.
func besideRecords(service json.RawMessage) string {
	var state struct{ Tables []map[string]any }
	if err := json.Unmarshal(service, &state); err != nil {
		panic(err) // it was written by the sandbox
	}
	for _, t := range state.Tables {
		items, _ := t["Items"].([]any)
		t["Items"] = slices.DeleteFunc(items, func(item any) bool {
			text, _ := json.Marshal(item) // it was read from JSON
			return bytes.Contains(text, []byte(`"item":{"S":"record"}`))
		})
	}
	text, err := json.Marshal(state)
	if err != nil {
		panic(err) // it was read from JSON
	}
	return string(text)
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

// describe writes down what a run will go on by. How long it is going to pause
// when others have its key is drawn at random, and taken for the same.
func (r *Run) describe(b *strings.Builder) {
	fmt.Fprintf(b, "%s %s %s ", r.ID, r.place, r.beat.time)
	if r.mind != nil {
		b.WriteString(r.mind.text)
	}
	for _, c := range r.told {
		c.describeAnswer(b)
	}
	for _, h := range r.heard {
		fmt.Fprint(b, h.at.UnixNano(), h.asleep, " ")
	}
	if r.place == atCall {
		fmt.Fprint(b, r.call.document(), r.call.header.Get("X-Amz-Date"), r.arrived)
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
// digits, a material's id of 64) by where it first stands, so that two texts
// which differ in nothing else are the same. It goes on from the names that it is
// given.
func alike(s string, names map[string]int) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		n := 0
		for i+n < len(s) && (isHex(s[i+n]) || s[i+n] == '-') {
			n++
		}
		if n == 32 || n == 36 || n == 64 {
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
