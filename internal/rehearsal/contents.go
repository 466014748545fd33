package rehearsal

import "strings"

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
	return c.held.text(c.world.Keys, &masks{"plain", strings.NewReplacer()}, map[string]int{})
}

// Mind returns what a run's last decision was made of and what it was told since, as
// text, but for what was drawn at random; "" if it is over or has not decided yet.
// Only a world that remembers knows.
func (r *Run) Mind() string {
	if r.place == over || r.mind == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(r.mind.text)
	for _, c := range r.told {
		c.describeAnswer(&b)
	}
	return alike(b.String(), numbering(map[string]int{}))
}
