package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// Two worlds are in one state when what can happen next is the same, and goes
// on alike: the records, KMS, the clock, what is under way, what the watch
// remembers, and of each run what its last decision was made of and what it was
// told since. What was drawn at random counts only by where it is the same, and
// the names of runs only where somebody may go by them (see masks).

var hashSeed = maphash.MakeSeed()

// State returns a number for the state of a world that remembers, whatever is left of
// its bounds. It is another one in another process.
func (w *World) State() uint64 {
	m := w.masks()
	shape := w.holds().shaped(w.Keys, m)
	names := maps.Clone(shape.names)
	var runs []string
	for _, r := range w.Runs {
		if r.place != over {
			var b strings.Builder
			r.describe(&b)
			runs = append(runs, m.on(b.String()))
		}
	}
	inOrder(runs, names)
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d %d %s ", shape.number, w.clock.now.UnixNano(), len(w.agenda), w.gateShut)
	b.WriteString(strings.Join(runs, ""))
	if w.current != nil {
		b.WriteString(m.on(w.current.ID))
	}
	b.WriteString(w.Watch.memory.text(names))
	for _, l := range w.underway {
		b.WriteString(m.on(fmt.Sprint(l.by.ID, l.call.document(),
			l.call.header.Get("X-Amz-Date"), l.by.tried, l.by.late())))
	}
	return hashOf(alike(b.String(), numbering(names)))
}

func hashOf(s string) uint64 { return maphash.String(hashSeed, s) }

// shape is what AWS holds, but for what was drawn at random.
type shape struct {
	number uint64
	names  map[string]int // of what was drawn at random
}

// shaped takes in the shape of what AWS holds: the records, what else is in the
// table and the table itself, and all of KMS, its past included, for reads may
// lag.
func (h *held) shaped(keys []plan.Policy, m *masks) shape {
	known, ok := h.shapes[m.name]
	if !ok {
		known.names = map[string]int{}
		known.number = hashOf(h.text(keys, m, known.names))
		if h.shapes == nil {
			h.shapes = map[string]shape{}
		}
		h.shapes[m.name] = known
	}
	return known
}

// secret is what a key is made of. Nobody decides anything by it.
var secret = plan.Pattern(`"secret":"[^"]*"`)

// text is all that a shape is made of. KMS has its keys in the order of their
// names, which are drawn at random.
func (h *held) text(keys []plan.Policy, m *masks, names map[string]int) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(m.on(textOf(h.records[k.Key()])))
	}
	b.WriteString(m.on(besideRecords(h.services["dynamodb"])))
	var kms struct {
		Regions []map[string]json.RawMessage `json:"regions"`
	}
	if err := json.Unmarshal(h.services["kms"], &kms); err != nil {
		panic(err) // it was written by the sandbox
	}
	var made []string
	for _, region := range kms.Regions {
		var of []json.RawMessage
		if err := json.Unmarshal(region["keys"], &of); err != nil {
			panic(err)
		}
		for _, key := range of {
			made = append(made, string(secret().ReplaceAll(key, nil)))
		}
		for _, member := range slices.Sorted(maps.Keys(region)) {
			if member != "keys" {
				b.Write(region[member])
			}
		}
	}
	text := alike(b.String(), numbering(names))
	inOrder(made, names)
	return text + alike(strings.Join(made, ""), numbering(names))
}

// inOrder brings texts into an order that does not depend on what in them was
// drawn at random, but for names that are known.
func inOrder(texts []string, names map[string]int) {
	if len(texts) < 2 {
		return
	}
	by := make(map[string]string, len(texts))
	for _, t := range texts {
		by[t] = alike(t, familiar(names))
	}
	slices.SortFunc(texts, func(a, b string) int { return strings.Compare(by[a], by[b]) })
}

// besideRecords returns what DynamoDB holds besides the records, as text.
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
		for _, item := range items {
			plainItem(item)
		}
	}
	text, err := json.Marshal(state)
	if err != nil {
		panic(err) // it was read from JSON
	}
	return string(text)
}

