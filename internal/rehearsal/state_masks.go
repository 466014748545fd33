package rehearsal

import (
	"fmt"
	"slices"
	"strings"
)

// masks are what the runs of a world wear when its state is taken in. Of two
// pools that do the same it does not matter which one it was, and of a run that
// is over not even whether it was another one that is over: a run decides by
// whether it or somebody else has written something, and by no name.
type masks struct {
	name string // the same for the same masks
	with *strings.Replacer
}

// mask begins the mask of a run that may be one of a pool like its own.
const mask = 1

// masks returns the masks of the runs as they are now.
func (w *World) masks() *masks {
	var name strings.Builder
	worn := func(r *Run) string {
		switch {
		case r.place == over && !w.sending(r):
			return "\x02"
		case slices.Contains(w.twins, r.Pool.Name):
			return string([]byte{mask, byte(r.number)})
		}
		return ""
	}
	for _, r := range w.Runs {
		fmt.Fprintf(&name, "%s %s;", r.ID, worn(r))
	}
	if known := w.book.masks[name.String()]; known != nil {
		return known
	}
	var pairs []string
	for i := len(w.Runs) - 1; i >= 0; i-- { // a.10 before a.1
		if m := worn(w.Runs[i]); m != "" {
			pairs = append(pairs, w.Runs[i].ID, m)
		}
	}
	for _, pool := range w.twins {
		pairs = append(pairs, `"`+pool+`"`, "\x03", "host-of-"+pool, "host-of-\x03")
	}
	m := &masks{name.String(), strings.NewReplacer(pairs...)}
	w.book.masks[m.name] = m
	return m
}

// on returns a text with the masks on.
func (m *masks) on(text string) string { return m.with.Replace(text) }

// sending reports whether a call of a run is still under way.
func (w *World) sending(r *Run) bool {
	return slices.ContainsFunc(w.underway, func(l *late) bool { return l.by == r })
}

// twins returns the pools that do the same in a scene, if there are several.
func twins(scene *Scene) []string {
	does := map[string]string{}
	var pools []string
	for _, a := range scene.Acts {
		if a.Pool == "person" || a.Pool == "newer" {
			continue
		}
		if !slices.Contains(pools, a.Pool) {
			pools = append(pools, a.Pool)
		}
		does[a.Pool] += fmt.Sprintf("%+v;", Act{Request: a.Request, Key: a.Key, Wait: a.Wait, Ahead: a.Ahead})
	}
	for _, p := range pools {
		if does[p] != does[pools[0]] {
			return nil
		}
	}
	if len(pools) < 2 {
		return nil
	}
	return pools
}
