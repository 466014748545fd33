package rehearsal

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	seed  = flag.Uint64("draw.seed", 1, "the first seed")
	pools = flag.Int("draw.pools", 4, "2 to so many pools")
	keys  = flag.Int("draw.keys", 3, "1 to so many keys, of all kinds of terms")
	years = flag.Float64("draw.years", 0.15, "how long each world goes on")
	seeds = flag.Int("draw.seeds", 2, "how many seeds")
	tries = flag.Int("draw.tries", 100, "how many shorter courses are tried for one that breaks an invariant")
)

// Windows after windows with all kinds of trouble at once, drawn from seeds. So
// is how many pools and keys there are: -draw.seed with -draw.seeds 1, and the
// other flags as they were, makes one course again.
func TestDraw(t *testing.T) {
	if testing.Short() {
		*seeds, *years = 1, 0.05
	}
	for n := range uint64(*seeds) {
		d := Draw{Seed: *seed + n, Span: time.Duration(*years * 365 * float64(day)), Trouble: AllTrouble}
		size := rand.New(rand.NewPCG(d.Seed, 0))
		d.Trouble.Quotas = size.IntN(3) == 0
		d.Pools, d.Keys = 2+size.IntN(*pools-1), 1+size.IntN(*keys)
		t.Run(fmt.Sprintf("seed_%d", d.Seed), func(t *testing.T) {
			t.Parallel()
			p, err := d.Play(t.Context(), *tries)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d pools, %d keys, quotas %v: %+v, %d events, %d looks", d.Pools, d.Keys, d.Trouble.Quotas,
				p.Tally, p.Steps, p.Watch.Looks)
			if p.Shortest != nil {
				t.Fatalf("%v\n%s", p.Watch.Broken, p.Shortest.Story())
			}
		})
	}
}
