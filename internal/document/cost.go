package document

import (
	"math"

	"github.com/keyturn/keyturn/internal/cost"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Cost is "keyturn/cost/1".
type Cost struct {
	Format    string      `json:"format"`
	Plan      Plan        `json:"plan"`
	Pools     int         `json:"pools"`
	Every     string      `json:"every"`
	Years     float64     `json:"years"`
	Keys      int         `json:"keys"`
	Runs      float64     `json:"runs"`
	Rotations float64     `json:"rotations"`
	KMSKeys   float64     `json:"kms_keys"`
	Materials float64     `json:"kms_rotations"`
	Calls     []CostCall  `json:"calls"`
	Reads     float64     `json:"read_units"`
	Writes    float64     `json:"write_units"`
	Stored    float64     `json:"stored_bytes"`
	Dollars   CostDollars `json:"dollars"`
	Prices    CostPrices  `json:"prices"`
	Missing   []string    `json:"not_counted"`
}

// CostCall is how often one operation is called in a month.
type CostCall struct {
	Service   string  `json:"service"`
	Operation string  `json:"operation"`
	Count     float64 `json:"count"`
}

// CostDollars are what a month costs.
type CostDollars struct {
	Keys      float64 `json:"kms_keys"`
	Materials float64 `json:"kms_rotations"`
	Requests  float64 `json:"kms_requests"`
	Reads     float64 `json:"dynamodb_reads"`
	Writes    float64 `json:"dynamodb_writes"`
	Storage   float64 `json:"dynamodb_storage"`
	Total     float64 `json:"total"`
}

// CostPrices are the prices that were used.
type CostPrices struct {
	Region   string  `json:"region"`
	At       string  `json:"at"`
	KeyMonth float64 `json:"kms_key_month"`
	Requests float64 `json:"kms_10k_requests"`
	Reads    float64 `json:"dynamodb_million_read_units"`
	Writes   float64 `json:"dynamodb_million_write_units"`
	Storage  float64 `json:"dynamodb_gb_month"`
}

// OfCost returns the document of an estimate.
func OfCost(p *planfile.Plan, e cost.Estimate) Cost {
	us := e.Dollars
	d := Cost{Format: "keyturn/cost/1", Plan: ofPlan(p), Pools: e.Load.Pools, Every: plan.FormatDuration(e.Load.Every),
		Years: e.Load.Years, Keys: e.Keys, Runs: rounded(e.Runs), Rotations: rounded(e.Rotations),
		KMSKeys: rounded(e.KMSKeys), Materials: rounded(e.Materials), Reads: rounded(e.Reads),
		Writes: rounded(e.Writes), Stored: rounded(e.Stored),
		Dollars: CostDollars{rounded(us.Keys), rounded(us.Materials), rounded(us.Requests), rounded(us.Reads),
			rounded(us.Writes), rounded(us.Storage), rounded(us.Total)},
		Prices: CostPrices(e.Prices), Calls: []CostCall{}, Missing: append([]string{}, e.Missing...)}
	for _, c := range e.Calls {
		d.Calls = append(d.Calls, CostCall{c.Service, c.Operation, rounded(c.N)})
	}
	return d
}

// rounded returns a number with four decimals: more would be no estimate.
func rounded(v float64) float64 { return math.Round(v*1e4) / 1e4 }
