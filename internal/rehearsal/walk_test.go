package rehearsal

import (
	"flag"
	"testing"
)

var (
	daily = flag.Bool("walk.daily", false, "every scene, one or two things out of the ordinary: a minute")
	deep  = flag.Bool("walk.deep", false, "every scene, more out of the ordinary in each, up to -walk.most courses for each bounds; give a -timeout")
	most  = flag.Int("walk.most", 50_000, "how many courses of each scene and bounds, with -walk.deep")
)

var (
	switches = flag.Int("walk.switches", 0, "instead: whole walks, with so many switches")
	fates    = flag.Int("walk.fates", 0, "and so many calls that are not simply answered")
	crashes  = flag.Int("walk.crashes", 0, "and so many crashes")
	clocks   = flag.Int("walk.clock", 0, "and so many moves of the clock")
	faults   = flag.Int("walk.faults", -1, "instead: whole walks, with any number of switches and so many faults of any kind together")
)

// given are the bounds that were given by flags, of every scene; one is named by
// -run TestWalk/scenes/NAME.
func given() Bounds {
	if *faults >= 0 {
		return AnyOrder(*faults)
	}
	return Bounds{Switches: *switches, Fates: *fates, Crashes: *crashes, Clock: *clocks}
}

// walks are the bounds in which a scene is walked. Without a flag only the
// first scenes are, and in the narrowest; scripts/check.sh walks daily, without
// the race detector, which finds nothing where one goroutine moves at a time.
func walks(s *Scene) []Bounds {
	switch {
	case given() != Bounds{}:
		return []Bounds{given()}
	case *deep:
		return []Bounds{{Switches: 2, Fates: 1, Hands: 1}, {Switches: 1, Fates: 2, Hands: 1}, {Switches: 1, Fates: 1, Crashes: 1, Clock: 1, Hands: 1}}
	case *daily && len(s.Acts) == 2 && len(s.Hands) == 0:
		return []Bounds{{Switches: 1, Crashes: 1}, {Fates: 1}}
	}
	if len(s.Hands) > 0 || s.Lag > 0 { // with lag each order has many shapes; more of them are for -walk.deep
		return []Bounds{{Switches: 1, Hands: 1}}
	}
	return []Bounds{{Switches: 1}, {Fates: 1}}
}

// Every order of events of each scene, within bounds, keeps the invariants.
func TestWalk(t *testing.T) {
	coverage := make(chan Coverage, 100)
	t.Run("scenes", func(t *testing.T) {
		for i, s := range Scenes(Bounds{}) {
			if !*daily && !*deep && given() == (Bounds{}) && s.Name != "a rotation is due" && s.Name != "a retirement and a rollback" {
				continue
			}
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				for _, b := range walks(s) {
					coverage <- walkOne(t, Scenes(b)[i])
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

func walkOne(t *testing.T, s *Scene) Coverage {
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
	if k.Looks == 0 {
		t.Errorf("%s: nothing was looked at", s.Name)
	}
	return k.Coverage
}
