package ddbapi

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type getItemInput struct {
	TableName            string
	Key                  attr.Item
	ProjectionExpression *string
	ConsistentRead       bool
	expressions
	capacity
}

type getItemOutput struct {
	// absent if there is no item, empty if nothing of it was asked for
	Item             *attr.Item        `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

func (s *Service) getItem(c wire.Call, in getItemInput) (wire.Answer, error) {
	if err := in.capacity.check(); err != nil {
		return wire.Answer{}, err
	}
	p, err := in.params(in.ProjectionExpression, nil)
	if err != nil {
		return wire.Answer{}, err
	}
	projection, err := s.projection(in.ProjectionExpression, p)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := p.Unused(); err != nil {
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
	if err := t.schema.checkPaths(projection.Paths()); err != nil {
		return wire.Answer{}, err
	}
	item := t.items.get(k)
	if !s.mayRead(c, t, reads(item.Size(), in.ConsistentRead)) {
		return wire.Answer{}, errThrottled()
	}
	out := getItemOutput{ConsumedCapacity: in.capacity.of(t, reads(item.Size(), in.ConsistentRead))}
	if item != nil {
		picked := projection.Apply(item)
		out.Item = &picked
	}
	return wire.Answer{Body: out, Resource: t.resource(k)}, nil
}
