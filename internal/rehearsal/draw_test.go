package rehearsal

import (
	"flag"
	"testing"
	"time"
)

var (
	seed  = flag.Uint64("draw.seed", 1, "the first seed")
	seeds = flag.Int("draw.seeds", 3, "how many seeds")
)

func TestDraw(t *testing.T) {
	for n := range uint64(*seeds) {
		at := time.Now()
		d := Draw{Seed: *seed + n, Pools: 2 + int(n%3), Keys: 1 + int(n%3), Span: 90 * day, Trouble: AllTrouble}
		p, err := d.Play(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %+v, %d events, %d looks, %s", d.Seed, p.Tally, p.Steps, p.Watch.Looks, time.Since(at))
		if p.Shortest != nil {
			t.Fatalf("%v\n%s", p.Watch.Broken, p.Shortest.Story())
		}
	}
}
