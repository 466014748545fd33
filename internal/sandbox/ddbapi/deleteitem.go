package ddbapi

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type deleteItemInput struct {
	Key attr.Item
	writeInput
}

// deleteItem succeeds also when there is no item.
func (s *Service) deleteItem(c wire.Call, in deleteItemInput) (wire.Answer, error) {
	t, condition, err := s.wholeItem(c, in.writeInput)
	if err != nil {
		return wire.Answer{}, err
	}
	k, err := t.schema.checkKey(in.Key)
	if err != nil {
		return wire.Answer{}, err
	}
	old, err := s.replaced(c, t, k, nil, in.writeInput, condition)
	if err != nil {
		return wire.Answer{}, err
	}
	t.items.remove(k)
	out := writeOutput{ConsumedCapacity: in.capacity.of(t, writes(old, nil))}
	if in.ReturnValues == "ALL_OLD" {
		out.Attributes = old
	}
	return wire.Answer{Body: out, Resource: t.resource(k), Mutated: old != nil}, nil
}
