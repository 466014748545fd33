package ddbapi

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
)

// expressions are the members that the expressions of a request share.
type expressions struct {
	legacy
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues values
}

// values reads attribute values under their placeholders, so that the error
// about one can say which.
type values map[string]attr.Value

func (vs *values) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw == nil {
		return nil
	}
	*vs = values{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		var v attr.Value
		if err := json.Unmarshal(raw[key], &v); err != nil {
			if bad, ok := err.(*attr.Invalid); ok {
				const contains = "ExpressionAttributeValues contains invalid value: "
				return &attr.Invalid{Message: contains + bad.Message + " for key " + key}
			}
			return err
		}
		(*vs)[key] = v
	}
	return nil
}

// params checks the shared members. used are the texts of the request's
// expressions, nil for those it does not have; a value has no place in a
// request whose only expression is a projection.
func (e expressions) params(projection *string, used map[expr.Kind]*string) (*expr.Params, error) {
	if err := e.refuse(); err != nil {
		return nil, err
	}
	withValues := slices.ContainsFunc(slices.Collect(maps.Values(used)), func(t *string) bool { return t != nil })
	if e.ExpressionAttributeNames != nil && !withValues && projection == nil {
		return nil, invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	if e.ExpressionAttributeValues != nil && !withValues {
		names := ""
		for i, k := range slices.Sorted(maps.Keys(used)) {
			if i > 0 {
				names += " and "
			}
			names += string(k)
		}
		verb := "is"
		if len(used) > 1 {
			verb = "are"
		}
		return nil, invalid("ExpressionAttributeValues can only be specified when using expressions: %s %s null", names,
			verb)
	}
	return expr.NewParams(e.ExpressionAttributeNames, e.ExpressionAttributeValues)
}

// filter binds a condition or filter; a nil text is no condition.
func (s *Service) filter(kind expr.Kind, text *string, p *expr.Params) (*expr.Filter, error) {
	if text == nil {
		return nil, nil
	}
	c, err := s.cache.Condition(kind, *text)
	if err != nil {
		return nil, err
	}
	return c.Bind(p)
}

// projection binds a projection; a nil text takes the whole item.
func (s *Service) projection(text *string, p *expr.Params) (*expr.Projection, error) {
	if text == nil {
		return nil, nil
	}
	pr, err := s.cache.Projection(*text)
	if err != nil {
		return nil, err
	}
	return pr.Bind(p)
}
