package cost

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Month is a month in AWS's price lists: 730 hours.
const Month = 730 * time.Hour

// Load is how a plan is run.
type Load struct {
	// Pools is how many pools cron starts, each Every.
	Pools int
	Every time.Duration
	// Years is how long the keys have been rotated: each rotation leaves a key behind.
	Years float64
}

// Estimate is what a plan costs in a month.
type Estimate struct {
	Load   Load
	Prices Prices
	Keys   int
	// Runs is how many runs there are, and Rotations how many rotations.
	Runs, Rotations float64
	// KMSKeys is how many KMS keys AWS takes money for in the last month, and Materials how
	// many rotations of their own material.
	KMSKeys, Materials float64
	// Calls are the calls of all pools, the most frequent first. Of those of pools that come
	// too late it is the most.
	Calls []Call
	// Reads and Writes are DynamoDB's units, and Stored the bytes in the table.
	Reads, Writes, Stored float64
	Dollars               Dollars
	// Missing says what of the plan is not counted.
	Missing []string
}

// Call is how often one operation is called.
type Call struct {
	Service, Operation string
	N                  float64
}

// Dollars are what a month costs.
type Dollars struct{ Keys, Materials, Requests, Reads, Writes, Storage, Total float64 }

// Of returns what the keys of a plan cost.
func Of(keys []plan.Policy, l Load, p Prices) Estimate {
	e := Estimate{Load: l, Prices: p, Keys: len(keys), Runs: float64(l.Pools) * float64(Month) / float64(l.Every)}
	calls := Calls{}
	tables := map[string]int{}
	for _, k := range keys {
		tables[k.Table]++
		e.add(k, calls)
	}
	for _, n := range tables {
		calls["dynamodb:BatchGetItem"] += e.Runs * math.Ceil(float64(n)/perBatch)
	}
	requests := 0.0
	for name, n := range calls {
		if n == 0 {
			continue
		}
		service, operation, _ := strings.Cut(name, ":")
		e.Calls = append(e.Calls, Call{service, operation, n})
		if service == "kms" {
			requests += n
		}
	}
	slices.SortFunc(e.Calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Operation, b.Operation))
	})
	const million = 1e6
	d := &e.Dollars
	d.Keys, d.Materials = e.KMSKeys*p.KeyMonth, e.Materials*p.KeyMonth
	d.Requests = requests / 1e4 * p.Requests
	d.Reads, d.Writes = e.Reads/million*p.Reads, e.Writes/million*p.Writes
	d.Storage = e.Stored / (1 << 30) * p.Storage
	d.Total = d.Keys + d.Materials + d.Requests + d.Reads + d.Writes + d.Storage
	if slices.ContainsFunc(keys, func(k plan.Policy) bool { return k.AutoRotation.Copies() }) {
		e.Missing = append(e.Missing, "auto_rotation: copy: whether KMS rotates the material of a key is not in "+
			"the plan")
	}
	for _, k := range keys {
		if k.Region != p.Region {
			e.Missing = append(e.Missing, "the prices of "+k.Region+"; those of "+p.Region+" are used")
		}
	}
	slices.Sort(e.Missing)
	e.Missing = slices.Compact(e.Missing)
	return e
}

// perBatch is how many records one BatchGetItem reads.
const perBatch = 100

// add adds one key.
func (e *Estimate) add(k plan.Policy, calls Calls) {
	rate := Rate(k) // in a year
	month := rate * float64(Month) / float64(year)
	e.Rotations += month
	late := float64(e.Load.Pools-1) * month
	deletions := 0.0
	if k.Retire.Action == plan.RetireDelete {
		deletions = month
	}
	calls.add(month, Rotation(k))
	calls.add(month, Drain(k))
	calls.add(deletions, Deletion(k))
	calls.add(late, Late(k))

	s := sizeOf(k, rate*e.Load.Years)
	e.Reads += e.Runs*s.readUnits() + (month*2+deletions)*s.ledgerReads() + late*(12*s.readUnits()+s.ledgerReads())
	e.Writes += s.writes(month, Rotation(k)) + s.writes(month, Drain(k)) + s.writes(deletions, Deletion(k)) +
		late*s.writeUnits()
	e.Stored += s.record + rate*e.Load.Years*s.history
	e.KMSKeys += billed(k, rate, e.Load.Years)
	e.Materials += materials(k, rate, e.Load.Years)
}

const year = 365 * 24 * time.Hour

// Rate returns how often a key is rotated in a year.
func Rate(k plan.Policy) float64 {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if k.Schedule.Cron == "" {
		rate := float64(year) / float64(k.Schedule.Every)
		if k.MinInterval > k.Schedule.Every {
			rate = float64(year) / float64(k.MinInterval)
		}
		return rate
	}
	n, last := 0.0, time.Time{}
	for w := k.Schedule.Window(begin, begin); w.Start.Before(begin.Add(year)); w = k.Schedule.Next(w, begin) {
		if !w.Start.Before(begin) && w.Start.Sub(last) >= k.MinInterval {
			n, last = n+1, w.Start
		}
	}
	return n
}

// billed returns for how many KMS keys of a key AWS takes money after some years. A
// deletion that is scheduled ends that.
func billed(k plan.Policy, rate, years float64) float64 {
	old := rate * years
	if k.Retire.Action == plan.RetireDelete {
		old = min(old, rate*float64(k.Drain+k.Retire.DeleteAfter)/float64(year))
	}
	return 1 + old
}

// materials returns how many rotations of their own material the versions of a key have
// had that AWS takes money for: two of each. KMS does not rotate a disabled one.
func materials(k plan.Policy, rate, years float64) float64 {
	every := k.AutoRotation.Every
	if every == 0 || rate == 0 {
		return 0
	}
	period := time.Duration(float64(year) / rate)
	n := 0.0
	for i := range int(billed(k, rate, years)) {
		enabled := time.Duration(i) * period
		if k.Retire.Action != plan.RetireKeep {
			enabled = min(enabled, period+k.Drain)
		}
		n += min(2, math.Floor(float64(enabled)/float64(every)))
	}
	return n
}
