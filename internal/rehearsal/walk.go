package rehearsal

import "fmt"

// Walk makes every course of a scene within its bounds, one after the other,
// each from where it parts from the one before. A course that comes to a state
// where another has been is left there.
type Walk struct {
	Scene    string
	Courses  int     // made, to their end or to a known state
	Ended    int     // of these, to their end
	States   int     // distinct
	Covered  float64 // orders of events covered: made, or joined to a state from which all were made
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
	return fmt.Sprintf("%s: %d courses (%s), %d to their end, %d states, %.4g orders of events covered, %d events, %d looks",
		k.Scene, k.Courses, whole, k.Ended, k.States, k.Covered, k.Steps, k.Looks)
}

// branch is a moment of the course under way at which there was a choice.
type branch struct {
	moment *moment // nil: there is one option only
	state  uint64
	chosen int
	width  int
	orders float64 // of events from here on, of the options walked so far
}

// WalkScene walks a scene until all is seen, an invariant does not hold, or it
// has made most courses (0: no limit).
func WalkScene(scene *Scene, most int) (*Walk, error) { return walk(scene, most, true, nil) }

// walk is WalkScene, and shows every course that was made to its end. With join
// unset a course goes on from a state where another has been.
func walk(scene *Scene, most int, join bool, ended func(w *World, choices []int)) (*Walk, error) {
	stage, err := NewStage(scene)
	if err != nil {
		return nil, err
	}
	// A run is known by its last decision, which is about one key; and how much is
	// left of a quota is no part of a moment.
	if w := stage.World(); len(w.Keys) != 1 || scene.Quotas {
		return nil, fmt.Errorf("scene %s: only one key without quotas can be walked", scene.Name)
	}
	k := &Walk{Scene: scene.Name, Coverage: Coverage{}}
	orders := map[uint64]float64{} // by state, of those that are walked
	var path []branch
	choices := func() (list []int) {
		for _, b := range path {
			list = append(list, b.chosen)
		}
		return list
	}
	w := stage.World()
	w.Coverage, w.book = k.Coverage, newBook()
	if ended != nil {
		w.atEnd = func() { ended(w, choices()) }
	}
	back := false // the world was put back to the last branch
	for {
		joined := 1.0
		w.play(func(list []option) int {
			if back {
				back = false
				return path[len(path)-1].chosen
			}
			s := w.state()
			if was, known := orders[s]; known && join {
				joined = was
				return -1
			}
			orders[s] = 1 // until it is known better
			b := branch{state: s, width: len(list)}
			if len(list) > 1 {
				b.moment = w.moment()
			}
			path = append(path, b)
			return 0
		})
		k.Courses++
		w.book.trim()
		if len(w.Watch.Broken) > 0 {
			k.Choices = choices()
			k.Found = stage.Replay(k.Choices)
			break
		}
		if !w.left {
			k.Ended++
		}
		for len(path) > 0 && !back {
			b := &path[len(path)-1]
			b.orders += joined
			if back = b.chosen+1 < b.width; back {
				b.chosen++
				w.back(b.moment)
				continue
			}
			joined = b.orders
			orders[b.state] = joined
			path = path[:len(path)-1]
		}
		if k.Whole = !back; k.Whole {
			k.Covered = joined
			break
		}
		if most > 0 && k.Courses >= most {
			for _, b := range path {
				k.Covered += b.orders
			}
			break
		}
	}
	w.leave()
	k.States, k.Steps, k.Looks = len(orders), w.Steps, w.Watch.Looks
	return k, nil
}

// Replay makes one course again, and keeps its story. Where the choices end,
// all goes on ordinarily.
func (s *Stage) Replay(choices []int) *World { return s.replay(choices, nil) }

func (s *Stage) replay(choices []int, ended func(*World)) *World {
	w := s.World()
	w.Telling = true
	if ended != nil {
		w.atEnd = func() { ended(w) }
	}
	n := 0
	w.play(func(list []option) int {
		n++
		if n > len(choices) {
			return 0
		}
		return choices[n-1] % len(list)
	})
	return w
}
