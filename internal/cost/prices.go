package cost

import (
	"errors"
	"fmt"
	"math"

	"github.com/goccy/go-yaml"
)

// Prices are what AWS takes, in US dollars.
type Prices struct {
	// Region is where they hold, and At the date of the source that says so.
	Region string `yaml:"region"`
	At     string `yaml:"at"`
	// KeyMonth is for a KMS key for a month, by the hour, disabled ones too, until its
	// deletion is scheduled. The first and the second rotation of its own material cost as
	// much again, each.
	KeyMonth float64 `yaml:"kms_key_month"`
	// Requests is for 10,000 requests to KMS.
	Requests float64 `yaml:"kms_10k_requests"`
	// Reads and Writes are for a million read and write units of a table on demand.
	Reads  float64 `yaml:"dynamodb_million_read_units"`
	Writes float64 `yaml:"dynamodb_million_write_units"`
	// Storage is for a GB in the table for a month.
	Storage float64 `yaml:"dynamodb_gb_month"`
}

// The prices of us-east-1, the only Region for which they were found.
const (
	// https://aws.amazon.com/kms/pricing/, as quoted in June 2026.
	KeyMonth = 1.00
	Requests = 0.03
	// https://aws.amazon.com/dynamodb/pricing/on-demand/, as quoted in July 2025; the prices
	// were halved in November 2024.
	ReadsMillion  = 0.125
	WritesMillion = 0.625
	// https://aws.amazon.com/dynamodb/pricing/, table class Standard.
	StorageMonth = 0.25
)

// Known are the prices that keyturn knows.
func Known() Prices {
	return Prices{Region: "us-east-1", At: "KMS: June 2026, DynamoDB: July 2025", KeyMonth: KeyMonth,
		Requests: Requests, Reads: ReadsMillion, Writes: WritesMillion, Storage: StorageMonth}
}

// Parse reads prices from YAML. All are required: half of one Region's and half of
// another's would be nobody's bill.
func Parse(data []byte) (Prices, error) {
	var p Prices
	if err := yaml.UnmarshalWithOptions(data, &p, yaml.Strict()); err != nil {
		return p, errors.New(yaml.FormatError(err, false, false))
	}
	for _, price := range []struct {
		name  string
		value float64
	}{{"kms_key_month", p.KeyMonth}, {"kms_10k_requests", p.Requests}, {"dynamodb_million_read_units", p.Reads},
		{"dynamodb_million_write_units", p.Writes}, {"dynamodb_gb_month", p.Storage}} {
		if !(price.value > 0) || math.IsInf(price.value, 0) {
			return p, fmt.Errorf("%s must be a price in dollars", price.name)
		}
	}
	if p.Region == "" {
		return p, errors.New("region must say where the prices hold")
	}
	return p, nil
}
