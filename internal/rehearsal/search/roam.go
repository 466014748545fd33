package search

import (
	"fmt"
	"math/rand/v2"

	"github.com/keyturn/keyturn/internal/rehearsal"
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
	return fmt.Sprintf("%s: %d courses at random, %d of them distinct, %d events, %d looks", k.Scene, k.Courses,
		k.Distinct, k.Steps, k.Looks)
}

// mostEvents is one more than how often a course leaves the ordinary, on
// average, if it does so most.
const mostEvents = 9

// RoamScene makes n courses, drawn from a seed. The first is the ordinary one. With
// at given they leave the ordinary around that call alone: "CreateAlias".
func RoamScene(scene *Scene, n int, seed uint64, at string) (*Roam, error) {
	stage, err := rehearsal.NewStage(scene)
	if err != nil {
		return nil, err
	}
	k := &Roam{Scene: scene.Name, Coverage: Coverage{}}
	w := stage.World()
	var begin *rehearsal.Moment
	if !scene.Quotas { // how much is left of them is no part of a moment
		w.Remember()
		begin = w.Moment()
	}
	seen := map[string]bool{}
	longest := 1
	for i := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, i))
		// A course leaves the ordinary a few times: what is rare takes two or three
		// events at the right places, and hardly survives more at others.
		lively := float64(i%mostEvents) / float64(longest)
		if begin == nil {
			w = stage.World()
		} else {
			w.Back(begin)
		}
		w.Coverage, w.Steps, w.Watch.Looks = k.Coverage, 0, 0
		var choices []int
		w.Play(func(list []rehearsal.Option) int {
			chosen, anybody := rehearsal.Next(r, list)
			switch {
			case anybody:
			case at != "":
				if w.LastCall() == at && r.IntN(2) == 0 {
					chosen = r.IntN(len(list))
				}
			case r.Float64() < lively:
				chosen = r.IntN(len(list))
			}
			choices = append(choices, chosen)
			return chosen
		})
		longest = max(longest, len(choices))
		k.Courses++
		k.Steps += w.Steps
		k.Looks += w.Watch.Looks
		course := fmt.Sprint(choices)
		if !seen[course] {
			seen[course] = true
			k.Distinct++
		}
		if len(w.Watch.Broken) > 0 {
			k.Choices = simplest(stage, choices, w.Watch.Broken[0].Invariant)
			k.Found = Replay(stage, k.Choices)
			return k, nil
		}
	}
	return k, nil
}

// simplest makes a course more ordinary, choice by choice, for as long as it
// breaks the same invariant.
func simplest(stage *rehearsal.Stage, choices []int, invariant string) []int {
	best := append([]int{}, choices...)
	for changed := true; changed; {
		changed = false
		for i := range best {
			if best[i] == 0 {
				continue
			}
			was := best[i]
			best[i] = 0
			w := Replay(stage, best)
			if len(w.Watch.Broken) > 0 && w.Watch.Broken[0].Invariant == invariant {
				changed = true
				continue
			}
			best[i] = was
		}
	}
	return best
}
