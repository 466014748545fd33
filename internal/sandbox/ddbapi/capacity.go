package ddbapi

import "github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"

// capacity is the wish for ConsumedCapacity in a request.
type capacity struct{ ReturnConsumedCapacity string }

func (in capacity) check() error {
	return oneOf("ReturnConsumedCapacity", in.ReturnConsumedCapacity, "INDEXES", "TOTAL", "NONE")
}

type consumedCapacity struct {
	TableName     string
	CapacityUnits float64
	Table         *units `json:",omitempty"`
}

type units struct{ CapacityUnits float64 }

// of returns the member ConsumedCapacity; nil if it was not asked for.
func (in capacity) of(t *table, n float64) *consumedCapacity {
	switch in.ReturnConsumedCapacity {
	case "TOTAL":
		return &consumedCapacity{t.place.name, n, nil}
	case "INDEXES":
		return &consumedCapacity{t.place.name, n, &units{n}}
	}
	return nil
}

// reads returns what reading so many bytes costs: a unit for each 4 KB, half of it
// when the read need not be consistent; nothing read costs as the least.
func reads(bytes int, consistent bool) float64 {
	n := float64(max(1, (bytes+4095)/4096))
	if !consistent {
		n /= 2
	}
	return n
}

// writes returns what replacing one item by another costs: a unit for each KB of
// the larger one.
func writes(old, new attr.Item) float64 {
	return float64(max(1, (max(old.Size(), new.Size())+1023)/1024))
}
