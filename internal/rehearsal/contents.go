package rehearsal

// Contents is what AWS holds at a moment. Two that are equal hold the same.
type Contents struct {
	held  *held
	world *World
}

// Contents returns what AWS holds now.
func (w *World) Contents() Contents {
	if w.book != nil {
		return Contents{w.holds(), w}
	}
	services, err := w.box.Snapshot()
	if err != nil {
		panic(err) // it is in memory
	}
	return Contents{&held{services: services, records: w.Records()}, w}
}

// String returns the contents as text, but for what was drawn at random.
func (c Contents) String() string {
	m := inFull()
	h := held{services: c.held.services, records: c.held.records}
	return string(h.text(c.world.Keys, m, map[name]int{}))
}

// inFull are masks of nobody, for a text that is read.
func inFull() *masks { return &masks{names: &names{whole: true, known: map[string]name{}}} }

// Mind returns what a run's last decision was made of and what it was told since, as
// text, but for what was drawn at random; "" if it is over or has not decided yet.
// Only a world that remembers with InFull knows.
func (r *Run) Mind() string {
	if r.place == over || r.mind == nil {
		return ""
	}
	m := &masks{names: r.world.book.names}
	return string(writeAll(nil, r.thinks(m.names), m, goingOn(map[name]int{})))
}
