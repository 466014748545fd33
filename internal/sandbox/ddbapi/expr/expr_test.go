package expr_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
)

// doc reads an item, or the values of a request, from shorthand JSON: numbers
// are N, strings S, and so on; sets are written as AWS does, {"SS": […]}.
func doc(t testing.TB, text string) attr.Item {
	t.Helper()
	if text == "" {
		return nil
	}
	var raw map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&raw); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	item := attr.Item{}
	for name, v := range raw {
		item[name] = value(t, v)
	}
	return item
}

func value(t testing.TB, v any) attr.Value {
	t.Helper()
	switch v := v.(type) {
	case string:
		return attr.String(v)
	case json.Number:
		n, err := attr.Number(v.String())
		if err != nil {
			t.Fatal(err)
		}
		return n
	case bool:
		return attr.Bool(v)
	case nil:
		return attr.Null()
	case []any:
		list := make([]attr.Value, len(v))
		for i := range v {
			list[i] = value(t, v[i])
		}
		return attr.List(list...)
	}
	m := v.(map[string]any)
	for _, set := range []string{"SS", "NS", "BS", "B"} {
		if _, ok := m[set]; ok && len(m) == 1 {
			text, _ := json.Marshal(m)
			var s attr.Value
			if err := json.Unmarshal(text, &s); err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	fields := map[string]attr.Value{}
	for name, f := range m {
		fields[name] = value(t, f)
	}
	return attr.Map(fields)
}

func params(t testing.TB, names map[string]string, values string) *expr.Params {
	t.Helper()
	p, err := expr.NewParams(names, doc(t, values))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantMessage requires an *expr.Error with exactly this text.
func wantMessage(t testing.TB, what string, err error, message string) {
	t.Helper()
	bad, ok := err.(*expr.Error)
	if !ok || bad.Message != message {
		t.Errorf("%s\n  is   %v\n  want %s", what, err, message)
	}
}

func same(a, b attr.Item) bool { return attr.Map(a).Equal(attr.Map(b)) }

func TestParams(t *testing.T) {
	for _, tc := range []struct {
		names  map[string]string
		values map[string]attr.Value
		want   string
	}{
		{map[string]string{}, nil, "ExpressionAttributeNames must not be empty"},
		{nil, map[string]attr.Value{}, "ExpressionAttributeValues must not be empty"},
		{map[string]string{"a": "b"}, nil, `ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`},
		{map[string]string{"#": "b"}, nil, `ExpressionAttributeNames contains invalid key: Syntax error; key: "#"`},
		{map[string]string{"#a-b": "b"}, nil,
			`ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"`},
		{nil, map[string]attr.Value{"#v": attr.Int(1)},
			`ExpressionAttributeValues contains invalid key: Syntax error; key: "#v"`},
	} {
		_, err := expr.NewParams(tc.names, tc.values)
		wantMessage(t, "params", err, tc.want)
	}
}

func TestUnused(t *testing.T) {
	p := params(t, map[string]string{"#a": "a", "#c": "c", "#b": "b"}, `{":v": 1, ":w": 2}`)
	c, err := expr.ParseCondition(expr.KindCondition, "#a = :v")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Bind(p); err != nil {
		t.Fatal(err)
	}
	wantMessage(t, "unused names", p.Unused(),
		"Value provided in ExpressionAttributeNames unused in expressions: keys: {#b, #c}")
	u, err := expr.ParseUpdate("SET #c = #b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Bind(p); err != nil {
		t.Fatal(err)
	}
	wantMessage(t, "unused values", p.Unused(),
		"Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}")
}

func TestReserved(t *testing.T) {
	for word, want := range map[string]bool{
		"key": true, "KEY": true, "Key": true, "item": true, "record": true, "abort": true, "zone": true, "ttl": true,
		"rev": false, "lease": false, "keys of": false, "KEY ITEM": false, "": false,
	} {
		if got := expr.Reserved(word); got != want {
			t.Errorf("Reserved(%q) = %t", word, got)
		}
	}
}

// What was parsed once is not parsed again, and not forever either.
func TestCache(t *testing.T) {
	var cache expr.Cache
	one, err := cache.Condition(expr.KindCondition, "a = b")
	if err != nil {
		t.Fatal(err)
	}
	two, _ := cache.Condition(expr.KindCondition, "a = b")
	other, _ := cache.Condition(expr.KindFilter, "a = b")
	if one != two || one == other {
		t.Error("the cache mixes up or forgets expressions")
	}
	for i := range 2000 {
		if _, err := cache.Condition(expr.KindCondition, "a = b"+strings.Repeat("b", i)); err != nil {
			t.Fatal(err)
		}
	}
	if again, _ := cache.Condition(expr.KindCondition, "a = b"); again == one {
		t.Error("the cache has no bound")
	}
	if _, err := cache.Update("SET"); err == nil {
		t.Error("no error")
	}
}
