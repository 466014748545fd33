package attr

import (
	"maps"
	"slices"
	"strings"
)

// Equal reports whether two values have the same type and content. Numbers are
// equal by value, sets in any order.
func (v Value) Equal(w Value) bool {
	return v.typ == w.typ && v.text == w.text && v.flag == w.flag &&
		slices.Equal(v.set, w.set) &&
		slices.EqualFunc(v.list, w.list, Value.Equal) &&
		maps.EqualFunc(v.doc, w.doc, Value.Equal)
}

// Compare orders two values; ok is false when they have no order: unlike types
// or one that is not a scalar. Strings order by their UTF-8 bytes, binary by
// unsigned bytes (AWS: "Query", sort key order).
func Compare(v, w Value) (order int, ok bool) {
	if v.typ != w.typ || !v.typ.Scalar() {
		return 0, false
	}
	if v.typ == N {
		return parseCanonical(v.text).compare(parseCanonical(w.text)), true
	}
	return strings.Compare(v.text, w.text), true
}

// BeginsWith reports whether both are S or both B and v starts with w.
func (v Value) BeginsWith(w Value) bool {
	return v.typ == w.typ && (v.typ == S || v.typ == B) && strings.HasPrefix(v.text, w.text)
}

// Contains reports whether w is a part of the S or B v, a member of the set v or
// an element of the list v.
func (v Value) Contains(w Value) bool {
	switch v.typ {
	case S, B:
		return w.typ == v.typ && strings.Contains(v.text, w.text)
	case SS, NS, BS:
		return w.typ == v.typ[:1] && slices.Contains(v.set, w.text)
	case L:
		return slices.ContainsFunc(v.list, w.Equal)
	}
	return false
}
