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
	k, err := t.schema.checkKey(in.Key)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := t.schema.checkPaths(condition.Paths()); err != nil {
		return wire.Answer{}, err
	}
	old := t.items.get(k)
	if !s.mayWrite(c, t, old, nil) {
		return wire.Answer{}, errThrottled()
	}
	if err := in.allow(condition, old); err != nil {
		return wire.Answer{}, err
	}
	t.items.remove(k)
	out := writeOutput{ConsumedCapacity: in.capacity.of(t, writes(old, nil))}
	if in.ReturnValues == "ALL_OLD" {
		out.Attributes = old
	}
	return wire.Answer{Body: out, Resource: t.resource(k), Mutated: old != nil}, nil
}
