package search

import (
	"fmt"
	"slices"

	"github.com/keyturn/keyturn/internal/rehearsal"
)

// Walk makes every course of a scene within its bounds, one after the other,
// each from where it parts from the one before. A course that comes to a state
// where another has been, with no less left of the bounds, is left there; and of
// courses that differ only in the order of what nobody could tell one is made.
type Walk struct {
	Scene    string
	Courses  int // made, to their end or to a known state
	Ended    int // of these, to their end
	States   int // distinct
	Steps    int
	Looks    int // at the invariants
	Coverage Coverage
	Found    *World // in which an invariant did not hold; nil: none
	Choices  []int  // of that course
	Whole    bool   // nothing was left out
}

func (k *Walk) String() string {
	whole := "all of them"
	if !k.Whole {
		whole = "not all"
	}
	return fmt.Sprintf("%s: %d courses (%s), %d to their end, %d states, %d events, %d looks",
		k.Scene, k.Courses, whole, k.Ended, k.States, k.Steps, k.Looks)
}

// branch is a moment of the course under way at which there was a choice.
type branch struct {
	moment *rehearsal.Moment // nil: there is one option only
	chosen int
	width  int
}

// WalkScene walks a scene until all is seen, an invariant does not hold, or it
// has made most courses (0: no limit).
func WalkScene(scene *Scene, most int) (*Walk, error) { return walk(scene, most, way{}, nil) }

// way is how a walk goes. Tests leave out what makes it short.
type way struct {
	apart     bool           // a course goes on from a state where another has been
	everyTurn bool           // other runs go on even before what nobody could tell
	minds     bool           // what runs decide by is kept, to be read
	at        func(w *World) // is told of each moment
}

// walk is WalkScene, and shows every course that was made to its end.
func walk(scene *Scene, most int, how way, ended func(w *World, choices []int)) (*Walk, error) {
	stage, err := rehearsal.NewStage(scene)
	if err != nil {
		return nil, err
	}
	// A run is known by its last decision, which is about one key; and how much is
	// left of a quota is no part of a moment.
	if w := stage.World(); len(w.Keys) != 1 || scene.Quotas {
		return nil, fmt.Errorf("scene %s: only one key without quotas can be walked", scene.Name)
	}
	k := &Walk{Scene: scene.Name, Coverage: Coverage{}}
	seen := walked{bounds: map[uint64]uint64{}, more: map[uint64][]uint64{}}
	var path []branch
	choices := func() (list []int) {
		for _, b := range path {
			list = append(list, b.chosen)
		}
		return list
	}
	w := stage.World()
	w.Coverage, w.EveryTurn, w.AtMoment, w.InFull = k.Coverage, how.everyTurn, how.at, how.minds
	w.Remember()
	if ended != nil {
		w.AtEnd = func() { ended(w, choices()) }
	}
	back := false // the world was put back to the last branch
	for {
		ended := w.Play(func(list []rehearsal.Option) int {
			if back {
				back = false
				return path[len(path)-1].chosen
			}
			if !seen.first(w.State(), w.Left()) && !how.apart {
				return -1
			}
			b := branch{width: len(list)}
			if len(list) > 1 {
				b.moment = w.Moment()
			}
			path = append(path, b)
			return 0
		})
		k.Courses++
		if len(w.Watch.Broken) > 0 {
			k.Choices = choices()
			k.Found = Replay(stage, k.Choices)
			break
		}
		if ended {
			k.Ended++
		}
		for len(path) > 0 && !back {
			b := &path[len(path)-1]
			if back = b.chosen+1 < b.width; back {
				b.chosen++
				w.Back(b.moment)
				continue
			}
			path = path[:len(path)-1]
		}
		k.Whole = !back
		if k.Whole || most > 0 && k.Courses >= most {
			break
		}
	}
	k.States, k.Steps, k.Looks = len(seen.bounds), w.Steps, w.Watch.Looks
	return k, nil
}

// walked are the states from which a walk has gone on, or is going on, and what
// was left of the bounds there. With less left there is nothing new to find.
type walked struct {
	bounds map[uint64]uint64
	more   map[uint64][]uint64 // where it has gone on with several, of which none is more than another
}

// first takes in a state, and reports whether there is anything new to find.
func (k *walked) first(state uint64, b Bounds) bool {
	left := packed(b)
	was, known := k.bounds[state]
	if !known {
		k.bounds[state] = left
		return true
	}
	if within(left, was) || slices.ContainsFunc(k.more[state], func(was uint64) bool { return within(left, was) }) {
		return false
	}
	k.more[state] = append(k.more[state], left)
	return true
}

// packed is bounds in one number, a byte for each; 255 stands for rehearsal.Any.
func packed(b Bounds) (n uint64) {
	for _, of := range []int{b.Switches, b.CallFaults, b.Crashes, b.Clock, b.Interventions, b.Faults} {
		n = n<<8 | uint64(min(max(of, 0), 255))
	}
	return n
}

// within reports whether nothing of one is more than that of the other.
func within(a, b uint64) bool {
	for ; a > 0; a, b = a>>8, b>>8 {
		if a&255 > b&255 {
			return false
		}
	}
	return true
}

// Replay makes one course again, and keeps its story. Where the choices end,
// all goes on ordinarily.
func Replay(stage *rehearsal.Stage, choices []int) *World { return replay(stage, choices, nil) }

func replay(stage *rehearsal.Stage, choices []int, ended func(*World)) *World {
	w := stage.World()
	w.Telling = true
	if ended != nil {
		w.AtEnd = func() { ended(w) }
	}
	n := 0
	w.Play(func(list []rehearsal.Option) int {
		n++
		if n > len(choices) {
			return 0
		}
		return choices[n-1] % len(list)
	})
	return w
}
