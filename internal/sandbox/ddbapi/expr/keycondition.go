package expr

import (
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// KeyTest is one condition of a key condition: on one key attribute, against
// values of the request.
type KeyTest struct {
	// Op is =, <, <=, >, >=, BETWEEN or begins_with.
	Op     string
	Values []attr.Value
}

// Match reports whether a key value meets the condition.
func (t KeyTest) Match(v attr.Value) bool {
	switch t.Op {
	case "BETWEEN":
		return ordered(">=", v, t.Values[0]) && ordered("<=", v, t.Values[1])
	case "begins_with":
		return v.BeginsWith(t.Values[0])
	case "=":
		return v.Equal(t.Values[0])
	}
	return ordered(t.Op, v, t.Values[0])
}

// KeyTests binds a key condition and takes it apart by attribute. Which
// attributes are keys, and of which types, is for the caller to check. It
// fails with an *Error.
func (c *Condition) KeyTests(p *Params) (map[string]KeyTest, error) {
	if _, err := c.Bind(p); err != nil {
		return nil, err
	}
	tests := map[string]KeyTest{}
	if err := c.collect(p, c.root, tests); err != nil {
		return nil, err
	}
	return tests, nil
}

func (c *Condition) collect(p *Params, n node, tests map[string]KeyTest) error {
	const invalidOperator = "Invalid operator used in KeyConditionExpression: "
	switch n := n.(type) {
	case andNode:
		if err := c.collect(p, n.left, tests); err != nil {
			return err
		}
		return c.collect(p, n.right, tests)
	case orNode:
		return &Error{invalidOperator + "OR"}
	case notNode:
		return &Error{invalidOperator + "NOT"}
	case inNode:
		return &Error{invalidOperator + "IN"}
	case betweenNode:
		return c.test(p, "BETWEEN", []operand{n.x, n.low, n.high}, tests)
	case callNode:
		if n.name != "begins_with" {
			return &Error{invalidOperator + n.name}
		}
		return c.test(p, n.name, n.args, tests)
	case compareNode:
		if n.op == "<>" {
			return &Error{invalidOperator + n.op}
		}
		if n.x.path == nil { // :v < key says key > :v
			n.x, n.y, n.op = n.y, n.x, strings.NewReplacer("<", ">", ">", "<").Replace(n.op)
		}
		return c.test(p, n.op, []operand{n.x, n.y}, tests)
	}
	return nil
}

// test adds the condition on the first operand, which must be an attribute;
// the others must be values.
func (c *Condition) test(p *Params, op string, operands []operand, tests map[string]KeyTest) error {
	const invalidCondition = "Invalid condition in KeyConditionExpression: "
	t := KeyTest{Op: op}
	attributes := 0
	for _, o := range operands {
		switch {
		case o.call != nil:
			return &Error{"KeyConditionExpressions cannot contain nested operations"}
		case o.path == nil:
			v, _ := o.constant(p)
			t.Values = append(t.Values, v)
		case len(o.path) > 1:
			return &Error{"KeyConditionExpressions cannot have conditions on nested attributes"}
		default:
			attributes++
		}
	}
	switch {
	case attributes == 0:
		return &Error{invalidCondition + "No key attribute specified"}
	case attributes > 1:
		return &Error{invalidCondition + "Multiple attribute names used in one condition"}
	case operands[0].path == nil:
		return &Error{invalidCondition + op + " operator must have the key attribute as its first operand"}
	}
	name, err := p.resolve(c.kind, operands[0].path)
	if err != nil {
		return err
	}
	if _, twice := tests[name[0].Name]; twice {
		return &Error{"KeyConditionExpressions must only contain one condition per key"}
	}
	tests[name[0].Name] = t
	return nil
}
