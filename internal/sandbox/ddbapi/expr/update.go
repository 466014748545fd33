package expr

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// Update is an update expression bound to a request.
type Update struct {
	actions []action
	params  *Params
}

type action struct {
	actionText
	target Path
}

// Bind resolves the placeholders, refuses targets that overlap and checks the
// types of what is in the request itself. It fails with an *Error.
func (t *UpdateText) Bind(p *Params) (*Update, error) {
	u := &Update{params: p}
	var targets []Path
	for _, a := range t.actions {
		target, err := p.resolve(KindUpdate, a.path)
		if err != nil {
			return nil, err
		}
		for _, o := range []operand{a.value, a.other} {
			if err := p.useAll(o); err != nil {
				return nil, err
			}
		}
		u.actions = append(u.actions, action{a, target})
		targets = append(targets, target)
	}
	if err := checkDisjoint(KindUpdate, targets); err != nil {
		return nil, err
	}
	for _, a := range u.actions {
		if err := a.check(p); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// useAll resolves the placeholders of an operand and of those inside it.
func (p *Params) useAll(o operand) error {
	if o.value != "" {
		return p.useValue(KindUpdate, o.value)
	}
	if o.call != nil {
		for _, a := range o.call.args {
			if err := p.useAll(a); err != nil {
				return err
			}
		}
	}
	_, err := p.resolve(KindUpdate, o.path)
	return err
}

// Targets returns the document paths the update writes.
func (u *Update) Targets() []Path {
	if u == nil {
		return nil
	}
	targets := make([]Path, len(u.actions))
	for i, a := range u.actions {
		targets[i] = a.target
	}
	return targets
}

// Touched picks the written paths out of an item: what UPDATED_OLD and
// UPDATED_NEW return. Like AWS it looks for them as they were written, also
// where a removal has moved the elements of a list.
func (u *Update) Touched(item attr.Item) attr.Item {
	if u == nil {
		return nil
	}
	return newProjection(u.Targets()).Apply(item)
}

// Creates reports whether the update makes an item where there is none: only SET
// and ADD do. A nil Update does (an UpdateItem without expression).
func (u *Update) Creates() bool {
	if u == nil {
		return true
	}
	for _, a := range u.actions {
		if a.verb == "SET" || a.verb == "ADD" {
			return true
		}
	}
	return false
}

// check refuses operands whose type is wrong as the request alone shows.
func (a action) check(p *Params) error {
	switch a.verb {
	case "ADD", "DELETE":
		v, _ := a.value.constant(p)
		if !v.Type().Set() && (a.verb == "DELETE" || v.Type() != attr.N) {
			return KindUpdate.invalid("Incorrect operand type for operator or function; operator: %s, operand type: %s",
				a.verb, longName(v.Type()))
		}
	case "SET":
		operands := []operand{a.value}
		if a.sign != "" {
			operands = append(operands, a.other)
		}
		for _, o := range operands {
			if err := checkCalls(p, o); err != nil {
				return err
			}
		}
		if a.sign != "" {
			return wantType(p, a.sign, attr.N, operands)
		}
	}
	return nil
}

// updateFunction reports whether there is a function of this name for SET. Both
// take two operands.
func updateFunction(name string) bool { return name == "if_not_exists" || name == "list_append" }

func checkCalls(p *Params, o operand) error {
	if o.call == nil {
		return nil
	}
	for _, arg := range o.call.args {
		if err := checkCalls(p, arg); err != nil {
			return err
		}
	}
	if len(o.call.args) != 2 {
		return KindUpdate.wrongCount(o.call)
	}
	if o.call.name == "list_append" {
		return wantType(p, o.call.name, attr.L, o.call.args)
	}
	if o.call.args[0].path == nil {
		return KindUpdate.wantsPath(o.call.name)
	}
	return nil
}

func wantType(p *Params, name string, want attr.Type, operands []operand) error {
	for _, o := range operands {
		v, ok := o.constant(p)
		if o.call != nil && o.call.name == "list_append" {
			v, ok = attr.List(), true
		}
		if ok && v.Type() != want {
			return KindUpdate.wrongType(name, string(v.Type()))
		}
	}
	return nil
}

// longName returns how AWS names types in messages about ADD and DELETE.
func longName(t attr.Type) string {
	switch t {
	case attr.S:
		return "STRING"
	case attr.N:
		return "NUMBER"
	case attr.B:
		return "BINARY"
	case attr.BOOL:
		return "BOOLEAN"
	case attr.L:
		return "LIST"
	case attr.M:
		return "MAP"
	}
	return string(t)
}
