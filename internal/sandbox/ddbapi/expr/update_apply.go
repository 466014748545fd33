package expr

import (
	"slices"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// Messages of AWS about an update that does not fit the item it meets.
const (
	noAttribute = "The provided expression refers to an attribute that does not exist in the item"
	wrongType   = "An operand in the update expression has an incorrect data type"
	badPath     = "The document path provided in the update expression is invalid for update"
)

// Apply returns the item after the update; the item itself stays as it is. All
// values are read before any is written, and list indexes count in the list as
// it was: REMOVE a[1] SET a[3] = :v writes what was the fourth element. It
// fails with an *Error.
func (u *Update) Apply(item attr.Item) (attr.Item, error) {
	if u == nil {
		return item, nil
	}
	doc := attr.Map(item)
	var writes []write
	var removals []Path
	for _, a := range u.actions {
		if err := a.reachable(doc); err != nil {
			return nil, err
		}
		v, keep, err := u.result(a, item)
		switch {
		case err != nil:
			return nil, err
		case keep:
			writes = append(writes, write{a.target, v})
		default:
			removals = append(removals, a.target)
		}
	}
	// In the order of their indexes, elements past the end of a list are
	// appended as AWS says; from the last to the first, removals do not move
	// what is still to be removed.
	slices.SortFunc(writes, func(x, y write) int { return x.target.compare(y.target) })
	slices.SortFunc(removals, func(x, y Path) int { return y.compare(x) })
	for _, w := range writes {
		doc = w.target.set(doc, w.value)
	}
	for _, target := range removals {
		doc = target.remove(doc)
	}
	return doc.Fields(), nil
}

type write struct {
	target Path
	value  attr.Value
}

// reachable requires everything above the target to exist and to have its type.
func (a action) reachable(doc attr.Value) error {
	last := len(a.target) - 1
	parent, ok := a.target[:last].get(doc)
	if !ok || !a.target[last].fits(parent) {
		return &Error{badPath}
	}
	return nil
}

// result returns the value the action leaves at its target, or keep false if it
// leaves none.
func (u *Update) result(a action, item attr.Item) (v attr.Value, keep bool, err error) {
	old, exists := a.target.get(attr.Map(item))
	switch a.verb {
	case "REMOVE":
		return attr.Value{}, false, nil
	case "SET":
		v, err = u.setValue(a, item)
		return v, true, err
	}
	operand, _ := a.value.constant(u.params)
	switch {
	case exists && old.Type() != operand.Type():
		return v, false, &Error{wrongType}
	case a.verb == "DELETE":
		v, keep = old.Minus(operand)
		return v, keep, nil
	case !exists:
		return operand, true, nil
	case operand.Type() == attr.N:
		v, err = add(old, operand)
		return v, true, err
	}
	return old.Union(operand), true, nil
}

func (u *Update) setValue(a action, item attr.Item) (attr.Value, error) {
	x, err := u.eval(a.value, item)
	if err != nil || a.sign == "" {
		return x, err
	}
	y, err := u.eval(a.other, item)
	if err != nil {
		return y, err
	}
	if x.Type() != attr.N || y.Type() != attr.N {
		return x, &Error{wrongType}
	}
	if a.sign == "+" {
		return add(x, y)
	}
	return asError(x.Subtract(y))
}

func add(x, y attr.Value) (attr.Value, error) { return asError(x.Add(y)) }

func asError(v attr.Value, err error) (attr.Value, error) {
	if err != nil {
		return v, &Error{err.Error()}
	}
	return v, nil
}

func (u *Update) eval(o operand, item attr.Item) (attr.Value, error) {
	if o.call == nil {
		v, ok := u.params.eval(o, item)
		if !ok {
			return v, &Error{noAttribute}
		}
		return v, nil
	}
	first, second := o.call.args[0], o.call.args[1]
	if o.call.name == "if_not_exists" {
		if v, ok := u.params.eval(first, item); ok {
			return v, nil
		}
		return u.eval(second, item)
	}
	x, err := u.eval(first, item)
	if err != nil {
		return x, err
	}
	y, err := u.eval(second, item)
	if err != nil {
		return y, err
	}
	if x.Type() != attr.L || y.Type() != attr.L {
		return x, &Error{wrongType}
	}
	return x.Concat(y), nil
}
