package rehearsal

import (
	"context"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

// Harm counts what went wrong in a world, by failure mode, as seen from KMS
// alone: it knows no record, so that it judges keyturn and a script alike. A
// window that was rotated for more than once counts under F3 if a run had died
// in it before, else under F1. What persons do is not told apart from what cron
// does, so it says nothing of a world in which they type verbs.
type Harm struct {
	// Windows counts those in which a key's alias was moved at all.
	Windows int `json:"windows"`
	// Duplicate counts moves of an alias beyond the first of its window.
	Duplicate int `json:"f1_windows_rotated_again"`
	// Early counts keys disabled less than the drain after they were last live.
	Early int `json:"f2_keys_disabled_early"`
	// Forgotten counts keys enabled long after their drain, which no record or
	// status remembers.
	Forgotten int `json:"f2_keys_never_disabled"`
	// Repeated is like Duplicate, after a run had died.
	Repeated int `json:"f3_rotated_again_after_crash"`
	// Backwards counts moves of an alias onto an older key than it was on.
	Backwards int `json:"f4_alias_moved_back"`
	// Dead counts moments at which the alias named a key that is not enabled.
	Dead int `json:"f4_alias_on_disabled_key"`
	// Orphans counts keys that were never behind an alias.
	Orphans int `json:"f3_keys_made_for_nothing"`
}

// harmWatch looks at a world in which the script runs.
type harmWatch struct {
	Harm
	keys   []plan.Policy
	now    func() time.Time
	truth  func() sandbox.Truth
	behind []string             // the aliases' keys
	moves  []map[time.Time]int  // of each alias, by window
	died   []map[time.Time]bool // whether a run has died in that window
	since  map[string]time.Time // when a key was last seen to leave an alias; zero while it is behind one
	order  map[string]int       // in which keys were first seen
	anchor []time.Time          // of the keys' windows
	state  map[string]string
	served map[string]int // which alias a key was behind, counted from 1
}

func newHarmWatch(w *World) *harmWatch {
	h := &harmWatch{keys: w.Keys, now: w.clock.time, truth: w.Truth,
		since: map[string]time.Time{}, order: map[string]int{}, state: map[string]string{}, served: map[string]int{}}
	t := h.truth()
	for i, k := range w.Keys {
		h.behind = append(h.behind, t.Names[k.Alias])
		h.moves, h.died = append(h.moves, map[time.Time]int{}), append(h.died, map[time.Time]bool{})
		h.served[t.Names[k.Alias]] = i + 1
		h.anchor = append(h.anchor, w.Record(i).Anchor)
	}
	for id, s := range t.State {
		h.state[id], h.order[id] = s, 0
	}
	return h
}

// look takes in what a call has changed.
func (h *harmWatch) look() {
	t, now := h.truth(), h.now()
	for id := range t.State {
		if _, known := h.order[id]; !known {
			h.order[id] = len(h.order)
		}
	}
	for i, k := range h.keys {
		on, was := t.Names[k.Alias], h.behind[i]
		if on != was {
			w := k.Schedule.Window(now, h.anchor[i]).Start
			switch h.moves[i][w]++; {
			case h.moves[i][w] == 1:
				h.Windows++
			case h.died[i][w]:
				h.Repeated++
			default:
				h.Duplicate++
			}
			if h.order[on] < h.order[was] {
				h.Backwards++
			}
			h.since[was], h.behind[i], h.served[on] = now, on, i+1
			delete(h.since, on)
		}
	}
	for id, s := range t.State {
		if h.state[id] == "Enabled" && s != "Enabled" {
			h.down(id, now)
		}
		h.state[id] = s
	}
}

// down takes in a key that was disabled.
func (h *harmWatch) down(id string, now time.Time) {
	i := h.served[id] - 1
	if i < 0 {
		return
	}
	if h.behind[i] == id {
		h.Dead++
		return
	}
	if now.Sub(h.since[id]) < h.keys[i].Drain {
		h.Early++
	}
}

// dies takes in that a run has died.
func (h *harmWatch) dies() {
	for i, k := range h.keys {
		h.died[i][k.Schedule.Window(h.now(), h.anchor[i]).Start] = true
	}
}

// end counts what is left behind at the end. remembered reports whether anything
// still knows that a key is to be disabled.
func (h *harmWatch) end(remembered func(i int, id string) bool) Harm {
	for id, s := range h.state {
		i := h.served[id] - 1
		switch {
		case s != "Enabled":
		case i < 0:
			h.Orphans++
		case h.behind[i] != id && h.keys[i].Retire.Action != plan.RetireKeep && !remembered(i, id):
			h.Forgotten++
		}
	}
	return h.Harm
}

// remembered asks the script's status, or keyturn's record.
func (w *World) remembered(i int, id string) bool {
	if w.naive == "" {
		r := w.Record(i)
		_, known := r.VersionOfKey(id)
		return known
	}
	w.random.Reader = w.own
	status, err := readNaively(context.Background(), w.admin, w.Table, w.Keys[i])
	w.must(err)
	return status.Previous == id
}
