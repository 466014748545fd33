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
	name  string // the same for the same masks
	names *names
	worn  map[name]string // "": a run that is over
}

// mask begins the mask of a run that may be one of a pool like its own.
const mask = 1

// masks returns the masks of the runs as they are now.
func (w *World) masks() *masks {
	var id strings.Builder
	worn := map[string]string{}
	for _, r := range w.Runs {
		switch {
		case r.place == over && !w.sending(r):
			worn[r.ID] = ""
		case slices.Contains(w.twins, r.Pool.Name):
			worn[r.ID] = string([]byte{mask, byte(r.number)})
		default:
			continue
		}
		fmt.Fprintf(&id, "%s %s;", r.ID, worn[r.ID])
	}
	if known := w.book.masks[id.String()]; known != nil {
		return known
	}
	m := &masks{name: id.String(), names: w.book.names, worn: map[name]string{}}
	for run, with := range worn {
		m.worn[m.names.of(run)] = with
	}
	w.book.masks[m.name] = m
	return m
}

// sending reports whether a call of a run is still under way.
func (w *World) sending(r *Run) bool {
	return slices.ContainsFunc(w.underway, func(l *late) bool { return l.by == r })
}

// poolsOf returns the pools of a scene, a longer name before a shorter one.
func poolsOf(scene *Scene) []string {
	var pools []string
	for _, a := range scene.Acts {
		if !slices.Contains(pools, a.Pool) {
			pools = append(pools, a.Pool)
		}
	}
	slices.SortFunc(pools, func(a, b string) int { return len(b) - len(a) })
	return pools
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
