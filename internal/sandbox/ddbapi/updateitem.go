package ddbapi

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type updateItemInput struct {
	Key              attr.Item
	UpdateExpression *string
	writeInput
}

func (s *Service) updateItem(c wire.Call, in updateItemInput) (wire.Answer, error) {
	if err := in.check("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"); err != nil {
		return wire.Answer{}, err
	}
	update, condition, err := s.bindUpdate(in)
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
	if err := t.schema.checkTargets(update.Targets()); err != nil {
		return wire.Answer{}, err
	}
	old, err := s.replaced(c, t, k, nil, in.writeInput, condition)
	if err != nil {
		return wire.Answer{}, err
	}
	updated, err := t.updated(k, old, update)
	if err != nil {
		return wire.Answer{}, err
	}
	if updated != nil {
		t.items.put(k, updated)
	}
	out := writeOutput{ConsumedCapacity: in.capacity.of(t, writes(old, updated))}
	switch in.ReturnValues {
	case "ALL_OLD":
		out.Attributes = old
	case "UPDATED_OLD":
		out.Attributes = update.Touched(old)
	case "ALL_NEW":
		out.Attributes = updated
	case "UPDATED_NEW":
		out.Attributes = update.Touched(updated)
	}
	return wire.Answer{Body: out, Resource: t.resource(k), Mutated: updated != nil}, nil
}

func (s *Service) bindUpdate(in updateItemInput) (*expr.Update, *expr.Filter, error) {
	p, err := in.params(nil, map[expr.Kind]*string{
		expr.KindUpdate: in.UpdateExpression, expr.KindCondition: in.ConditionExpression,
	})
	if err != nil {
		return nil, nil, err
	}
	var update *expr.Update
	if in.UpdateExpression != nil {
		text, err := s.cache.Update(*in.UpdateExpression)
		if err != nil {
			return nil, nil, err
		}
		if update, err = text.Bind(p); err != nil {
			return nil, nil, err
		}
	}
	condition, err := s.filter(expr.KindCondition, in.ConditionExpression, p)
	if err != nil {
		return nil, nil, err
	}
	return update, condition, p.Unused()
}

// updated returns the item after the update. An item that is not there is made by
// any update but one that only removes: that leaves nothing, and at AWS does
// not even look at its paths.
func (t *table) updated(k key, old attr.Item, u *expr.Update) (attr.Item, error) {
	if old == nil {
		if !u.Creates() {
			return nil, nil
		}
		old = t.schema.item(k)
	}
	item, err := u.Apply(old)
	if err != nil {
		return nil, err
	}
	return item, checkLimits(item, "Item size to update has exceeded the maximum allowed size")
}
