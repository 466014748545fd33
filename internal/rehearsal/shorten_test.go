package rehearsal

import (
	"context"
	"errors"
	"testing"
)

// While a story is shortened somebody is told of each try. Interrupted in it, the
// invariant is broken still, and no story is told: none was made.
func TestShorteningIsTold(t *testing.T) {
	const text = "region: eu-west-1\nschedule: {every: 1d}\ndrain: 1d\nkeys:\n  - alias: alias/orders-data\n"
	for name, interrupted := range map[string]bool{"to its end": false, "interrupted": true} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			told := 0
			d := Draw{Plan: text, Seed: 1, Pools: 2, Every: day, Span: 3 * day,
				Trouble: Trouble{CallFault: 0.2, Switch: 0.2},
				Shortening: func(tried, most int) {
					told++
					if tried != told || most != 20 {
						t.Errorf("told of try %d of %d, it was try %d", tried, most, told)
					}
					if interrupted && tried == 1 {
						cancel()
					}
				}}
			stage, err := d.stage()
			if err != nil {
				t.Fatal(err)
			}
			stage.watch.served["lost-long-ago"] = "alias/orders-data" // and is in no list
			p, err := d.playOn(ctx, stage, 20)
			if errors.Is(err, context.Canceled) != interrupted || told == 0 {
				t.Errorf("%v; told of %d tries", err, told)
			}
			if b := p.Watch.Broken; len(b) == 0 || b[0].Invariant != "8" || (p.Shortest == nil) != interrupted {
				t.Errorf("%v, a story: %t", b, p.Shortest != nil)
			}
		})
	}
}
