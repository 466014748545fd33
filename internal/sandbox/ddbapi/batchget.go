package ddbapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Limits of one BatchGetItem (AWS: API reference, BatchGetItem).
const (
	maxGetKeys  = 100
	maxGetBytes = 16 << 20
)

type batchGetItemInput struct {
	RequestItems map[string]keysAndAttributes
	capacity
}

// keysAndAttributes is what is wanted of one table; it goes back as it came in
// UnprocessedKeys, with the keys that are left.
type keysAndAttributes struct {
	Keys                     []attr.Item
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
	ConsistentRead           *bool             `json:",omitempty"`
	// AttributesToGet is a legacy parameter and is refused.
	AttributesToGet *json.RawMessage `json:",omitempty"`
}

type batchGetItemOutput struct {
	Responses        map[string][]attr.Item
	UnprocessedKeys  map[string]keysAndAttributes
	ConsumedCapacity []*consumedCapacity `json:",omitempty"`
}

// wanted is the checked part of a batch on one table.
type wanted struct {
	// as is the table as the request names it: a name or an ARN.
	as         string
	table      *table
	keys       []key
	projection *expr.Projection
	request    keysAndAttributes
}

func (s *Service) batchGetItem(c wire.Call, in batchGetItemInput) (wire.Answer, error) {
	if err := in.capacity.check(); err != nil {
		return wire.Answer{}, err
	}
	batch, err := s.checkBatchGet(c, in.RequestItems)
	if err != nil {
		return wire.Answer{}, err
	}
	out := batchGetItemOutput{Responses: map[string][]attr.Item{}, UnprocessedKeys: map[string]keysAndAttributes{}}
	left, bytes, served := maxGetKeys, 0, false
	if s.MaxBatchGet > 0 {
		left = s.MaxBatchGet
	}
	for _, w := range batch {
		out.Responses[w.as] = []attr.Item{}
		read := 0
		consistent := w.request.ConsistentRead != nil && *w.request.ConsistentRead
		for i, k := range w.keys {
			item := w.table.items.get(k)
			if left > 0 && !s.mayRead(c, w.table, reads(item.Size(), consistent)) {
				if left = 0; !served {
					return wire.Answer{}, errThrottled() // AWS refuses a request of which it can serve nothing
				}
			}
			if left == 0 || bytes+item.Size() > maxGetBytes {
				rest := w.request
				rest.Keys = rest.Keys[i:]
				out.UnprocessedKeys[w.as] = rest
				left = 0
				break
			}
			left, served = left-1, true
			bytes += item.Size()
			read += item.Size()
			if item != nil {
				out.Responses[w.as] = append(out.Responses[w.as], w.projection.Apply(item))
			}
		}
		if used := in.capacity.of(w.table, reads(read, consistent)); used != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, used)
		}
	}
	return wire.Answer{Body: out, Resource: strings.Join(slices.Sorted(maps.Keys(in.RequestItems)), ",")}, nil
}

// checkBatchGet checks everything before anything is read, tables in the order
// of their names.
func (s *Service) checkBatchGet(c wire.Call, requests map[string]keysAndAttributes) ([]wanted, error) {
	if len(requests) == 0 {
		return nil, invalid("1 validation error detected: Value '{}' at 'requestItems' failed to satisfy " +
			"constraint: Member must have length greater than or equal to 1")
	}
	var batch []wanted
	total := 0
	for _, name := range slices.Sorted(maps.Keys(requests)) {
		n := len(requests[name].Keys)
		if n == 0 || n > maxGetKeys {
			return nil, invalid("1 validation error detected: Value at 'requestItems.%s.member.keys' failed to "+
				"satisfy constraint: Member must have length between 1 and %d", name, maxGetKeys)
		}
		if total += n; total > maxGetKeys {
			return nil, invalid("Too many items requested for the BatchGetItem call")
		}
		batch = append(batch, wanted{as: name, request: requests[name]})
	}
	for i := range batch {
		if err := s.checkWanted(c, &batch[i]); err != nil {
			return nil, err
		}
	}
	return batch, nil
}

func (s *Service) checkWanted(c wire.Call, w *wanted) error {
	e := expressions{legacy: legacy{AttributesToGet: w.request.AttributesToGet},
		ExpressionAttributeNames: w.request.ExpressionAttributeNames}
	p, err := e.params(w.request.ProjectionExpression, nil)
	if err != nil {
		return err
	}
	if w.projection, err = s.projection(w.request.ProjectionExpression, p); err != nil {
		return err
	}
	if err := p.Unused(); err != nil {
		return err
	}
	if w.table, err = s.data(c, w.as); err != nil {
		return err
	}
	if err := w.table.schema.checkPaths(w.projection.Paths()); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, given := range w.request.Keys {
		k, err := w.table.schema.checkKey(given)
		if err != nil {
			return err
		}
		if seen[k.id()] {
			return errDuplicateKeys()
		}
		seen[k.id()] = true
		w.keys = append(w.keys, k)
	}
	return nil
}

func errDuplicateKeys() error { return invalid("Provided list of item keys contains duplicates") }
