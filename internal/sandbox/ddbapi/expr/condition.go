package expr

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// Filter is a condition bound to a request.
type Filter struct {
	root   node
	params *Params
	paths  []Path
}

// Bind resolves the placeholders and checks the types of what is in the
// request itself. It fails with an *Error.
func (c *Condition) Bind(p *Params) (*Filter, error) {
	b := &binder{kind: c.kind, params: p}
	if err := c.root.bind(b); err != nil {
		return nil, err
	}
	return &Filter{c.root, p, b.paths}, nil
}

// Match reports whether an item meets the condition; a nil Filter takes all. An
// absent item is an empty one.
func (f *Filter) Match(item attr.Item) bool {
	return f == nil || f.root.match(f.params, item)
}

// Paths returns the document paths the condition reads.
func (f *Filter) Paths() []Path {
	if f == nil {
		return nil
	}
	return f.paths
}

// node is a condition: a tree of the types below.
type node interface {
	bind(*binder) error
	match(*Params, attr.Item) bool
}

type (
	orNode      struct{ left, right node }
	andNode     struct{ left, right node }
	notNode     struct{ inner node }
	compareNode struct {
		op   string
		x, y operand
	}
	betweenNode struct{ x, low, high operand }
	inNode      struct {
		x    operand
		list []operand
	}
	callNode struct{ *call }
)

func (n orNode) match(p *Params, item attr.Item) bool {
	return n.left.match(p, item) || n.right.match(p, item)
}

func (n andNode) match(p *Params, item attr.Item) bool {
	return n.left.match(p, item) && n.right.match(p, item)
}

func (n notNode) match(p *Params, item attr.Item) bool { return !n.inner.match(p, item) }

// What is missing equals nothing and differs from everything, also from
// something else that is missing; it has no order. Neither have unlike types.
func (n compareNode) match(p *Params, item attr.Item) bool {
	x, okX := p.eval(n.x, item)
	y, okY := p.eval(n.y, item)
	switch n.op {
	case "=":
		return okX && okY && x.Equal(y)
	case "<>":
		return !okX || !okY || !x.Equal(y)
	}
	return okX && okY && ordered(n.op, x, y)
}

func ordered(op string, x, y attr.Value) bool {
	c, ok := attr.Compare(x, y)
	if !ok {
		return false
	}
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func (n betweenNode) match(p *Params, item attr.Item) bool {
	return compareNode{">=", n.x, n.low}.match(p, item) && compareNode{"<=", n.x, n.high}.match(p, item)
}

func (n inNode) match(p *Params, item attr.Item) bool {
	for _, y := range n.list {
		if (compareNode{"=", n.x, y}).match(p, item) {
			return true
		}
	}
	return false
}

func (n callNode) match(p *Params, item attr.Item) bool {
	x, okX := p.eval(n.args[0], item)
	switch n.name {
	case "attribute_exists":
		return okX
	case "attribute_not_exists":
		return !okX
	}
	y, okY := p.eval(n.args[1], item)
	if !okX || !okY {
		return false
	}
	switch n.name {
	case "attribute_type":
		return string(x.Type()) == y.Text()
	case "begins_with":
		return x.BeginsWith(y)
	}
	return x.Contains(y)
}

// eval returns the value of an operand for an item, if it has one.
func (p *Params) eval(o operand, item attr.Item) (attr.Value, bool) {
	switch {
	case o.value != "":
		return o.constant(p)
	case o.call == nil:
		return p.get(o.path, item)
	}
	// Of the functions only size has a value: a number of elements, or of bytes.
	// (AWS documents the length of a string and does not say whether beyond
	// ASCII that is bytes or characters.)
	v, ok := p.eval(o.call.args[0], item)
	if !ok {
		return v, false
	}
	n, ok := v.Len()
	if !ok {
		return attr.Value{}, false
	}
	return attr.Int(n), true
}
