package trail

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// From says where an entry of the timeline is from.
type From string

// What a timeline is made of.
const (
	FromPlan   From = "plan"
	FromTrail  From = "trail"
	FromLedger From = "ledger"
)

// Entry is one line of the timeline.
type Entry struct {
	At   time.Time
	Key  string
	From From
	What string
	// Who made it; of a ledger's event the pool and the run.
	Who string
	// Revs are the revisions of the ledger that tell a change, or the one of an event.
	Revs      []int64
	RequestID string
	// Run reports whether a run of the ledger made a change.
	Run bool
	// Stranger reports whether no run of the ledger made a change.
	Stranger bool
	// ErrorCode is that of a change that AWS has refused.
	ErrorCode string
}

// mostWindows are shown of a key at most: a schedule may be one of minutes.
const mostWindows = 500

// timeline returns what happened in the time that the trail is from.
func (c *Collector) timeline(covered []Span) []Entry {
	from, to := c.extent(covered)
	if from.IsZero() {
		return nil
	}
	within := func(t time.Time) bool { return !t.Before(from.Add(-slack)) && !t.After(to.Add(slack)) }
	var all []Entry
	for _, k := range c.keys {
		for i, w := 0, k.Key.Schedule.Window(from, k.anchor()); i < mostWindows && !w.Start.After(to); i++ {
			if within(w.Start) && !k.begun.IsZero() && !w.Start.Before(k.begun) {
				all = append(all, Entry{At: w.Start, Key: k.Key.Name, From: FromPlan, What: "window opens"})
			}
			w = k.Key.Schedule.Next(w, k.anchor())
		}
		for _, e := range k.Events {
			if within(e.At) {
				all = append(all, Entry{At: e.At, Key: k.Key.Name, From: FromLedger, What: plan.EventText(e),
					Who: e.Who.Pool + "/" + e.Run, Revs: []int64{e.Rev}, RequestID: lastRequest(e)})
			}
		}
	}
	for _, ch := range c.changes {
		if !within(ch.At) {
			continue
		}
		entry := Entry{At: ch.At, Key: ch.key.Key.Name, From: FromTrail, What: ch.describe(ch.short),
			Who:       ch.Who.Text(),
			RequestID: ch.RequestID, ErrorCode: ch.ErrorCode}
		if ch.ErrorCode != "" {
			entry.What += fmt.Sprintf(" (%s)", ch.ErrorCode)
		}
		if e, told := ch.key.requests[ch.RequestID]; told {
			entry.Revs = []int64{e.Rev}
		} else if ch.rev != 0 {
			entry.Revs = []int64{ch.rev}
		}
		entry.Run = ch.ours()
		if _, entry.Stranger = ch.judge(); entry.Stranger && ch.ends() {
			version, _ := ch.key.version(ch.Event)
			entry.What += ch.key.early(version, ch.At)
		}
		all = append(all, entry)
	}
	order := []From{FromPlan, FromTrail, FromLedger}
	slices.SortStableFunc(all, func(a, b Entry) int {
		// CloudTrail's times are whole seconds.
		return cmp.Or(a.At.Truncate(time.Second).Compare(b.At.Truncate(time.Second)),
			cmp.Compare(slices.Index(order, a.From), slices.Index(order, b.From)))
	})
	return all
}

// extent returns the first and the last moment that the trail is from.
func (c *Collector) extent(covered []Span) (from, to time.Time) {
	add := func(a, b time.Time) {
		if from.IsZero() || a.Before(from) {
			from = a
		}
		if b.After(to) {
			to = b
		}
	}
	for _, s := range covered {
		if s.Source == "kms" || s.Source == "dynamodb" {
			add(s.From, s.To)
		}
	}
	for _, ch := range c.changes {
		add(ch.At, ch.At)
	}
	return from, to
}

// anchor is where the windows of a key are counted from.
func (k *known) anchor() time.Time {
	if k.Record == nil {
		return k.begun
	}
	return k.Record.Anchor
}

func lastRequest(e plan.Event) string {
	for _, call := range slices.Backward(e.Calls) {
		if call.RequestID != "" {
			return call.RequestID
		}
	}
	return ""
}
