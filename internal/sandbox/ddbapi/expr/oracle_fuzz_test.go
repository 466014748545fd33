package expr

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// The oracle knows what AWS's pages say of conditions and updates, and none of
// this package's code. It works on values of Go: string, int, bool, nil,
// []any, map[string]any.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html

// dice makes choices out of the fuzzer's bytes; when they are used up, the
// first of each.
type dice struct {
	bytes  []byte
	item   map[string]any
	values map[string]attr.Value
}

func (d *dice) throw(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % n
}

func sampleItem() map[string]any {
	return map[string]any{
		"a": "text", "s": "cat", "e": "", "n": 7, "k": -3, "t": true, "z": nil,
		"l": []any{map[string]any{"x": "deep"}, 2, []any{}},
		"m": map[string]any{"x": []any{1, true}, "y": map[string]any{}},
	}
}

// absent is the value of a path that leads nowhere.
type absent struct{}

// operand returns a path, a value of the request or a size: its text, and its value
// for the item.
func (d *dice) operand() (string, any) {
	switch d.throw(5) {
	case 0, 1:
		return d.path()
	case 2:
		text, v := d.path()
		return "size(" + text + ")", sizeOf(v)
	}
	return d.constant([]any{"cat", "c", "", 7, -3, 0, 2, 10, true, false, nil, []any{1, true},
		map[string]any{"x": "deep"}}[d.throw(13)])
}

func (d *dice) constant(v any) (string, any) {
	name := fmt.Sprintf(":v%d", len(d.values))
	d.values[name] = toAttr(v)
	return name, v
}

func (d *dice) path() (string, any) {
	paths := [...]struct {
		text string
		way  []any
	}{
		{"a", []any{"a"}}, {"s", []any{"s"}}, {"e", []any{"e"}}, {"n", []any{"n"}}, {"k", []any{"k"}},
		{"t", []any{"t"}}, {"z", []any{"z"}},
		{"#l", []any{"l"}}, {"#m", []any{"m"}}, {"q", []any{"q"}}, {"#l[0]", []any{"l", 0}},
		{"#l[0].x", []any{"l", 0, "x"}}, {"#l[1]", []any{"l", 1}},
		{"#l[9]", []any{"l", 9}}, {"#m.x", []any{"m", "x"}}, {"#m.x[1]", []any{"m", "x", 1}},
		{"#m.q.q", []any{"m", "q", "q"}}, {"a.x", []any{"a", "x"}}, {"#m[0]", []any{"m", 0}},
	}
	p := paths[d.throw(len(paths))]
	var v any = d.item
	for _, step := range p.way {
		v = child(v, step)
	}
	return p.text, v
}

func child(v, step any) any {
	switch v := v.(type) {
	case map[string]any:
		if name, ok := step.(string); ok {
			if inner, ok := v[name]; ok {
				return inner
			}
		}
	case []any:
		if i, ok := step.(int); ok && i < len(v) {
			return v[i]
		}
	}
	return absent{}
}

func sizeOf(v any) any {
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return absent{}
}

func isAbsent(v any) bool { _, is := v.(absent); return is }

func equal(x, y any) bool { return !isAbsent(x) && !isAbsent(y) && reflect.DeepEqual(x, y) }

// less reports whether x < y; ok reports whether they have an order.
func less(x, y any) (is, ok bool) {
	switch x := x.(type) {
	case int:
		y, ok := y.(int)
		return x < y, ok
	case string:
		y, ok := y.(string)
		return x < y, ok
	}
	return false, false
}

func holds(x any, op string, y any) bool {
	smaller, ok := less(x, y)
	larger, _ := less(y, x)
	switch op {
	case "=":
		return equal(x, y)
	case "<>":
		return !equal(x, y)
	case "<":
		return ok && smaller
	case "<=":
		return ok && !larger
	case ">":
		return ok && larger
	}
	return ok && !smaller
}

// How strongly conditions bind, from weak to strong; AWS: NOT before AND
// before OR.
const (
	ofOr = iota
	ofAnd
	ofNot
	ofTest
)

// condition returns a text, how strongly it binds and whether it is true.
func (d *dice) condition(depth int) (text string, binds int, is bool) {
	kind := d.throw(6)
	if depth == 0 || kind > 2 {
		text, is = d.test()
		return text, ofTest, is
	}
	if kind == 0 {
		inner, is := d.inside(depth, ofNot)
		return "NOT " + inner, ofNot, !is
	}
	words := [...]string{ofOr: "OR", ofAnd: "AND"}
	binds = kind - 1
	left, l := d.inside(depth, binds)
	right, r := d.inside(depth, binds)
	return left + " " + words[binds] + " " + right, binds, binds == ofOr && (l || r) || binds == ofAnd && l && r
}