// plainItem leaves in an item of the ledger what plainEvents leaves in events.
func plainItem(item any) {
	attributes, _ := item.(map[string]any)
	list, _ := attributes["events"].(map[string]any)
	events, ok := list["L"].([]any)
	if !ok {
		return
	}
	delete(attributes, "who")
	for _, e := range events {
		event, _ := e.(map[string]any)["M"].(map[string]any)
		kind, _ := json.Marshal(event["kind"]) // it was read from JSON
		ends := bytes.Contains(kind, []byte(plan.EventFinish))
		for name := range event {
			switch name {
			case "rev", "run", "gave_up":
			case "kind", "claim":
				if !ends {
					delete(event, name)
				}
			default:
				delete(event, name)
			}
		}
	}
}

// plainEvents leaves in events what is decided by: who wrote which revision, and what
// became of claims.
func plainEvents(events []plan.Event) []plan.Event {
	plain := make([]plan.Event, len(events))
	for i, e := range events {
		plain[i] = plan.Event{Rev: e.Rev, Run: e.Run, GaveUp: e.GaveUp}
		if e.Is(plan.EventFinish) {
			plain[i].Kind, plain[i].Claim = e.Kind, e.Claim
		}
	}
	return plain
}

// textOf returns a record as text. Its events count by who wrote which revision, and
// by what became of claims.
func textOf(r *plan.Record) string {
	if r == nil {
		return "none"
	}
	c := *r
	c.Events = plainEvents(r.Events)
	if r.LastError != nil {
		c.LastError = &plan.LastError{Code: r.LastError.Code, About: r.LastError.About, Message: r.LastError.Message}
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // it is plain data
	}
	return string(text)
}

// describe writes down what a run will go on by. How long it is going to pause
// when others have its key is drawn at random, and counts as the same.
func (r *Run) describe(b *strings.Builder) {
	fmt.Fprintf(b, "%s %v %s %s ", r.ID, r.Request, r.place, r.at.time)
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
	fmt.Fprintf(b, " %v %d %d %v %v %v %d %v %v;", r.ready(), r.due.UnixNano(), r.wake.UnixNano(),
		r.Pool.host.asleep, r.polls > 2, r.changed, r.began.UnixNano(), r.tried, r.late())
}

// late reports whether a run began after somebody had replaced its record.
func (r *Run) late() bool { return r.number > r.world.Watch.loose[r.Keys[0].Alias] }

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

// A naming gives what was drawn at random a number of its own.
type naming func(name string) int

// numbering goes on from the names that it is given.
func numbering(names map[string]int) naming {
	return func(name string) int {
		n, ok := names[name]
		if !ok {
			n = len(names)
			names[name] = n
		}
		return n
	}
}

// familiar takes all names that are not known for the same.
func familiar(names map[string]int) naming {
	return func(name string) int {
		if n, ok := names[name]; ok {
			return n
		}
		return 1<<16 - 1
	}
}

// alike replaces what was drawn at random (a UUID, a nonce of 32 hexadecimal
// digits, a material's id of 64), and the names of runs that were masked, so that
// two texts which differ in nothing else are the same.
func alike(s string, number naming) string {
	out := make([]byte, 0, len(s))
	copied := 0
	for i := 0; i < len(s); {
		n := 0
		if s[i] == mask && i+1 < len(s) {
			n = 2
		} else {
			for i+n < len(s) && inNames[s[i+n]] {
				n++
			}
			if n != 32 && n != 36 && n != 64 {
				i += max(n, 1)
				continue
			}
		}
		name := number(s[i : i+n])
		out = append(out, s[copied:i]...)
		out = append(out, '#', byte(name), byte(name>>8))
		i += n
		copied = i
	}
	return string(append(out, s[copied:]...))
}

// inNames are the characters of what was drawn at random: lower-case hexadecimal digits and the
// hyphens of a UUID.
var inNames = func() (in [256]bool) {
	for _, c := range []byte("0123456789abcdef-") {
		in[c] = true
	}
	return in
}()
