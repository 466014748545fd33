package expr

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
)

// FuzzUpdateOracle makes updates and wants the item after them to be what the
// oracle says, or a refusal where it refuses.
func FuzzUpdateOracle(f *testing.F) {
	addChoices(f)
	f.Fuzz(func(t *testing.T, choices []byte) {
		d := &dice{choices, sampleItem(), map[string]attr.Value{}}
		text, want := d.update()
		got, err := d.apply(text)
		if err != nil && want != nil {
			t.Fatalf("%s\n%v\nis refused: %v; the oracle says %v", text, d.values, err, want)
		}
		if err == nil && (want == nil || !attr.Map(got).Equal(attr.Map(toItem(want)))) {
			t.Fatalf("%s\n%v\ngives %v, the oracle says %v", text, d.values, got, want)
		}
	})
}

func (d *dice) apply(text string) (attr.Item, error) {
	u, err := ParseUpdate(text)
	if err != nil {
		return nil, err
	}
	bound, err := u.Bind(d.params(text))
	if err != nil {
		return nil, err
	}
	return bound.Apply(toItem(d.item))
}

// update returns a text with an action on each of some attributes, and the item
// after it; nil if it does not fit the item. Every action reads the item as it
// was.
func (d *dice) update() (string, map[string]any) {
	after, refused := maps.Clone(d.item), false
	clauses := map[string][]string{}
	attributes := []string{"a", "s", "n", "k", "#l", "#m", "q"}
	for range 1 + d.throw(4) {
		i := d.throw(len(attributes))
		target := attributes[i]
		attributes = slices.Delete(attributes, i, i+1)
		name := strings.TrimPrefix(target, "#")
		switch d.throw(5) {
		case 0:
			clauses["REMOVE"] = append(clauses["REMOVE"], target)
			delete(after, name)
		case 1:
			text, v := d.constant([]any{1, -20, "x"}[d.throw(3)])
			clauses["ADD"] = append(clauses["ADD"], target+" "+text)
			now, there := d.item[name]
			if !there {
				now = 0
			}
			after[name] = sum(now, v, 1)
			refused = refused || isAbsent(after[name])
		default:
			text, v := d.assigned()
			clauses["SET"] = append(clauses["SET"], target+" = "+text)
			after[name] = v
			refused = refused || isAbsent(v)
		}
	}
	var text []string
	for _, verb := range []string{"SET", "REMOVE", "ADD"} {
		if list := clauses[verb]; list != nil {
			text = append(text, verb+" "+strings.Join(list, ", "))
		}
	}
	if refused {
		return strings.Join(text, " "), nil
	}
	return strings.Join(text, " "), after
}

// assigned returns the right side of a SET; absent if it has no value.
func (d *dice) assigned() (string, any) {
	switch d.throw(5) {
	case 0:
		return d.path()
	case 1:
		p, x := d.path()
		c, y := d.constant(5)
		if isAbsent(x) {
			x = y
		}
		return "if_not_exists(" + p + ", " + c + ")", x
	case 2:
		p, x := d.path()
		c, y := d.constant([]any{1, 0, "x"}[d.throw(3)])
		if d.throw(2) == 1 {
			return p + " - " + c, sum(x, y, -1)
		}
		return c + " + " + p, sum(y, x, 1)
	case 3:
		p, x := d.path()
		c, y := d.constant([]any{"end"})
		list, ok := x.([]any)
		if !ok {
			return "list_append(" + p + ", " + c + ")", absent{}
		}
		return "list_append(" + p + ", " + c + ")", slices.Concat(list, y.([]any))
	}
	return d.constant([]any{"new", 0, nil}[d.throw(3)])
}

func sum(x, y any, sign int) any {
	a, okA := x.(int)
	b, okB := y.(int)
	if !okA || !okB {
		return absent{}
	}
	return a + sign*b
}