// inside puts a condition in parentheses where it has to stand in them, and
// sometimes where not.
func (d *dice) inside(depth, binds int) (string, bool) {
	text, strength, is := d.condition(depth - 1)
	if strength < binds || d.throw(4) == 1 {
		text = "(" + text + ")"
	}
	return text, is
}

func (d *dice) test() (string, bool) {
	switch d.throw(9) {
	case 0:
		text, v := d.path()
		return "attribute_exists(" + text + ")", !isAbsent(v)
	case 1:
		text, v := d.path()
		return "attribute_not_exists (" + text + ")", isAbsent(v)
	case 2:
		p, x := d.path()
		c, y := d.constant([]any{"c", "cat", "te", ""}[d.throw(4)])
		whole, ok := x.(string)
		return "begins_with(" + p + ", " + c + ")", ok && strings.HasPrefix(whole, y.(string))
	case 3:
		p, x := d.path()
		c, y := d.constant([]any{"a", "deep", 2, true}[d.throw(4)])
		return "contains(" + p + ", " + c + ")", contains(x, y)
	case 4:
		p, x := d.path()
		name := []string{"S", "N", "BOOL", "NULL", "L", "M"}[d.throw(6)]
		c, _ := d.constant(name)
		return "attribute_type(" + p + ", " + c + ")", typeOf(x) == name
	case 5:
		x, vx := d.operand()
		low, vl := d.operand()
		high, vh := d.operand()
		return x + " BETWEEN " + low + " AND " + high, holds(vx, ">=", vl) && holds(vx, "<=", vh)
	case 6:
		x, v := d.operand()
		var list []string
		is := false
		for range 1 + d.throw(3) {
			y, w := d.operand()
			list, is = append(list, y), is || equal(v, w)
		}
		return x + " IN (" + strings.Join(list, ", ") + ")", is
	}
	x, vx := d.operand()
	op := []string{"=", "<>", "<", "<=", ">", ">="}[d.throw(6)]
	y, vy := d.operand()
	return x + " " + op + " " + y, holds(vx, op, vy)
}

func contains(x, y any) bool {
	switch x := x.(type) {
	case string:
		part, ok := y.(string)
		return ok && strings.Contains(x, part)
	case []any:
		return slices.ContainsFunc(x, func(e any) bool { return equal(e, y) })
	}
	return false
}

func typeOf(v any) string {
	switch v.(type) {
	case string:
		return "S"
	case int:
		return "N"
	case bool:
		return "BOOL"
	case nil:
		return "NULL"
	case []any:
		return "L"
	case map[string]any:
		return "M"
	}
	return ""
}

func toAttr(v any) attr.Value {
	switch v := v.(type) {
	case string:
		return attr.String(v)
	case int:
		return attr.Int(v)
	case bool:
		return attr.Bool(v)
	case []any:
		var list []attr.Value
		for _, e := range v {
			list = append(list, toAttr(e))
		}
		return attr.List(list...)
	case map[string]any:
		return attr.Map(toItem(v))
	}
	return attr.Null()
}

func toItem(m map[string]any) attr.Item {
	it := attr.Item{}
	for name, v := range m {
		it[name] = toAttr(v)
	}
	return it
}

func (d *dice) params(text string) *Params {
	names := map[string]string{}
	for _, name := range []string{"l", "m"} {
		if strings.Contains(text, "#"+name) {
			names["#"+name] = name
		}
	}
	return &Params{names, d.values, map[string]bool{}}
}

// addChoices gives the fuzzer, and every run of the tests, enough to meet each
// kind of expression.
func addChoices(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		choices := make([]byte, 8+random.IntN(40))
		for i := range choices {
			choices[i] = byte(random.IntN(256))
		}
		f.Add(choices)
	}
}

// FuzzConditionOracle makes conditions and wants Match to say of an item what
// the oracle says.
func FuzzConditionOracle(f *testing.F) {
	addChoices(f)
	f.Fuzz(func(t *testing.T, choices []byte) {
		d := &dice{choices, sampleItem(), map[string]attr.Value{}}
		text, _, want := d.condition(4)
		c, err := ParseCondition(KindCondition, text)
		if err != nil {
			t.Fatalf("%s does not parse: %v", text, err)
		}
		bound, err := c.Bind(d.params(text))
		if err != nil {
			return // it makes no sense for any item: BETWEEN bounds the wrong way round, x = x
		}
		if got := bound.Match(toItem(d.item)); got != want {
			t.Fatalf("%s\n%v\nis %t, the oracle says %t", text, d.values, got, want)
		}
	})
}
