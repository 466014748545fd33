package expr

// Condition is a parsed ConditionExpression, FilterExpression or
// KeyConditionExpression.
type Condition struct {
	kind Kind
	root node
}

// ParseCondition reads a condition. It fails with an *Error.
func ParseCondition(kind Kind, text string) (*Condition, error) {
	if err := checkSize(kind, text); err != nil {
		return nil, err
	}
	p := &conditionParser{newParser(kind, text)}
	t, err := p.or()
	if err != nil {
		return nil, err
	}
	root, err := p.condition(t)
	if err != nil {
		return nil, err
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return &Condition{kind, root}, nil
}

type conditionParser struct{ *parser }

// term is what stands between operators: a condition, or an operand that may
// become part of one. Which of them an opening parenthesis starts shows only
// later, so both are read by the same rules.
type term struct {
	cond node
	op   operand
	// parens says that the condition is in parentheses.
	parens bool
}

// condition requires a term that is true or false.
func (p *conditionParser) condition(t term) (node, error) {
	switch {
	case t.cond != nil:
		return t.cond, nil
	case t.op.call == nil:
		return nil, p.syntax()
	case t.op.call.name == "size":
		p.misuse("size")
	}
	return callNode{t.op.call}, nil
}

// value requires a term that has a value. Of the functions only size has one.
func (p *conditionParser) value(t term) (operand, error) {
	if t.cond != nil {
		return operand{}, p.syntax()
	}
	if t.op.call != nil && t.op.call.name != "size" {
		p.misuse(t.op.call.name)
	}
	return t.op, nil
}

// or: and ( OR and )*
func (p *conditionParser) or() (term, error) {
	return p.chain("OR", p.and, func(l, r node) node { return orNode{l, r} })
}

// and: not ( AND not )*
func (p *conditionParser) and() (term, error) {
	return p.chain("AND", p.not, func(l, r node) node { return andNode{l, r} })
}

func (p *conditionParser) chain(keyword string, part func() (term, error), join func(l, r node) node) (term, error) {
	left, err := part()
	for err == nil && p.keyword(keyword) {
		var l, r node
		var right term
		if l, err = p.condition(left); err != nil {
			break
		}
		p.takeKeyword(keyword)
		if right, err = part(); err != nil {
			break
		}
		if r, err = p.condition(right); err != nil {
			break
		}
		left = term{cond: join(l, r)}
	}
	return left, err
}

// not: NOT not | comparison
func (p *conditionParser) not() (term, error) {
	if !p.takeKeyword("NOT") {
		return p.comparison()
	}
	t, err := p.not()
	if err != nil {
		return t, err
	}
	inner, err := p.condition(t)
	return term{cond: notNode{inner}}, err
}

// comparison: primary [ comparator primary | BETWEEN primary AND primary | IN "(" primaries ")" ]
func (p *conditionParser) comparison() (term, error) {
	left, err := p.primary()
	if err != nil {
		return left, err
	}
	if op := p.peek(); op.kind == sign && comparator(op.text) {
		x, err := p.value(left)
		if err != nil {
			return left, err
		}
		p.at++
		y, err := p.operand()
		return term{cond: compareNode{op.text, x, y}}, err
	}
	switch {
	case p.keyword("BETWEEN"):
		x, err := p.value(left)
		if err != nil {
			return left, err
		}
		p.at++
		return p.between(x)
	case p.keyword("IN"):
		x, err := p.value(left)
		if err != nil {
			return left, err
		}
		p.at++
		return p.in(x)
	}
	return left, nil
}

func (p *conditionParser) between(x operand) (term, error) {
	low, err := p.operand()
	if err != nil {
		return term{}, err
	}
	if err := p.wantKeyword("AND"); err != nil {
		return term{}, err
	}
	high, err := p.operand()
	return term{cond: betweenNode{x, low, high}}, err
}

func (p *conditionParser) in(x operand) (term, error) {
	list, err := p.arguments(p.operand)
	return term{cond: inNode{x, list}}, err
}

// operand returns a primary that must have a value.
func (p *conditionParser) operand() (operand, error) {
	t, err := p.primary()
	if err != nil {
		return t.op, err
	}
	return p.value(t)
}

// primary: "(" or ")" | :value | function "(" operands ")" | path
func (p *conditionParser) primary() (term, error) {
	if p.take("(") {
		t, err := p.or()
		if err != nil {
			return t, err
		}
		if t.parens {
			p.note(redundantParens, "The expression has redundant parentheses;")
		}
		t.parens = true
		return t, p.want(")")
	}
	for _, k := range []string{"AND", "OR", "NOT", "BETWEEN", "IN"} {
		if p.keyword(k) {
			return term{}, p.syntax()
		}
	}
	t := p.peek()
	if t.kind == valueRef {
		p.at++
		return term{op: operand{value: t.text}}, nil
	}
	if name, ok := p.callName(); ok {
		args, err := p.arguments(p.operand)
		if _, known := conditionArity(name); !known {
			p.unknownFunction(name)
		}
		return term{op: operand{call: &call{name, args}}}, err
	}
	steps, err := p.path()
	return term{op: operand{path: steps}}, err
}
