package expr

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// FuzzExpression reads a text as every kind of expression: nothing panics, and
// what parses can be bound and applied to items without a panic. Each
// placeholder in the text stands for something, so that most of what parses
// also binds.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		"a = :s AND (b BETWEEN :n AND :m OR NOT size(l) IN (:n, :m))",
		"attribute_not_exists(#key) or begins_with(s, :s) and contains(l[0].x, :b)",
		"attribute_type(m.#x[2], :S)",
		"SET a = if_not_exists(a, :n) + :m, l[7] = list_append(l, :l) REMOVE m.x, l[0] ADD n :n DELETE t :t",
		"a, m.x, l[2], l[0].#y",
		"h = :s and r >= :s", "((a = :s))", "<EOF> # : \xff", "a[99999999999999999999]",
	} {
		f.Add(seed)
	}
	item := attr.Item{
		"a": attr.String("text"), "s": attr.String("cat"), "n": attr.Int(7), "b": attr.Bytes([]byte("x")),
		"z": attr.Null(),
		"m": attr.Map(map[string]attr.Value{"x": attr.List(attr.Int(1), attr.Bool(true)), "y": attr.Map(nil)}),
		"l": attr.List(attr.Map(map[string]attr.Value{"x": attr.String("deep")}), attr.Int(2), attr.List()),
	}
	f.Fuzz(func(t *testing.T, text string) {
		names, values := placeholders(text)
		for _, it := range []attr.Item{item, {}, nil} {
			p := &Params{names, values, map[string]bool{}}
			_ = p.Unused()
			for _, kind := range []Kind{KindCondition, KindKeyCondition} {
				if c, err := ParseCondition(kind, text); err == nil {
					if bound, err := c.Bind(p); err == nil {
						bound.Match(it)
					}
					if tests, err := c.KeyTests(p); err == nil {
						for _, test := range tests {
							test.Match(attr.String("x"))
						}
					}
				}
			}
			if u, err := ParseUpdate(text); err == nil {
				if bound, err := u.Bind(p); err == nil {
					size := it.Size()
					after, _ := bound.Apply(it)
					bound.Touched(after)
					if it.Size() != size {
						t.Errorf("%q changed the item it was given", text)
					}
				}
			}
			if pr, err := ParseProjection(text); err == nil {
				if bound, err := pr.Bind(p); err == nil {
					bound.Apply(it)
				}
			}
		}
	})
}

// placeholders gives every placeholder of a text a meaning, given by its name.
func placeholders(text string) (map[string]string, map[string]attr.Value) {
	names, values := map[string]string{}, map[string]attr.Value{}
	for _, t := range lex(text) {
		switch t.kind {
		case nameRef:
			names[t.text] = t.text[1:]
		case valueRef:
			values[t.text] = meaning(t.text[1:])
		}
	}
	return names, values
}

func meaning(name string) attr.Value {
	switch first := name[:1]; first {
	case "n":
		return attr.Int(len(name))
	case "m":
		return attr.Int(-1)
	case "l":
		return attr.List(attr.Int(1))
	case "b":
		return attr.Bytes([]byte(name))
	case "t":
		one := attr.Value{}
		_ = one.UnmarshalJSON([]byte(`{"SS": ["x"]}`))
		return one
	case "S":
		return attr.String("S")
	default:
		return attr.String(strings.ToLower(name))
	}
}
