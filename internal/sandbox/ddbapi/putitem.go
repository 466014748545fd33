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
	if err := in.check("NONE", "ALL_OLD"); err != nil {
		return wire.Answer{}, err
	}
	condition, err := s.condition(in.writeInput)
	if err != nil {
		return wire.Answer{}, err
	}
	t, err := s.data(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	k, err := t.schema.checkItem(in.Item)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := t.schema.checkPaths(condition.Paths()); err != nil {
		return wire.Answer{}, err
	}
	old := t.items.get(k)
	if !s.mayWrite(c, t, old, in.Item) {
		return wire.Answer{}, errThrottled()
	}
	if err := in.allow(condition, old); err != nil {
		return wire.Answer{}, err
	}
	t.items.put(k, in.Item)
	out := writeOutput{ConsumedCapacity: in.capacity.of(t, writes(old, in.Item))}
	if in.ReturnValues == "ALL_OLD" {
		out.Attributes = old
	}
	return wire.Answer{Body: out, Resource: t.resource(k), Mutated: true}, nil
}
