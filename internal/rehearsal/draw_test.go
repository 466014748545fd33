package rehearsal

import (
	"flag"
	"testing"
	"time"
)

var (
	seed  = flag.Uint64("draw.seed", 1, "the first seed")
	pools = flag.Int("draw.pools", 4, "2 to so many pools")
	keys  = flag.Int("draw.keys", 3, "1 to so many keys, of all kinds of terms")
	years = flag.Float64("draw.years", 0.15, "how long each world goes on")
	seeds = flag.Int("draw.seeds", 2, "how many seeds")
)

// Windows after windows with all kinds of trouble at once, drawn from seeds.
func TestDraw(t *testing.T) {
	for n := range uint64(*seeds) {
		at := time.Now()
		d := Draw{Seed: *seed + n, Pools: 2 + int(n)%(*pools-1), Keys: 1 + int(n)%*keys, Span: time.Duration(*years * 365 * float64(day)), Trouble: AllTrouble}
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
