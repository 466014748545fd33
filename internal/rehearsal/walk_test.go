package rehearsal

import (
	"flag"
	"testing"
)

var (
	deep = flag.Bool("walk.deep", false, "larger bounds: up to -walk.most courses of each scene; give a -timeout")
	most = flag.Int("walk.most", 50_000, "how many courses of each scene, with -walk.deep")
)

// every are the bounds of every day: one thing out of the ordinary, of each
// kind, at every place, and each pair of runs in every order with one switch.
var every = []Bounds{
	{Switches: 1, Crashes: 1, Hands: 1},
	{Fates: 1, Hands: 1},
	{Clock: 1, Hands: 1},
}

// Every order of events of each scene, within bounds, keeps the invariants.
// -walk.deep walks with larger bounds, up to -walk.most courses a scene.
func TestWalk(t *testing.T) {
	all := every
	limit := 0
	if *deep {
		all, limit = []Bounds{{Switches: 2, Fates: 2, Crashes: 1, Clock: 2, Hands: 1}}, *most
	}
	for i := range Scenes(Bounds{}) {
		name := Scenes(Bounds{})[i].Name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, b := range all {
				k, err := WalkScene(Scenes(b)[i], limit)
				if err != nil {
					t.Fatal(err)
				}
				t.Log(k)
				if k.Found != nil {
					t.Fatalf("choices %v\n%s", k.Choices, k.Found.Story())
				}
				if !k.Whole && !*deep {
					t.Errorf("%s was not walked whole", name)
				}
				if k.Looks == 0 {
					t.Errorf("%s: nothing was looked at", name)
				}
			}
		})
	}
}
