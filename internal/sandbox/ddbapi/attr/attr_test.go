package attr

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestNumberIsNormal(t *testing.T) {
	for in, want := range map[string]string{
		"7": "7", "+7": "7", "007": "7", "7.50": "7.5", ".5": "0.5", "5.": "5", "-0.10": "-0.1",
		"0": "0", "-0.00": "0", "0e1000": "0", "0e99999999999": "0",
		"1e3": "1000", "1.5E3": "1500", "15e-1": "1.5", "-17.4E2": "-1740", "1e+2": "100",
		"1e-3":                         "0.001",
		"1e125":                        "1" + strings.Repeat("0", 125),
		"1e-130":                       "0." + strings.Repeat("0", 129) + "1",
		strings.Repeat("9", 38):        strings.Repeat("9", 38),
		strings.Repeat("9", 38) + "00": strings.Repeat("9", 38) + "00",
	} {
		v, err := Number(in)
		if err != nil || v.Text() != want {
			t.Errorf("Number(%q) = %q, %v; want %q", in, v.Text(), err, want)
		}
	}
}

func TestNumberIsRefused(t *testing.T) {
	for in, want := range map[string]string{
		"": notNumeric, "NaN": notNumeric, "Infinity": notNumeric, " 1": notNumeric, "1 ": notNumeric,
		"--1": notNumeric, "+": notNumeric, ".": notNumeric, "1e": notNumeric, "1e+": notNumeric,
		"1e5e5": notNumeric, "1e+-5": notNumeric, "0x10": notNumeric, "1_000": notNumeric, "１": notNumeric,
		"1e126": overflow, "11e125": overflow, "-1e126": overflow, "1e99999999999": overflow,
		"1e-131": underflow, "0.9e-130": underflow, "1e-99999999999": underflow,
		strings.Repeat("9", 39): tooManyDigs,
	} {
		v, err := Number(in)
		var invalid *Invalid
		if !errors.As(err, &invalid) || !strings.HasPrefix(invalid.Message, want) {
			t.Errorf("Number(%q) = %q, %v; want %q", in, v.Text(), err, want)
		}
	}
}

func n(t *testing.T, text string) Value {
	t.Helper()
	v, err := Number(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestArithmetic(t *testing.T) {
	for _, tc := range []struct{ x, y, sum, difference string }{
		{"1", "2", "3", "-1"},
		{"0.1", "0.2", "0.3", "-0.1"},
		{"1", "10000000000000000000000", "10000000000000000000001", "-9999999999999999999999"},
		{"-5", "5", "0", "-10"},
		{"99.5", "0.5", "100", "99"},
		{"9e125", "9e125", overflow, "0"},
		{"1e50", "1", overflow, overflow}, // 51 digits; AWS's word for it
	} {
		check := func(op string, v Value, err error, want string) {
			got := v.Text()
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%s %s %s = %s, want %s", tc.x, op, tc.y, got, want)
			}
		}
		v, err := n(t, tc.x).Add(n(t, tc.y))
		check("+", v, err, tc.sum)
		v, err = n(t, tc.x).Subtract(n(t, tc.y))
		check("-", v, err, tc.difference)
	}
}

func TestNumbersCompareByValue(t *testing.T) {
	ascending := []string{"-1e10", "-100", "-99.9", "-1.2", "-1.1", "-0.5", "0", "1e-130", "0.5", "1.1", "1.12", "1.2",
		"2", "10", "99.9", "100", "1e10"}
	for i, x := range ascending {
		for j, y := range ascending {
			c, ok := Compare(n(t, x), n(t, y))
			if want := i - j; !ok || (c < 0) != (want < 0) || (c > 0) != (want > 0) {
				t.Errorf("Compare(%s, %s) = %d, %t", x, y, c, ok)
			}
		}
	}
}

func TestNoOrderBetweenTypes(t *testing.T) {
	for _, pair := range [][2]Value{{String("1"), Int(1)}, {Bool(true), Bool(true)}, {List(), List()},
		{Value{}, Value{}}} {
		if _, ok := Compare(pair[0], pair[1]); ok {
			t.Errorf("%v and %v have an order", pair[0], pair[1])
		}
	}
	if c, ok := Compare(String("B"), String("a")); !ok || c >= 0 {
		t.Errorf("B and a do not order by bytes: %d, %t", c, ok)
	}
}

func TestJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"S":""}`:               `{"S":""}`,
		`{"N":"1.0"}`:            `{"N":"1"}`,
		`{"B":"AAE="}`:           `{"B":"AAE="}`,
		`{"BOOL":false}`:         `{"BOOL":false}`,
		`{"NULL":true}`:          `{"NULL":true}`,
		`{"L":[]}`:               `{"L":[]}`,
		`{"M":{}}`:               `{"M":{}}`,
		`{"SS":["b","a"]}`:       `{"SS":["a","b"]}`,
		`{"NS":["10","9","-1"]}`: `{"NS":["-1","9","10"]}`,
		`{"BS":["Yg==","YQ=="]}`: `{"BS":["YQ==","Yg=="]}`,
		`{"M":{"a":{"L":[{"N":"07"},{"S":"x"}]}}}`: `{"M":{"a":{"L":[{"N":"7"},{"S":"x"}]}}}`,
		`{"S":"x","N":null,"Z":"unknown"}`:         `{"S":"x"}`,
	} {
		var v Value
		if err := json.Unmarshal([]byte(in), &v); err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if out, err := json.Marshal(v); err != nil || string(out) != want {
			t.Errorf("%s became %s, %v; want %s", in, out, err, want)
		}
	}
}

func TestInvalidJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{}`:                      "Supplied AttributeValue is empty",
		`{"Z":"x"}`:               "Supplied AttributeValue is empty",
		`{"S":"a","N":"1"}`:       "more than one datatypes",
		`{"NULL":false}`:          "Null attribute value types must have the value of true",
		`{"SS":[]}`:               "An string set  may not be empty",
		`{"NS":[]}`:               "An number set  may not be empty",
		`{"BS":[]}`:               "Binary sets should not be empty",
		`{"SS":[""]}`:             "may not have a empty string as a member",
		`{"BS":[""]}`:             "may not contain null or empty values",
		`{"SS":["a","a"]}`:        "[a, a] contains duplicates.",
		`{"NS":["1","1.0"]}`:      "Input collection contains duplicates",
		`{"BS":["YQ==","YQ=="]}`:  "of type BS contains duplicates.",
		`{"L":[{"SS":[]}]}`:       "An string set  may not be empty",
		`{"M":{"a":{"N":"dog"}}}`: "cannot be converted to a numeric value: dog",
	} {
		var v Value
		var invalid *Invalid
		if err := json.Unmarshal([]byte(in), &v); !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
	for _, in := range []string{`"x"`, `{"N":123}`, `{"S":7}`, `{"B":"?"}`, `{"BOOL":"true"}`, `{"L":{}}`, `{"M":[]}`,
		`{"SS":"a"}`} {
		var v Value
		var malformed *Malformed
		if err := json.Unmarshal([]byte(in), &v); !errors.As(err, &malformed) {
			t.Errorf("%s: %v, want it malformed", in, err)
		}
	}
}

