package rehearsal

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
)

// Roam makes courses of a scene at random, within its bounds: it gets further
// into large bounds than Walk does.
type Roam struct {
	Scene    string
	Courses  int // made
	Distinct int
	Steps    int
	Looks    int
	Coverage Coverage
	Found    *World // in which an invariant did not hold; nil: none
	Choices  []int
}

func (k *Roam) String() string {
	return fmt.Sprintf("%s: %d courses at random, %d of them distinct, %d events, %d looks", k.Scene, k.Courses, k.Distinct, k.Steps, k.Looks)
}

// mostEvents is one more than how often a course leaves the ordinary, on
// average, if it does so most.
const mostEvents = 9

// RoamScene makes n courses, drawn from a seed. The first is the ordinary one.
func RoamScene(scene *Scene, n int, seed uint64) (*Roam, error) {
	stage, err := NewStage(scene)
	if err != nil {
		return nil, err
	}
	k := &Roam{Scene: scene.Name, Coverage: Coverage{}}
	w := stage.World()
	var begin *moment
	if !scene.Quotas { // how much is left of them is no part of a moment
		w.book = newBook()
		begin = w.moment()
	}
	seen := map[uint64]bool{}
	longest := 1
	for i := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, i))
		// A course leaves the ordinary a few times: what is rare takes two or three
		// events at the right places, and hardly survives more at others.
		lively := float64(i%mostEvents) / float64(longest)
		if begin == nil {
			w = stage.World()
		} else {
			w.back(begin)
			w.book.trim()
		}
		w.Coverage, w.Steps, w.Watch.Looks = k.Coverage, 0, 0
		var choices []int
		w.play(func(list []option) int {
			at := 0
			switch {
			case list[0].kind == other: // nobody is under way: anybody may be next
				at = max(drawOf(r, list, other), 0)
			case scene.At != "":
				if c := w.current; c != nil && c.call != nil && c.call.operation == scene.At && r.IntN(2) == 0 {
					at = r.IntN(len(list))
				}
			case r.Float64() < lively:
				at = r.IntN(len(list))
			}
			choices = append(choices, at)
			return at
		})
		longest = max(longest, len(choices))
		k.Courses++
		k.Steps += w.Steps
		k.Looks += w.Watch.Looks
		course := maphash.String(hashSeed, fmt.Sprint(choices))
		if !seen[course] {
			seen[course] = true
			k.Distinct++
		}
		if len(w.Watch.Broken) > 0 {
			k.Choices = stage.simplest(choices, w.Watch.Broken[0].Invariant)
			k.Found = stage.Replay(k.Choices)
			return k, nil
		}
	}
	return k, nil
}

// simplest makes a course more ordinary, choice by choice, for as long as it
// breaks the same invariant.
func (s *Stage) simplest(choices []int, invariant string) []int {
	best := append([]int{}, choices...)
	for changed := true; changed; {
		changed = false
		for i := range best {
			if best[i] == 0 {
				continue
			}
			was := best[i]
			best[i] = 0
			w := s.Replay(best)
			if len(w.Watch.Broken) > 0 && w.Watch.Broken[0].Invariant == invariant {
				changed = true
				continue
			}
			best[i] = was
		}
	}
	return best
}
