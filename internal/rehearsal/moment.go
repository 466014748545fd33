package rehearsal

import "slices"

// moment is a world as it was, to go back to: so that what could happen next is
// tried without making again all that happened before.
type moment struct {
	standing standing
	runs     []Run // what they were like, in the order of standing.Runs
	clock    clock
	own      source
	hosts    map[string]host
	memory   memory // of the watch
}

// moment takes in the world as it is.
func (w *World) moment() *moment {
	w.holds()
	m := &moment{standing: w.standing, clock: *w.clock, own: *w.own, hosts: map[string]host{}, memory: w.Watch.memory.clone()}
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

// back puts the world back to a moment.
func (w *World) back(m *moment) {
	w.leave()
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
