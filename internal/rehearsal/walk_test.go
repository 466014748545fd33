package rehearsal

import (
	"flag"
	"testing"
	"time"
)

var (
	most = flag.Int("walk.most", 2000, "courses of each scene")
	deep = flag.Bool("walk.deep", false, "larger bounds")
)

func TestWalk(t *testing.T) {
	for _, s := range Scenes(*deep) {
		t.Run(s.Name, func(t *testing.T) {
			at := time.Now()
			k, err := WalkScene(s, *most)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(k, time.Since(at))
			if k.Found != nil {
				t.Fatalf("%v\n%s", k.Choices, k.Found.Story())
			}
		})
	}
}
