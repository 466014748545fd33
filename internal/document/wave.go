package document

import (
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/rehearsal/wave"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Wave is "keyturn/wave/1".
type Wave struct {
	Format string      `json:"format"`
	Plan   Plan        `json:"plan"`
	Seed   int64       `json:"seed"`
	Pools  int         `json:"pools"`
	Keys   int         `json:"keys"`
	Waves  []WaveNight `json:"waves"`
	Exit   plan.Exit   `json:"exit"`
}

// WaveNight is one wave.
type WaveNight struct {
	Rotations    string      `json:"rotations"` // first, or later
	Due          int         `json:"due"`
	Done         int         `json:"done"` // of those
	Seconds      float64     `json:"seconds"`
	BoundSeconds float64     `json:"bound_seconds"` // what the quotas allow at best
	BoundBy      string      `json:"bound_by"`      // the operation with that quota
	Ratio        float64     `json:"ratio"`         // of seconds to bound_seconds
	Throttled    float64     `json:"throttled"`     // share of the calls that change KMS
	Duplicates   int         `json:"duplicates"`    // versions beyond the first of their window
	Unnamed      int         `json:"unnamed"`       // keys that were made and have no name
	Exits        []WaveExit  `json:"exits"`
	Calls        []WaveCalls `json:"calls"`
}

// WaveExit is how many runs ended with an exit code.
type WaveExit struct {
	Exit plan.Exit `json:"exit"`
	Runs int       `json:"runs"`
}

// WaveCalls is what came of the calls of one operation.
type WaveCalls struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Quota     int    `json:"quota,omitempty"` // requests per second
	Yes       int    `json:"yes"`
	Throttled int    `json:"throttled"`
	Second    int    `json:"second"` // writes that came after another run's
	No        int    `json:"no"`
}

// OfWave returns the document of waves.
func OfWave(p *planfile.Plan, v wave.Wave, waves []*wave.Result, exit plan.Exit) Wave {
	doc := Wave{Format: "keyturn/wave/1", Plan: ofPlan(p), Seed: int64(v.Seed), Pools: v.Pools, Keys: len(p.Keys),
		Waves: []WaveNight{}, Exit: exit}
	for _, r := range waves {
		n := WaveNight{Rotations: r.Rotations(), Due: r.Due, Done: r.Done, Seconds: r.Took.Seconds(),
			BoundSeconds: r.Bound.Seconds(), BoundBy: r.BoundBy, Ratio: r.Ratio(), Throttled: r.Throttled(),
			Duplicates: r.Duplicates, Unnamed: r.Unnamed, Exits: []WaveExit{}, Calls: []WaveCalls{}}
		for _, exit := range r.ExitCodes() {
			n.Exits = append(n.Exits, WaveExit{exit, r.Exits[exit]})
		}
		for _, name := range r.Count.Operations() {
			c := r.Count[name]
			service, operation, _ := strings.Cut(name, ":")
			n.Calls = append(n.Calls, WaveCalls{service, operation, r.Quotas[operation], c.Yes, c.Throttled, c.Second,
				c.No})
		}
		slices.SortStableFunc(n.Calls, func(a, b WaveCalls) int { return b.Yes - a.Yes })
		doc.Waves = append(doc.Waves, n)
	}
	return doc
}
