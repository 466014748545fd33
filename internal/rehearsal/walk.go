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
	moment *moment
	state  uint64
	chosen int
	again  bool // the next option is to be taken
	width  int
	orders float64 // of events from here on, of the options walked so far
}

// WalkScene walks a scene until all is seen, an invariant does not hold, or it
// has made most courses (0: no limit).
func WalkScene(scene *Scene, most int) (*Walk, error) {
	stage, err := NewStage(scene)
	if err != nil {
		return nil, err
	}
	k := &Walk{Scene: scene.Name, Coverage: Coverage{}}
	orders := map[uint64]float64{} // by state, of those that are walked
	var path []branch
	w := stage.World()
	w.Coverage, w.rested, w.parts = k.Coverage, map[uint64]struct{}{}, map[string]*part{}
	for {
		joined := 1.0
		w.play(func(list []option) int {
			if n := len(path); n > 0 && path[n-1].again {
				path[n-1].again = false
				return path[n-1].chosen
			}
			s := w.state()
			if was, known := orders[s]; known {
				joined = was
				return -1
			}
			orders[s] = 1 // until it is known better
			path = append(path, branch{state: s, width: len(list)})
			if len(list) > 1 {
				path[len(path)-1].moment = w.moment()
			}
			return 0
		})
		k.Courses++
		if !w.left {
			k.Ended++
		}
		if len(w.Watch.Broken) > 0 {
			for _, b := range path {
				k.Choices = append(k.Choices, b.chosen)
			}
			k.Found = stage.Replay(k.Choices)
			break
		}
		for len(path) > 0 {
			b := &path[len(path)-1]
			b.orders += joined
			if b.chosen+1 < b.width {
				b.chosen++
				b.again = true
				w.back(b.moment)
				break
			}
			joined = b.orders
			orders[b.state] = joined
			path = path[:len(path)-1]
		}
		if k.Whole = len(path) == 0; k.Whole {
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
func (s *Stage) Replay(choices []int) *World {
	w := s.World()
	w.Telling = true
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
