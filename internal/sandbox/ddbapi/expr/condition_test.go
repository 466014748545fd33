package expr_test

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
)

const sample = `{
	"s": "cat", "n": 7, "b": {"B": "Y2F0"}, "t": true, "z": null, "e": "",
	"l": ["x", 2, {"m": "deep"}], "m": {"a": 1, "b.c": "dotted"},
	"ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": ["YQ=="]}
}`

func match(t *testing.T, text, values string) (bool, error) {
	t.Helper()
	c, err := expr.ParseCondition(expr.KindCondition, text)
	if err != nil {
		return false, err
	}
	names := map[string]string{}
	for name, attribute := range map[string]string{"#n": "n", "#dot": "b.c", "#m": "m"} {
		if strings.Contains(text, name+" ") || strings.HasSuffix(text, name) || strings.Contains(text, name+".") ||
			strings.Contains(text, name+")") {
			names[name] = attribute
		}
	}
	if len(names) == 0 {
		names = nil
	}
	f, err := c.Bind(params(t, names, values))
	if err != nil {
		return false, err
	}
	return f.Match(doc(t, sample)), nil
}

func TestConditions(t *testing.T) {
	for _, tc := range []struct {
		text, values string
		want         bool
	}{
		{"s = :v", `{":v": "cat"}`, true},
		{"s = :v", `{":v": "dog"}`, false},
		{"n = :v", `{":v": 7.0}`, true},
		{"n = :v", `{":v": "7"}`, false},
		{"n <> :v", `{":v": "7"}`, true},
		{"n <> :v", `{":v": 7}`, false},
		{"#n = :v", `{":v": 7}`, true},
		{":v = n", `{":v": 7}`, true},
		{"ss = :v", `{":v": {"SS": ["b", "a"]}}`, true},
		{"l = :v", `{":v": ["x", 2, {"m": "deep"}]}`, true},
		{"absent = :v", `{":v": 7}`, false},
		{"absent <> :v", `{":v": 7}`, true},
		{"absent = nothing", "", false}, // nothing equals nothing else
		{"absent <> nothing", "", true},
		{"absent < nothing", "", false},

		{"n < :v", `{":v": 10}`, true}, // as numbers, not as text
		{"n < :v", `{":v": 7}`, false},
		{"n <= :v", `{":v": 7}`, true},
		{"n > :v", `{":v": 6}`, true},
		{"n > :v", `{":v": 7}`, false},
		{"n >= :v", `{":v": 7}`, true},
		{"s < :v", `{":v": "dog"}`, true},
		{"b < :v", `{":v": {"B": "ZG9n"}}`, true},
		{"s < :v", `{":v": 7}`, false},
		{"l < :v", `{":v": 7}`, false}, // a wrong type in the item is no error

		{"n BETWEEN :a AND :b", `{":a": 7, ":b": 7}`, true},
		{"n between :a and :b", `{":a": 8, ":b": 9}`, false},
		{"n BETWEEN :a AND :b", `{":a": 1, ":b": 6}`, false},
		{"absent BETWEEN :a AND :b", `{":a": 1, ":b": 6}`, false},
		{"n BETWEEN l AND :b", `{":b": 9}`, false},
		{"n IN (:a, :b)", `{":a": "7", ":b": 7}`, true},
		{"n in (:a)", `{":a": 8}`, false},
		{"absent IN (:a)", `{":a": 8}`, false},
		{"m IN (:a)", `{":a": {"a": 1, "b.c": "dotted"}}`, true},

		{"attribute_exists(s)", "", true},
		{"attribute_exists (absent)", "", false},
		{"attribute_exists(z)", "", true},
		{"attribute_not_exists(absent)", "", true},
		{"attribute_not_exists(s)", "", false},
		{"attribute_not_exists(m.b)", "", true}, // b.c is one name
		{"attribute_exists(#m.#dot)", "", true},
		{"attribute_type(n, :t)", `{":t": "N"}`, true},
		{"attribute_type(n, :t)", `{":t": "S"}`, false},
		{"attribute_type(z, :t)", `{":t": "NULL"}`, true},
		{"attribute_type(absent, :t)", `{":t": "NULL"}`, false},
		{"begins_with(s, :v)", `{":v": "ca"}`, true},
		{"begins_with(s, :v)", `{":v": "at"}`, false},
		{"begins_with(b, :v)", `{":v": {"B": "Y2E="}}`, true},
		{"begins_with(b, :v)", `{":v": "ca"}`, false},
		{"begins_with(n, :v)", `{":v": "7"}`, false},
		{"contains(s, :v)", `{":v": "at"}`, true},
		{"contains(s, :v)", `{":v": "og"}`, false},
		{"contains(ss, :v)", `{":v": "a"}`, true},
		{"contains(ss, :v)", `{":v": "ab"}`, false},
		{"contains(ns, :v)", `{":v": 1.0}`, true},
		{"contains(ns, :v)", `{":v": "1"}`, false},
		{"contains(bs, :v)", `{":v": {"B": "YQ=="}}`, true},
		{"contains(l, :v)", `{":v": 2}`, true},
		{"contains(l, :v)", `{":v": "2"}`, false},
		{"contains(n, :v)", `{":v": 7}`, false},
		{"size(s) = :v", `{":v": 3}`, true},
		{"size(e) = :v", `{":v": 0}`, true},
		{"size(l) > :v", `{":v": 2}`, true},
		{"size(m) = :v", `{":v": 2}`, true},
		{"size(ss) = :v", `{":v": 2}`, true},
		{"size(b) = :v", `{":v": 3}`, true},
		{"size(absent) < :v", `{":v": 99}`, false},
		{"size(n) < :v", `{":v": 99}`, false}, // a number has no size
		{"n > size(s)", "", true},

		{"l[0] = :v", `{":v": "x"}`, true},
		{"l[2].m = :v", `{":v": "deep"}`, true},
		{"l[3] = :v", `{":v": "x"}`, false},
		{"m.a = :v", `{":v": 1}`, true},
		{"s[0] = :v", `{":v": "c"}`, false},

		{"t = :t AND n = :v", `{":t": true, ":v": 7}`, true},
		{"t = :t AND n = :v", `{":t": true, ":v": 8}`, false},
		{"t = :t or n = :v", `{":t": false, ":v": 7}`, true},
		{"t = :t OR n = :v", `{":t": false, ":v": 8}`, false},
		{"NOT n = :v", `{":v": 8}`, true},
		{"NOT n = :v", `{":v": 7}`, false},
		{"NOT NOT n = :v", `{":v": 7}`, true},
		// AND binds tighter than OR, NOT tighter than both.
		{"n = :v OR n = :v AND n = :w", `{":v": 7, ":w": 8}`, true},
		{"(n = :v OR n = :v) AND n = :w", `{":v": 7, ":w": 8}`, false},
		{"NOT n = :w AND n = :w", `{":w": 8}`, false},
		{"NOT (n = :w AND n = :w)", `{":w": 8}`, true},
		{"(n) = (:v)", `{":v": 7}`, true},
		{"n BETWEEN :a AND :b AND s = :s", `{":a": 1, ":b": 9, ":s": "cat"}`, true},
		{"\tn\n=\r:v ", `{":v": 7}`, true},
	} {
		got, err := match(t, tc.text, tc.values)
		if err != nil || got != tc.want {
			t.Errorf("%s with %s: %t, %v; want %t", tc.text, tc.values, got, err, tc.want)
		}
	}
}

