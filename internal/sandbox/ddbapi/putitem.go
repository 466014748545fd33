package ddbapi

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type putItemInput struct {
	Item attr.Item
	writeInput
}

func (s *Service) putItem(c wire.Call, in putItemInput) (wire.Answer, error) {
	t, condition, err := s.wholeItem(c, in.writeInput)
	if err != nil {
		return wire.Answer{}, err
	}
	k, err := t.schema.checkItem(in.Item)
	if err != nil {
		return wire.Answer{}, err
	}
	old, err := s.replaced(c, t, k, in.Item, in.writeInput, condition)
	if err != nil {
		return wire.Answer{}, err
	}
	t.items.put(k, in.Item)
	out := writeOutput{ConsumedCapacity: in.capacity.of(t, writes(old, in.Item))}
	if in.ReturnValues == "ALL_OLD" {
		out.Attributes = old
	}
	return wire.Answer{Body: out, Resource: t.resource(k), Mutated: true}, nil
}
