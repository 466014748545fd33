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
	given := maps.Clone(shape.given)
	var runs [][]*template
	for _, r := range w.Runs {
		if r.place != over {
			runs = append(runs, r.describe(m.names))
		}
	}
	inOrder(runs, m, given)
	rest := w.Watch.memory.text(m, given)
	if w.current != nil {
		rest = append(rest, m.names.read(w.current.ID))
	}
	for _, l := range w.underway {
		rest = append(rest, l.call.asks(m.names), m.names.read(fmt.Sprint(l.by.ID,
			l.call.header.Get("X-Amz-Date"), l.by.tried, l.by.late())))
	}
	b := fmt.Appendf(nil, "%d %d %d %s ", shape.number, w.clock.now.UnixNano(), len(w.agenda), w.gateShut)
	for _, of := range append(runs, rest) {
		b = writeAll(b, of, m, goingOn(given))
	}
	return hashOf(b)
}

func hashOf(b []byte) uint64 { return maphash.Bytes(hashSeed, b) }

// shape is what AWS holds, but for what was drawn at random.
type shape struct {
	number uint64
	given  map[name]int // to what was drawn at random
}

// shaped takes in the shape of what AWS holds: the records, what else is in the
// table and the table itself, and all of KMS, its past included, for reads may
// lag.
func (h *held) shaped(keys []plan.Policy, m *masks) shape {
	known, ok := h.shapes[m.name]
	if !ok {
		known.given = map[name]int{}
		known.number = hashOf(h.text(keys, m, known.given))
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
func (h *held) text(keys []plan.Policy, m *masks, given map[name]int) []byte {
	if h.texts == nil {
		h.read(keys, m.names)
	}
	text := writeAll(nil, h.texts, m, goingOn(given))
	made := slices.Clone(h.made)
	inOrder(made, m, given)
	for _, key := range made {
		text = writeAll(text, key, m, goingOn(given))
	}
	return text
}

// read takes in the text of what AWS holds, and of each key apart.
func (h *held) read(keys []plan.Policy, k *names) {
	var b strings.Builder
	for _, key := range keys {
		b.WriteString(textOf(h.records[key.Key()]))
	}
	b.WriteString(besideRecords(h.services["dynamodb"]))
	var kms struct {
		Regions []map[string]json.RawMessage `json:"regions"`
	}
	if err := json.Unmarshal(h.services["kms"], &kms); err != nil {
		panic(err) // it was written by the sandbox
	}
	for _, region := range kms.Regions {
		var of []json.RawMessage
		if err := json.Unmarshal(region["keys"], &of); err != nil {
			panic(err)
		}
		for _, key := range of {
			h.made = append(h.made, []*template{k.read(string(secret().ReplaceAll(key, nil)))})
		}
		for _, member := range slices.Sorted(maps.Keys(region)) {
			if member != "keys" {
				b.Write(region[member])
			}
		}
	}
	h.texts = []*template{k.read(b.String())}
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

// describe returns what a run will go on by. How long it is going to pause
// when others have its key is drawn at random, and counts as the same.
func (r *Run) describe(k *names) []*template {
	texts := r.thinks(k)
	b := fmt.Appendf(nil, "%s %v %s %s ", r.ID, r.Request, r.place, r.at.time)
	for _, h := range r.heard {
		b = fmt.Append(b, h.at.UnixNano(), h.asleep, " ")
	}
	if r.place == atCall {
		texts = append(texts, r.call.asks(k))
		b = fmt.Append(b, r.call.header.Get("X-Amz-Date"), r.arrived)
	}
	b = fmt.Appendf(b, " %v %d %d %v %v %v %d %v %v;", r.ready(), r.due.UnixNano(), r.wake.UnixNano(),
		r.Pool.host.asleep, r.polls > 2, r.changed, r.began.UnixNano(), r.tried, r.late())
	return append(texts, k.read(string(b)))
}

// thinks returns what a run's last decision was made of and what it was told since.
func (r *Run) thinks(k *names) (texts []*template) {
	if r.mind != nil {
		texts = append(texts, r.mind.reads(k))
	}
	for _, c := range r.told {
		texts = append(texts, c.answers(k))
	}
	return texts
}

// late reports whether a run began after somebody had replaced its record.
func (r *Run) late() bool { return r.number > r.world.Watch.loose[r.Keys[0].Alias] }

// answers returns what a run was told by a call.
func (c *call) answers(k *names) *template {
	if c.heard == nil {
		c.heard = k.read(c.told())
	}
	return c.heard
}

// told is what a run was told by a call, as text. What is random in it and tells nothing is
// left out.
func (c *call) told() string {
	said := c.said
	if c.operation == "Encrypt" || c.operation == "Decrypt" {
		said = nil
	}
	return fmt.Sprintf("%s %d %v %s", c.operation, c.status, c.err, said)
}

// asks returns what a call says.
func (c *call) asks(k *names) *template {
	if c.asked == nil {
		c.asked = k.read(c.document())
	}
	return c.asked
}

// reads returns what a decision was made of.
func (d *decided) reads(k *names) *template {
	if d.read == nil {
		d.read, d.text = k.read(d.text), ""
	}
	return d.read
}
