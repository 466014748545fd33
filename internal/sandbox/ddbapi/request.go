package ddbapi

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// handle decodes the request of an operation, carries it out, and puts the
// errors of the packages below into the codes of the wire.
func handle[In any](c wire.Call, operation func(wire.Call, In) (wire.Answer, error)) (wire.Answer, error) {
	var in In
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return wire.Answer{}, coded(err)
	}
	answer, err := operation(c, in)
	if err != nil {
		return wire.Answer{}, coded(err)
	}
	return answer, nil
}

func coded(err error) error {
	var known *wire.Error
	var invalid *attr.Invalid
	var bad *expr.Error
	var shape *json.UnmarshalTypeError
	var malformed *attr.Malformed
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &invalid), errors.As(err, &bad):
		return wire.Errorf(validation, "%s", err)
	case errors.As(err, &shape), errors.As(err, &malformed), errors.As(err, &syntax):
		return wire.Errorf("SerializationException", "%s", err)
	}
	return err
}

const validation = "ValidationException"

func invalid(format string, args ...any) *wire.Error {
	return wire.Errorf(validation, format, args...)
}

// invalidValues returns an error that starts as most of AWS's messages about parameters do.
func invalidValues(format string, args ...any) *wire.Error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}

// required refuses a request that lacks a member; AWS spells its name with a
// small letter here.
func required(member string, present bool) error {
	if present {
		return nil
	}
	return invalid(
		"1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null",
		strings.ToLower(member[:1])+member[1:])
}

// oneOf refuses a value that is not in an enumeration; empty is absent.
func oneOf(member, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must "+
		"satisfy enum value set: [%s]",
		value, strings.ToLower(member[:1])+member[1:], strings.Join(allowed, ", "))
}

// legacy are the parameters from before expressions, of all operations. AWS
// still takes them; this service does not, and says so.
type legacy struct {
	AttributesToGet     *json.RawMessage
	AttributeUpdates    *json.RawMessage
	ConditionalOperator *json.RawMessage
	Expected            *json.RawMessage
	KeyConditions       *json.RawMessage
	QueryFilter         *json.RawMessage
	ScanFilter          *json.RawMessage
}

func (l legacy) refuse() error {
	for _, m := range []struct {
		name  string
		value *json.RawMessage
	}{
		{"AttributesToGet", l.AttributesToGet}, {"AttributeUpdates", l.AttributeUpdates},
		{"ConditionalOperator", l.ConditionalOperator}, {"Expected", l.Expected},
		{"KeyConditions", l.KeyConditions}, {"QueryFilter", l.QueryFilter}, {"ScanFilter", l.ScanFilter},
	} {
		if m.value != nil {
			return invalid("The sandbox does not support the legacy parameter %s: use an expression", m.name)
		}
	}
	return nil
}
