package wave

import (
	"flag"
	"fmt"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox"
	"github.com/keyturn/keyturn/plan"
)

var seed = flag.Uint64("wave.seed", 0, "added to what the waves of benchmarks are drawn from")

var large = flag.Bool("wave.large", false, "measure waves of 10,000 keys too, which take minutes")

// BenchmarkWave measures waves. Its figures are of virtual time: the ratio to what the
// quotas allow, the throttled share of the calls that change KMS, and for each rotation
// the reads and writes of the table.
func BenchmarkWave(b *testing.B) {
	for _, of := range []struct{ keys, pools int }{{200, 1}, {200, 2}, {200, 8}, {200, 16}, {1000, 8}, {10_000, 8}} {
		for _, first := range []bool{false, true} {
			v := waveOf(of.keys, of.pools)
			v.First = first
			name := "again"
			if first {
				name = "first"
			}
			b.Run(fmt.Sprintf("%dx%d/%s", of.keys, of.pools, name), func(b *testing.B) { measure(b, v) })
		}
	}
}

// BenchmarkKilled measures waves in which one of eight runs is killed at a drawn call, 20
// seeds: of 200 keys, and with -wave.large of 10,000.
func BenchmarkKilled(b *testing.B) {
	keys := 200
	if *large {
		keys = 10_000
	}
	v := waveOf(keys, 8)
	v.KillOne = true
	for v.Seed = range 20 {
		b.Run(fmt.Sprint("seed-", v.Seed), func(b *testing.B) { measure(b, v) })
	}
}

// BenchmarkRaised measures one pool alone with ten times the quotas.
func BenchmarkRaised(b *testing.B) {
	v := waveOf(1000, 1)
	v.Raised = map[string]int{"CreateKey": 50, "CreateAlias": 50, "UpdateAlias": 50}
	measure(b, v)
}

// BenchmarkThrottledTable has eight pools read the records of 10,000 keys in the same second
// from a table that serves 12,000 units a second.
func BenchmarkThrottledTable(b *testing.B) {
	v := waveOf(10_000, 8)
	v.Idle, v.Capacity = true, sandbox.Capacity{Reads: 12_000}
	for b.Loop() {
		r := play(b, v)
		b.ReportMetric(r.Took.Seconds(), "virtual-s")
		b.ReportMetric(float64(r.Count.Reads().Yes), "reads")
		b.ReportMetric(float64(r.Count.Reads().Throttled), "throttled")
		b.ReportMetric(float64(r.Pools-r.Exits[plan.ExitDone]), "exits≠0")
	}
}

func measure(b *testing.B, v Wave) {
	if v.Pools*len(v.Plan) > 8*1000*60 && !*large {
		b.Skip("-wave.large is not given")
	}
	v.Seed += *seed
	for b.Loop() {
		r := play(b, v)
		b.ReportMetric(r.Took.Seconds(), "virtual-s")
		b.ReportMetric(r.Ratio(), "×bound")
		b.ReportMetric(100*r.Throttled(), "%throttled")
		b.ReportMetric(float64(r.Count.Reads().All())/float64(r.Due), "reads/key")
		b.ReportMetric(float64(r.Count.Writes().All())/float64(r.Due), "writes/key")
		b.ReportMetric(float64(r.Pools-r.Killed-r.Exits[plan.ExitDone]), "exits≠0")
		b.ReportMetric(float64(r.Due-r.Done), "undone")
		if r.Duplicates > 0 {
			b.Errorf("%d versions are a second one for their window", r.Duplicates)
		}
	}
}
