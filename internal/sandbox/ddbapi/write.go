package ddbapi

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// writeInput is what the requests that write one item have in common.
type writeInput struct {
	TableName                           string
	ConditionExpression                 *string
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
	ReturnItemCollectionMetrics         string
	expressions
	capacity
}

type writeOutput struct {
	Attributes       attr.Item         `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

// check refuses enumerations out of range. PutItem and DeleteItem have fewer
// ReturnValues than UpdateItem, and AWS a message of its own for those.
func (in writeInput) check(returns ...string) error {
	all := []string{"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"}
	if err := oneOf("ReturnValues", in.ReturnValues, all...); err != nil {
		return err
	}
	if oneOf("ReturnValues", in.ReturnValues, returns...) != nil {
		return invalid("Return values set to invalid value")
	}
	if err := oneOf("ReturnValuesOnConditionCheckFailure", in.ReturnValuesOnConditionCheckFailure, "ALL_OLD",
		"NONE"); err != nil {
		return err
	}
	if err := oneOf("ReturnItemCollectionMetrics", in.ReturnItemCollectionMetrics, "SIZE", "NONE"); err != nil {
		return err
	}
	return in.capacity.check()
}

// condition binds the condition of a request that has no other expression.
func (s *Service) condition(in writeInput) (*expr.Filter, error) {
	p, err := in.params(nil, map[expr.Kind]*string{expr.KindCondition: in.ConditionExpression})
	if err != nil {
		return nil, err
	}
	f, err := s.filter(expr.KindCondition, in.ConditionExpression, p)
	if err != nil {
		return nil, err
	}
	return f, p.Unused()
}

// wholeItem checks a request that writes or removes an item as a whole, and returns its table
// and its condition.
func (s *Service) wholeItem(c wire.Call, in writeInput) (*table, *expr.Filter, error) {
	if err := in.check("NONE", "ALL_OLD"); err != nil {
		return nil, nil, err
	}
	condition, err := s.condition(in)
	if err != nil {
		return nil, nil, err
	}
	t, err := s.data(c, in.TableName)
	return t, condition, err
}

// replaced returns the item that a write replaces by the next one, nil if there is none. It
// refuses a write that meets no capacity, or not its condition.
func (s *Service) replaced(c wire.Call, t *table, k key, next attr.Item, in writeInput,
	condition *expr.Filter) (attr.Item, error) {
	if err := t.schema.checkPaths(condition.Paths()); err != nil {
		return nil, err
	}
	old := t.items.get(k)
	if !s.mayWrite(c, t, old, next) {
		return nil, errThrottled()
	}
	return old, in.allow(condition, old)
}

// allow requires the old item, nil if there is none, to meet the condition. The
// refusal carries it if it was asked for.
func (in writeInput) allow(f *expr.Filter, old attr.Item) error {
	if f.Match(old) {
		return nil
	}
	refusal := wire.Errorf("ConditionalCheckFailedException", "The conditional request failed")
	if in.ReturnValuesOnConditionCheckFailure == "ALL_OLD" && old != nil {
		refusal.Extra = map[string]any{"Item": old}
	}
	return refusal
}
