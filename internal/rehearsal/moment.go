package rehearsal

import "slices"

// Moment is a world as it was, to go back to: a search tries what could happen
// next without making again all that happened before.
type Moment struct {
	standing standing
	runs     []Run // what they were like, in the order of standing.Runs
	clock    clock
	own      source
	hosts    map[string]host
	memory   memory // of the watch
}

// Moment takes in a world that remembers, as it is.
func (w *World) Moment() *Moment {
	w.holds()
	m := &Moment{standing: w.standing, clock: *w.clock, own: *w.own, hosts: map[string]host{},
		memory: w.Watch.memory.clone()}
	m.standing.Runs, m.standing.underway = slices.Clip(slices.Clone(w.Runs)), slices.Clip(w.underway)
	for _, r := range w.Runs {
		was := *r
		was.told, was.heard, was.actor = slices.Clip(r.told), slices.Clip(r.heard), nil
		m.runs = append(m.runs, was)
	}
	for name, p := range w.pools {
		m.hosts[name] = p.host
	}
	return m
}

// Back puts the world back to a moment.
func (w *World) Back(m *Moment) {
	w.leave()
	w.book.trim()
	w.standing = m.standing
	w.Runs = slices.Clone(m.standing.Runs)
	for i, r := range w.Runs {
		*r = m.runs[i]
		if r.place == atCall {
			r.call = r.call.again()
		}
	}
	*w.clock, *w.own = m.clock, m.own
	for name, h := range m.hosts {
		w.pools[name].host = h
	}
	for name := range w.pools {
		if _, known := m.hosts[name]; !known {
			delete(w.pools, name)
		}
	}
	w.Watch.memory = m.memory.clone()
	w.arm(nil)
}