func TestConditionErrors(t *testing.T) {
	const wrong = "Incorrect operand type for operator or function; operator or function: "
	for _, tc := range []struct{ text, values, want string }{
		{"", "", "The expression can not be empty;"},
		{"n = ", "", `Syntax error; token: "<EOF>", near: "="`},
		{"n = = :v", "", `Syntax error; token: "=", near: "= = :v"`},
		{"n == :v", "", `Syntax error; token: "=", near: "== :v"`},
		{"n", "", `Syntax error; token: "<EOF>", near: "n"`},
		{":v", "", `Syntax error; token: "<EOF>", near: ":v"`},
		{"_n = :v", "", `Syntax error; token: "_", near: "_n"`},
		{"n = 7", "", `Syntax error; token: "7", near: "= 7"`},
		{"n-s = :v", "", `Syntax error; token: "-", near: "n-s"`},
		{"n = :v AND", "", `Syntax error; token: "<EOF>", near: "AND"`},
		{"n IN ()", "", `Syntax error; token: ")", near: "()"`},
		{"n BETWEEN :a", "", `Syntax error; token: "<EOF>", near: ":a"`},
		{"l[a] = :v", "", `Syntax error; token: "a", near: "[a]"`},
		{"l[99999999999] = :v", "", `Syntax error; token: "99999999999", near: "[99999999999]"`},
		{"(n = :v", "", `Syntax error; token: "<EOF>", near: ":v"`},
		{"n = :v)", "", `Syntax error; token: ")", near: ":v)"`},
		{"n = é", "", `Syntax error; token: "é", near: "= é"`},
		{"n = # ", "", `Syntax error; token: "#", near: "= #"`},
		{"(a = b) = c", "", `Syntax error; token: "=", near: ") = c"`},
		{"a = (b = c)", "", `Syntax error; token: "<EOF>", near: ")"`},

		{"((n = :v))", "", "The expression has redundant parentheses;"},
		{"((n)) = :v", "", "The expression has redundant parentheses;"},
		{"f(n) = :v", "", "Invalid function name; function: f"},
		{"SIZE(n) = :v", "", "Invalid function name; function: SIZE"},
		{"if_not_exists(n, :v)", "", "The function is not allowed in a condition expression; function: if_not_exists"},
		{"size(n)", "", "The function is not allowed to be used this way in an expression; function: size"},
		{"NOT size(n)", "", "The function is not allowed to be used this way in an expression; function: size"},
		{"contains(s, :v) = :v", "",
			"The function is not allowed to be used this way in an expression; function: contains"},
		{"n IN (attribute_exists(s))", "",
			"The function is not allowed to be used this way in an expression; function: attribute_exists"},
		{"size(contains(s, :v)) = :v", "",
			"The function is not allowed to be used this way in an expression; function: contains"},
		{"key = :v", "", "Attribute name is a reserved keyword; reserved keyword: key"},
		{"m.Item = :v", "", "Attribute name is a reserved keyword; reserved keyword: Item"},

		{"#x = :v", `{":v": 1}`,
			"An expression attribute name used in the document path is not defined; attribute name: #x"},
		{"n = :x", `{":v": 1}`, "An expression attribute value used in expression is not defined; attribute value: :x"},
		{"n = :x", "", "An expression attribute value used in expression is not defined; attribute value: :x"},
		{"attribute_exists(n, s)", "",
			"Incorrect number of operands for operator or function; operator or function: attribute_exists, number " +
				"of operands: 2"},
		{"contains(n)", "", "Incorrect number of operands for operator or function; operator or function: contains, " +
			"number of operands: 1"},
		{"attribute_exists(:v)", `{":v": 1}`,
			"Operator or function requires a document path; operator or function: attribute_exists"},
		{"attribute_not_exists(size(n))", "",
			"Operator or function requires a document path; operator or function: attribute_not_exists"},
		{"n = n", "", "The first operand must be distinct from the remaining operands for this operator or " +
			"function; operator: =, first operand: [n]"},
		{"l[0] < l[0]", "", "The first operand must be distinct from the remaining operands for this operator or " +
			"function; operator: <, first operand: [l, [0]]"},
		{"n = #n", "", "The first operand must be distinct from the remaining operands for this operator or " +
			"function; operator: =, first operand: [n]"},
		{"contains(s, s)", "", "The first operand must be distinct from the remaining operands for this operator or " +
			"function; operator: contains, first operand: [s]"},
		{"n < :v", `{":v": [1]}`, wrong + "<, operand type: L"},
		{":v >= n", `{":v": true}`, wrong + ">=, operand type: BOOL"},
		{"n BETWEEN :v AND :v", `{":v": {"NS": ["1"]}}`, wrong + "BETWEEN, operand type: NS"},
		{"begins_with(s, :v)", `{":v": 1}`, wrong + "begins_with, operand type: N"},
		{"begins_with(s, size(s))", "", wrong + "begins_with, operand type: N"},
		{"size(:v) = :v", `{":v": 1}`, wrong + "size, operand type: N"},
		{"attribute_type(n, :v)", `{":v": 1}`, wrong + "attribute_type, operand type: N"},
		{"attribute_type(n, s)", "", wrong + "attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"},
		{"attribute_type(n, :v)", `{":v": "string"}`,
			"Invalid attribute type name found; type: string, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
		{"n BETWEEN :a AND :b", `{":a": 2, ":b": 1}`,
			"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound " +
				"operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"},
		{"n BETWEEN :a AND :b", `{":a": 2, ":b": "x"}`,
			"The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: " +
				"AttributeValue: {N:2}, upper bound operand: AttributeValue: {S:x}"},
		{"n IN (" + strings.Repeat("s, ", 99) + "s)", "",
			"The IN operator is provided with too many operands; number of operands: 101"},
	} {
		_, err := match(t, tc.text, tc.values)
		wantMessage(t, tc.text+" with "+tc.values, err, "Invalid ConditionExpression: "+tc.want)
	}
	_, err := match(t, "n = "+strings.Repeat("n", 5000), "")
	wantMessage(t, "a long expression", err,
		"Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 5004")
}

// Only what decides the answer of AND and OR may be left out: faults in the
// rest are named.
func TestConditionChecksBothSides(t *testing.T) {
	for _, text := range []string{"s = :v OR n = :x", "s = :v AND n = :x", "NOT (s = :v OR n = :x)"} {
		_, err := match(t, text, `{":v": "cat"}`)
		wantMessage(t, text, err, "Invalid ConditionExpression: An expression attribute value used in expression is "+
			"not defined; attribute value: :x")
	}
}
