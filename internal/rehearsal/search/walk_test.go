package search

import (
	"flag"
	"testing"

	"github.com/keyturn/keyturn/internal/rehearsal"
)

var (
	daily = flag.Bool("walk.daily", false, "every scene in every order, and one fault in the narrower ones: a minute")
	deep  = flag.Bool("walk.deep", false,
		"every scene in every order with up to two faults, up to -walk.most courses for each bounds; give a -timeout")
	most = flag.Int("walk.most", 50_000, "how many courses of each scene and bounds, with -walk.deep; 0: all")
)

var (
	switches   = flag.Int("walk.switches", 0, "instead: whole walks, with so many switches; -1 is any number of them")
	callFaults = flag.Int("walk.callfaults", 0, "and so many calls that are not simply answered")
	crashes    = flag.Int("walk.crashes", 0, "and so many crashes")
	clocks     = flag.Int("walk.clock", 0, "and so many moves of the clock")
	changes    = flag.Int("walk.interventions", 0, "and so many of the scene's changes outside keyturn")
	faults     = flag.Int("walk.faults", 0,
		"and no more than so many calls, crashes and moves of the clock together; 0: no bound but theirs")
)

// given returns the bounds that were given by flags, of every scene; one is named by
// -run TestWalk/scenes/NAME.
func given() Bounds {
	b := Bounds{Switches: *switches, CallFaults: *callFaults, Crashes: *crashes,
		Clock: *clocks, Interventions: *changes, Faults: *faults}
	if *switches < 0 {
		b.Switches = rehearsal.Any
	}
	return b
}

// walks returns the bounds in which a scene is walked. Without a flag only the
// first scenes are, and in the narrowest; scripts/check.sh walks daily, without
// the race detector, which finds nothing where one goroutine moves at a time.
func walks(s *Scene) []Bounds {
	var (
		order  = Bounds{Switches: rehearsal.Any, Interventions: 1} // every order, and nothing goes wrong
		one    = Bounds{Switches: rehearsal.Any, CallFaults: 1, Crashes: 1, Interventions: 1, Faults: 1}
		late   = Bounds{Switches: rehearsal.Any, Clock: 1, Interventions: 1}
		two    = Bounds{Switches: rehearsal.Any, CallFaults: 2, Crashes: 2, Interventions: 1, Faults: 2}
		mixed  = Bounds{Switches: 1, CallFaults: 2, Crashes: 2, Clock: 2, Interventions: 1, Faults: 2}
		narrow = Bounds{Switches: 1, CallFaults: 1, Crashes: 1, Interventions: 1, Faults: 1}
		few    = Bounds{Switches: 1, Interventions: 1}
		fault  = Bounds{CallFaults: 1, Crashes: 1, Faults: 1}
	)
	switch {
	case given() != Bounds{}:
		return []Bounds{given()}
	case *deep && s.Many:
		return []Bounds{order, one, late, mixed}
	case *deep:
		return []Bounds{order, one, late, mixed, two}
	case s.Many && s.Lag == 0 && len(s.Interventions) == 0:
		return []Bounds{few, fault}
	case s.Many: // with lag each order has many shapes, and an intervention can be at every moment
		return []Bounds{few}
	case *daily && len(s.Acts) == 2 && s.Lag == 0:
		return []Bounds{order, narrow}
	case *daily && s.Lag == 0:
		return []Bounds{order, fault}
	}
	return []Bounds{order}
}

// Every order of events of each scene, within bounds, keeps the invariants.
func TestWalk(t *testing.T) {
	coverage := make(chan Coverage, 100)
	t.Run("scenes", func(t *testing.T) {
		first := len(Scenes(Bounds{}))
		for i, s := range everyScene(Bounds{}) {
			wide := *deep || given() != Bounds{}
			narrow := s.Name == "a rotation is due" || s.Name == "a retirement and a rollback"
			if s.Quotas || !wide && (i >= first || !*daily && !narrow) { // a walk cannot keep account of quotas
				continue
			}
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				for _, b := range walks(s) {
					coverage <- walkOne(t, everyScene(b)[i], i >= first)
				}
			})
		}
	})
	close(coverage)
	all := Coverage{}
	for c := range coverage {
		for what, n := range c {
			all[what] += n
		}
	}
	t.Logf("calls and what became of them:\n%s", all)
}

// everyScene returns the scenes that are walked, and those that are roamed and walked
// only where that was asked for.
func everyScene(b Bounds) []*Scene { return append(Scenes(b), FurtherScenes(b)...) }

// walkOne walks a scene. In some, still is right: nothing may happen.
func walkOne(t *testing.T, s *Scene, still bool) Coverage {
	limit := 0
	if *deep {
		limit = *most
	}
	k, err := WalkScene(s, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(k)
	if k.Found != nil {
		t.Fatalf("choices %v\n%s", k.Choices, k.Found.Story())
	}
	if !k.Whole && !*deep {
		t.Errorf("%s was not walked whole", s.Name)
	}
	if k.Looks == 0 && !still {
		t.Errorf("%s: nothing was looked at", s.Name)
	}
	return k.Coverage
}
