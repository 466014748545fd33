// Package attr knows DynamoDB's attribute values: their ten types, their JSON
// form, the decimal numbers, order, equality and size. It knows no table, no
// expression and no error code: what is wrong with a value it says as an
// *Invalid (AWS answers those as a ValidationException) or a *Malformed (a
// SerializationException).
package attr

import (
	"maps"
	"slices"
	"strings"
)

// Type is the name of a type as it stands in JSON.
type Type string

// The types of DynamoDB.
const (
	S    Type = "S"
	N    Type = "N"
	B    Type = "B"
	BOOL Type = "BOOL"
	NULL Type = "NULL"
	M    Type = "M"
	L    Type = "L"
	SS   Type = "SS"
	NS   Type = "NS"
	BS   Type = "BS"
)

// Scalar reports whether values of the type have an order and may be keys.
func (t Type) Scalar() bool { return t == S || t == N || t == B }

// Set reports whether the type is one of the three sets.
func (t Type) Set() bool { return t == SS || t == NS || t == BS }

// Value is one attribute value. It is immutable: nothing in this package
// changes one after it was made, so that items may share parts and a reader
// may keep what it was given. The zero Value stands for "no value" and has
// no type.
type Value struct {
	typ Type
	// text is an S as it is, an N in canonical form, and a B as raw bytes.
	text string
	// flag is a BOOL.
	flag bool
	// list is an L.
	list []Value
	// doc is an M.
	doc map[string]Value
	// set has the members of an SS, NS or BS, each as in text, sorted, without duplicates.
	set []string
}

// Item is one item. Items are replaced and never changed once stored.
type Item map[string]Value

// String, Number, List, Map and the like make values.
func String(s string) Value { return Value{typ: S, text: s} }

// Bytes makes a B.
func Bytes(b []byte) Value { return Value{typ: B, text: string(b)} }

// Bool makes a BOOL.
func Bool(b bool) Value { return Value{typ: BOOL, flag: b} }

// Null makes a NULL.
func Null() Value { return Value{typ: NULL} }

// List makes an L; it keeps the slice.
func List(vs ...Value) Value { return Value{typ: L, list: vs} }

// Map makes an M; it keeps the map.
func Map(m map[string]Value) Value { return Value{typ: M, doc: m} }

// Type of the value; empty for the zero Value.
func (v Value) Type() Type { return v.typ }

// Text of an S, the canonical decimal of an N, the raw bytes of a B.
func (v Value) Text() string { return v.text }

// Field of an M.
func (v Value) Field(name string) (Value, bool) {
	f, ok := v.doc[name]
	return f, ok
}

// Fields of an M; they are read, not changed.
func (v Value) Fields() map[string]Value { return v.doc }

// Element of an L.
func (v Value) Element(i int) (Value, bool) {
	if i < 0 || i >= len(v.list) {
		return Value{}, false
	}
	return v.list[i], true
}

// Len returns the number of elements of an L, M or set and the bytes of an S or B.
// Other types have none.
func (v Value) Len() (int, bool) {
	switch v.typ {
	case S, B:
		return len(v.text), true
	case L:
		return len(v.list), true
	case M:
		return len(v.doc), true
	case SS, NS, BS:
		return len(v.set), true
	}
	return 0, false
}

// WithField returns an M with one field set to f.
func (v Value) WithField(name string, f Value) Value {
	doc := maps.Clone(v.doc)
	if doc == nil {
		doc = map[string]Value{}
	}
	doc[name] = f
	return Value{typ: M, doc: doc}
}

// WithoutField returns an M without one field.
func (v Value) WithoutField(name string) Value {
	if _, ok := v.doc[name]; !ok {
		return v
	}
	doc := maps.Clone(v.doc)
	delete(doc, name)
	return Value{typ: M, doc: doc}
}

// WithElement returns an L with one element set; an index past the end appends.
func (v Value) WithElement(i int, e Value) Value {
	list := slices.Clone(v.list)
	if i < len(list) {
		list[i] = e
	} else {
		list = append(list, e)
	}
	return Value{typ: L, list: list}
}

// WithoutElement returns an L without one element; the later ones move up.
func (v Value) WithoutElement(i int) Value {
	if i >= len(v.list) {
		return v
	}
	return Value{typ: L, list: slices.Delete(slices.Clone(v.list), i, i+1)}
}

// Concat returns the L of the elements of both.
func (v Value) Concat(w Value) Value {
	return Value{typ: L, list: slices.Concat(v.list, w.list)}
}

// Union returns the set of the members of both sets, which are of one type.
func (v Value) Union(w Value) Value {
	return newSet(v.typ, slices.Concat(v.set, w.set))
}

// Minus returns the set without the members of w, and false when none is left:
// DynamoDB has no empty set.
func (v Value) Minus(w Value) (Value, bool) {
	rest := slices.DeleteFunc(slices.Clone(v.set), func(m string) bool {
		return slices.Contains(w.set, m)
	})
	return Value{typ: v.typ, set: rest}, len(rest) > 0
}

// newSet puts members in order and drops repeated ones. AWS keeps no order in
// a set; an order of its own makes answers and saved state repeatable.
func newSet(t Type, members []string) Value {
	order := strings.Compare
	if t == NS {
		order = func(a, b string) int { return parseCanonical(a).compare(parseCanonical(b)) }
	}
	members = slices.Clone(members)
	slices.SortFunc(members, order)
	return Value{typ: t, set: slices.Compact(members)}
}
