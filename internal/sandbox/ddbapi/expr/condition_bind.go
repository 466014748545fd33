package expr

import "github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"

// binder carries what the checks of one condition need and find. The checks go
// through the condition from left to right and stop at the first error.
type binder struct {
	kind   Kind
	params *Params
	paths  []Path
}

func comparator(sign string) bool {
	switch sign {
	case "=", "<>", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// conditionArity returns the number of operands of a function of conditions.
func conditionArity(name string) (n int, known bool) {
	switch name {
	case "attribute_exists", "attribute_not_exists", "size":
		return 1, true
	case "attribute_type", "begins_with", "contains":
		return 2, true
	}
	return 0, false
}

func (n orNode) bind(b *binder) error  { return b.both(n.left, n.right) }
func (n andNode) bind(b *binder) error { return b.both(n.left, n.right) }
func (n notNode) bind(b *binder) error { return n.inner.bind(b) }

func (b *binder) both(left, right node) error {
	if err := left.bind(b); err != nil {
		return err
	}
	return right.bind(b)
}

func (n compareNode) bind(b *binder) error {
	if err := b.operands(n.x, n.y); err != nil {
		return err
	}
	if err := b.distinct(n.op, n.x, n.y); err != nil {
		return err
	}
	if n.op == "=" || n.op == "<>" {
		return nil
	}
	return b.scalars(n.op, n.x, n.y)
}

func (n betweenNode) bind(b *binder) error {
	if err := b.operands(n.x, n.low, n.high); err != nil {
		return err
	}
	if err := b.scalars("BETWEEN", n.x, n.low, n.high); err != nil {
		return err
	}
	low, okLow := n.low.constant(b.params)
	high, okHigh := n.high.constant(b.params)
	if !okLow || !okHigh {
		return nil
	}
	const text = "The BETWEEN operator requires %s; lower bound operand: AttributeValue: %s, upper bound operand: " +
		"AttributeValue: %s"
	switch order, ok := attr.Compare(low, high); {
	case !ok:
		return b.kind.invalid(text, "same data type for lower and upper bounds", short(low), short(high))
	case order > 0:
		return b.kind.invalid(text, "upper bound to be greater than or equal to lower bound", short(low), short(high))
	}
	return nil
}

func short(v attr.Value) string { return "{" + string(v.Type()) + ":" + v.Text() + "}" }

// maxIn is how many operands IN takes with the one before it.
const maxIn = 100

func (n inNode) bind(b *binder) error {
	if count := 1 + len(n.list); count > maxIn {
		return b.kind.invalid("The IN operator is provided with too many operands; number of operands: %d", count)
	}
	return b.operands(append([]operand{n.x}, n.list...)...)
}

func (n callNode) bind(b *binder) error { return b.call(n.call) }

// operands resolves operands and checks the functions among them.
func (b *binder) operands(list ...operand) error {
	for _, o := range list {
		switch {
		case o.value != "":
			if err := b.params.useValue(b.kind, o.value); err != nil {
				return err
			}
		case o.call != nil:
			if err := b.call(o.call); err != nil {
				return err
			}
		default:
			resolved, err := b.params.resolve(b.kind, o.path)
			if err != nil {
				return err
			}
			b.paths = append(b.paths, resolved)
		}
	}
	return nil
}

// call checks the operands of a function; its name is a known one.
func (b *binder) call(c *call) error {
	if err := b.operands(c.args...); err != nil {
		return err
	}
	if want, _ := conditionArity(c.name); len(c.args) != want {
		return b.kind.wrongCount(c)
	}
	switch c.name {
	case "attribute_exists", "attribute_not_exists":
		if c.args[0].path == nil {
			return b.kind.wantsPath(c.name)
		}
	case "size":
		if v, ok := c.args[0].constant(b.params); ok {
			if _, sized := v.Len(); !sized {
				return b.kind.wrongType(c.name, string(v.Type()))
			}
		}
	case "attribute_type":
		return b.typeName(c)
	case "begins_with":
		if err := b.distinct(c.name, c.args[0], c.args[1]); err != nil {
			return err
		}
		for _, a := range c.args {
			if t := b.typeOf(a); t != "" && t != attr.S && t != attr.B {
				return b.kind.wrongType(c.name, string(t))
			}
		}
	case "contains":
		return b.distinct(c.name, c.args[0], c.args[1])
	}
	return nil
}

func (b *binder) typeName(c *call) error {
	v, ok := c.args[1].constant(b.params)
	if !ok {
		return b.kind.wrongType(c.name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
	}
	if v.Type() != attr.S {
		return b.kind.wrongType(c.name, string(v.Type()))
	}
	switch attr.Type(v.Text()) {
	case attr.S, attr.N, attr.B, attr.BOOL, attr.NULL, attr.M, attr.L, attr.SS, attr.NS, attr.BS:
		return nil
	}
	return b.kind.invalid("Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
		v.Text())
}

// typeOf returns the type of an operand if the request alone shows it.
func (b *binder) typeOf(o operand) attr.Type {
	if o.call != nil {
		return attr.N // size
	}
	v, _ := o.constant(b.params)
	return v.Type()
}

// scalars refuses operands without an order.
func (b *binder) scalars(operator string, list ...operand) error {
	for _, o := range list {
		if t := b.typeOf(o); t != "" && !t.Scalar() {
			return b.kind.wrongType(operator, string(t))
		}
	}
	return nil
}

// distinct refuses an attribute that is compared with itself.
func (b *binder) distinct(operator string, x, y operand) error {
	if x.path == nil || y.path == nil {
		return nil
	}
	p, err := b.params.resolve(b.kind, x.path)
	if err != nil {
		return err
	}
	q, err := b.params.resolve(b.kind, y.path)
	if err != nil {
		return err
	}
	if p.compare(q) == 0 {
		return b.kind.invalid("The first operand must be distinct from the remaining operands for this operator or "+
			"function; operator: %s, first operand: %s", operator, p)
	}
	return nil
}

func (k Kind) wrongType(name, typ string) error {
	return k.invalid("Incorrect operand type for operator or function; operator or function: %s, operand type: %s",
		name, typ)
}

func (k Kind) wrongCount(c *call) error {
	return k.invalid("Incorrect number of operands for operator or function; operator or function: %s, number of "+
		"operands: %d", c.name, len(c.args))
}

func (k Kind) wantsPath(name string) error {
	return k.invalid("Operator or function requires a document path; operator or function: %s", name)
}
