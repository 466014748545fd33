package expr_test

import (
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
)

func TestProjections(t *testing.T) {
	const item = `{"a": 1, "m": {"x": 1, "y": {"z": 2}}, "l": [0, {"p": 1, "q": 2}, 2, 3], "b.c": 5}`
	for text, want := range map[string]string{
		"a":                  `{"a": 1}`,
		"a, nothing":         `{"a": 1}`,
		"nothing, m.nothing": `{}`,
		"m.x":                `{"m": {"x": 1}}`,
		"m.x, m.y.z":         `{"m": {"x": 1, "y": {"z": 2}}}`,
		"l[3], l[0]":         `{"l": [0, 3]}`,
		"l[1].q, l[1].p":     `{"l": [{"p": 1, "q": 2}]}`,
		"l[9]":               `{}`,
		"a.x, a[0]":          `conflict`,
		"#n":                 `{"b.c": 5}`,
	} {
		pr, err := expr.ParseProjection(text)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := pr.Bind(params(t, map[string]string{"#n": "b.c"}, ""))
		if want == "conflict" {
			wantMessage(t, text, err,
				"Invalid ProjectionExpression: Two document paths conflict with each other; must remove or rewrite "+
					"one of these paths; path one: [a, x], path two: [a, [0]]")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := bound.Apply(doc(t, item)); !same(got, doc(t, want)) {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

func TestProjectionErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":    "The expression can not be empty;",
		"a,":  `Syntax error; token: "<EOF>", near: ","`,
		"a b": `Syntax error; token: "b", near: "a b"`,
		"key": "Attribute name is a reserved keyword; reserved keyword: key",
		"#x":  "An expression attribute name used in the document path is not defined; attribute name: #x",
		"a, a": "Two document paths overlap with each other; must remove or rewrite one of these paths; path " +
			"one: [a], path two: [a]",
		"a.b.c, a": "Two document paths overlap with each other; must remove or rewrite one of these paths; path " +
			"one: [a, b, c], path two: [a]",
	} {
		pr, err := expr.ParseProjection(text)
		if err == nil {
			_, err = pr.Bind(params(t, nil, ""))
		}
		wantMessage(t, text, err, "Invalid ProjectionExpression: "+want)
	}
}

func TestNoProjectionIsTheItem(t *testing.T) {
	var none *expr.Projection
	if got := none.Apply(attr.Item{"a": attr.Int(1)}); len(got) != 1 {
		t.Errorf("%v", got)
	}
}
