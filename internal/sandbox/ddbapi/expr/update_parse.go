package expr

// UpdateText is a parsed UpdateExpression.
type UpdateText struct{ actions []actionText }

// actionText is one action as written: SET path = value, REMOVE path, ADD path
// :v or DELETE path :v.
type actionText struct {
	// verb is SET, REMOVE, ADD or DELETE.
	verb string
	path path
	// value is the operand of SET, ADD and DELETE.
	value operand
	// sign is "+" or "-" if SET has a second value.
	sign  string
	other operand
}

// ParseUpdate reads an update expression. It fails with an *Error.
func ParseUpdate(text string) (*UpdateText, error) {
	if err := checkSize(KindUpdate, text); err != nil {
		return nil, err
	}
	p := &updateParser{parser: newParser(KindUpdate, text), seen: map[string]bool{}}
	for first := true; first || p.peek().kind != end; first = false {
		if err := p.section(); err != nil {
			return nil, err
		}
	}
	return &UpdateText{p.actions}, p.finish()
}

type updateParser struct {
	*parser
	seen    map[string]bool
	actions []actionText
}

// section: verb action ( "," action )*
func (p *updateParser) section() error {
	verb := ""
	for _, v := range []string{"SET", "REMOVE", "ADD", "DELETE"} {
		if p.takeKeyword(v) {
			verb = v
		}
	}
	if verb == "" {
		return p.syntax()
	}
	if p.seen[verb] {
		p.note(repeatedSection, "The %q section can only be used once in an update expression;", verb)
	}
	p.seen[verb] = true
	for {
		a, err := p.action(verb)
		if err != nil {
			return err
		}
		p.actions = append(p.actions, a)
		if !p.take(",") {
			return nil
		}
	}
}

func (p *updateParser) action(verb string) (actionText, error) {
	steps, err := p.path()
	a := actionText{verb: verb, path: steps}
	if err != nil || verb == "REMOVE" {
		return a, err
	}
	if verb == "SET" {
		if err := p.want("="); err != nil {
			return a, err
		}
		err := p.setValue(&a)
		return a, err
	}
	t := p.peek()
	if t.kind != valueRef {
		return a, p.syntax()
	}
	p.at++
	a.value = operand{value: t.text}
	return a, nil
}

// setValue: operand [ ("+" | "-") operand ]. There is no longer sum, and none
// inside a function: so it is at AWS.
func (p *updateParser) setValue(a *actionText) (err error) {
	if a.value, err = p.operand(); err != nil {
		return err
	}
	for _, s := range []string{"+", "-"} {
		if p.take(s) {
			a.sign = s
			a.other, err = p.operand()
			return err
		}
	}
	return nil
}

// operand: :value | function "(" operands ")" | path | "(" operand ")"
func (p *updateParser) operand() (operand, error) {
	if p.take("(") {
		o, err := p.operand()
		if err != nil {
			return o, err
		}
		return o, p.want(")")
	}
	t := p.peek()
	if t.kind == valueRef {
		p.at++
		return operand{value: t.text}, nil
	}
	if name, ok := p.callName(); ok {
		if !updateFunction(name) {
			p.unknownFunction(name)
		}
		args, err := p.arguments(p.argument)
		return operand{call: &call{name, args}}, err
	}
	steps, err := p.path()
	return operand{path: steps}, err
}

// argument returns an operand of a function. list_append cannot be one; that
// if_not_exists can has been measured.
func (p *updateParser) argument() (operand, error) {
	o, err := p.operand()
	if err == nil && o.call != nil && o.call.name == "list_append" {
		p.misuse(o.call.name)
	}
	return o, err
}