func TestSize(t *testing.T) {
	for _, tc := range []struct {
		item Item
		want int
	}{
		{Item{}, 0},
		{Item{"a": String("héé")}, 1 + 5},
		{Item{"ab": Bool(true)}, 2 + 1},
		{Item{"a": Int(7)}, 1 + 2},
		{Item{"a": Int(-7)}, 1 + 3},
		{Item{"a": List(Null())}, 1 + 3 + 1 + 1},
		{Item{"a": Map(map[string]Value{"bc": Bool(true)})}, 1 + 3 + 1 + 2 + 1},
	} {
		if got := tc.item.Size(); got != tc.want {
			t.Errorf("%v: %d bytes, want %d", tc.item, got, tc.want)
		}
	}
}

// What a value was made of and what was made of it stay apart.
func TestValuesDoNotChange(t *testing.T) {
	list, doc := List(Int(1), Int(2)), Map(map[string]Value{"a": Int(1)})
	list.WithElement(0, Int(9))
	list.WithElement(7, Int(9))
	list.WithoutElement(0)
	list.Concat(list)
	doc.WithField("a", Int(9))
	doc.WithoutField("a")
	if !list.Equal(List(Int(1), Int(2))) || !doc.Equal(Map(map[string]Value{"a": Int(1)})) {
		t.Errorf("changed: %v %v", list, doc)
	}
}

func TestDepth(t *testing.T) {
	v := Int(1)
	for want := range 5 {
		if got := v.Depth(); got != want {
			t.Errorf("%v: depth %d, want %d", v, got, want)
		}
		v = List(v)
	}
	if got := Map(nil).Depth(); got != 1 {
		t.Errorf("an empty map: depth %d, want 1", got)
	}
}

// Texts are written as encoding/json writes them, whatever is in them.
func TestTextsInJSON(t *testing.T) {
	for _, s := range []string{"", "plain", `"`, `\`, "\x00\n\x7f", "é", "\xff", "<&>", "a\u2028b", "😀"} {
		want, err := json.Marshal(map[string]string{"S": s})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(String(s)); err != nil || string(got) != string(want) {
			t.Errorf("%q: %s, want %s: %v", s, got, want, err)
		}
		if _, err := json.Marshal(Map(map[string]Value{s: {}})); err == nil {
			t.Errorf("%q: a value without a type was written", s)
		}
	}
}
