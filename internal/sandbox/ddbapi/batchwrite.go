package ddbapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// maxWrites is how many items one BatchWriteItem takes.
const maxWrites = 25

type batchWriteItemInput struct {
	RequestItems map[string][]writeRequest
	capacity
}

type writeRequest struct {
	PutRequest    *struct{ Item attr.Item }
	DeleteRequest *struct{ Key attr.Item }
}

type batchWriteItemOutput struct {
	// UnprocessedItems is always empty.
	UnprocessedItems map[string]any
	ConsumedCapacity []*consumedCapacity `json:",omitempty"`
}

// batchWrite is one checked write; without an item it is a deletion.
type batchWrite struct {
	table *table
	key   key
	item  attr.Item
}

func (s *Service) batchWriteItem(c wire.Call, in batchWriteItemInput) (wire.Answer, error) {
	if err := in.capacity.check(); err != nil {
		return wire.Answer{}, err
	}
	if len(in.RequestItems) == 0 {
		return wire.Answer{}, invalid("1 validation error detected: Value '{}' at 'requestItems' failed to satisfy " +
			"constraint: Member must have length greater than or equal to 1")
	}
	var all []batchWrite
	names := slices.Sorted(maps.Keys(in.RequestItems))
	for _, name := range names {
		some, err := s.checkBatchWrites(c, name, in.RequestItems[name])
		if err != nil {
			return wire.Answer{}, err
		}
		all = append(all, some...)
	}
	if len(all) > maxWrites {
		return wire.Answer{}, invalid("Too many items requested for the BatchWriteItem call")
	}
	cost := map[*table]float64{}
	for _, w := range all {
		cost[w.table] += writes(w.table.items.get(w.key), w.item)
		if w.item == nil {
			w.table.items.remove(w.key)
		} else {
			w.table.items.put(w.key, w.item)
		}
	}
	out := batchWriteItemOutput{UnprocessedItems: map[string]any{}}
	for _, w := range all {
		if n, ok := cost[w.table]; ok && in.capacity.of(w.table, n) != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, in.capacity.of(w.table, n))
			delete(cost, w.table)
		}
	}
	return wire.Answer{Body: out, Resource: strings.Join(names, ","), Mutated: true}, nil
}

// checkBatchWrites checks all writes on one table before any is done: at AWS
// too a request that is refused writes nothing.
func (s *Service) checkBatchWrites(c wire.Call, name string, requests []writeRequest) ([]batchWrite, error) {
	if len(requests) == 0 || len(requests) > maxWrites {
		return nil, invalid("1 validation error detected: Value at 'requestItems.%s.member' failed to satisfy "+
			"constraint: Member must have length between 1 and %d", name, maxWrites)
	}
	t, err := s.data(c, name)
	if err != nil {
		return nil, err
	}
	var checked []batchWrite
	seen := map[string]bool{}
	for _, r := range requests {
		w := batchWrite{table: t}
		switch {
		case r.PutRequest != nil && r.DeleteRequest != nil:
			return nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one " +
				"of the supported datatypes")
		case r.PutRequest != nil:
			w.item = r.PutRequest.Item
			w.key, err = t.schema.checkItem(w.item)
		case r.DeleteRequest != nil:
			w.key, err = t.schema.checkKey(r.DeleteRequest.Key)
		default:
			return nil, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
		}
		if err != nil {
			return nil, err
		}
		if seen[w.key.id()] {
			return nil, errDuplicateKeys()
		}
		seen[w.key.id()] = true
		checked = append(checked, w)
	}
	return checked, nil
}
