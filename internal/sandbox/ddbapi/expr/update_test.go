package expr_test

import (
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
)

func bindUpdate(t *testing.T, text, values string) (*expr.Update, error) {
	t.Helper()
	u, err := expr.ParseUpdate(text)
	if err != nil {
		return nil, err
	}
	return u.Bind(params(t, nil, values))
}

func TestUpdates(t *testing.T) {
	for _, tc := range []struct{ text, values, before, after string }{
		{"SET a = :v", `{":v": 1}`, `{"b": 2}`, `{"a": 1, "b": 2}`},
		{"set a = :v", `{":v": 1}`, `{"a": "old"}`, `{"a": 1}`},
		{"SET a = b", "", `{"b": 2}`, `{"a": 2, "b": 2}`},
		{"SET a = b, b = a", "", `{"a": 1, "b": 2}`, `{"a": 2, "b": 1}`}, // read before written
		{"SET a = a + :v", `{":v": 1}`, `{"a": 41}`, `{"a": 42}`},
		{"SET a = :v - a", `{":v": 1}`, `{"a": 41}`, `{"a": -40}`},
		{"SET a = (a) + (:v)", `{":v": 1}`, `{"a": 41}`, `{"a": 42}`},
		{"SET a = if_not_exists(a, :v)", `{":v": 1}`, `{}`, `{"a": 1}`},
		{"SET a = if_not_exists(a, :v)", `{":v": 1}`, `{"a": 2}`, `{"a": 2}`},
		{"SET a = if_not_exists(b, if_not_exists(c, :v))", `{":v": 1}`, `{"c": 3}`, `{"a": 3, "c": 3}`},
		{"SET a = if_not_exists(a, :v) + :v", `{":v": 1}`, `{}`, `{"a": 2}`},
		{"SET a = list_append(a, :v)", `{":v": [3]}`, `{"a": [1, 2]}`, `{"a": [1, 2, 3]}`},
		{"SET a = list_append(:v, a)", `{":v": [3]}`, `{"a": [1, 2]}`, `{"a": [3, 1, 2]}`},
		{"SET a = list_append(if_not_exists(a, :e), :v)", `{":v": [3], ":e": []}`, `{}`, `{"a": [3]}`},
		{"SET a.b = :v", `{":v": 1}`, `{"a": {"c": 2}}`, `{"a": {"b": 1, "c": 2}}`},
		{"SET a[1].b = :v", `{":v": 1}`, `{"a": [0, {}]}`, `{"a": [0, {"b": 1}]}`},
		{"SET a[1] = :v", `{":v": 9}`, `{"a": [1, 2, 3]}`, `{"a": [1, 9, 3]}`},
		{"SET a[7] = :v", `{":v": 9}`, `{"a": [1]}`, `{"a": [1, 9]}`},
		{"SET a[84] = :a, a[37] = :b, a[100] = :c", `{":a": 1, ":b": 2, ":c": 3}`, `{"a": [0]}`, `{"a": [0, 2, 1, 3]}`},

		{"REMOVE a", "", `{"a": 1, "b": 2}`, `{"b": 2}`},
		{"REMOVE a", "", `{"b": 2}`, `{"b": 2}`},
		{"REMOVE a.b", "", `{"a": {"b": 1}}`, `{"a": {}}`},
		{"REMOVE a.c", "", `{"a": {"b": 1}}`, `{"a": {"b": 1}}`},
		{"REMOVE a[0], a[2]", "", `{"a": [0, 1, 2, 3]}`, `{"a": [1, 3]}`},
		{"REMOVE a[2], a[10]", "", `{"a": [0, 1, 2]}`, `{"a": [0, 1]}`},
		{"REMOVE a[1] SET a[3] = :v", `{":v": 9}`, `{"a": [0, 1, 2, 3, 4]}`, `{"a": [0, 2, 9, 4]}`},
		{"REMOVE a SET b = a", "", `{"a": 1}`, `{"b": 1}`},

		{"ADD a :v", `{":v": 1}`, `{"a": 41}`, `{"a": 42}`},
		{"ADD a :v", `{":v": 1}`, `{}`, `{"a": 1}`},
		{"ADD a :v", `{":v": {"SS": ["b", "c"]}}`, `{"a": {"SS": ["a", "b"]}}`, `{"a": {"SS": ["a", "b", "c"]}}`},
		{"ADD a :v", `{":v": {"NS": ["10"]}}`, `{"a": {"NS": ["9"]}}`, `{"a": {"NS": ["9", "10"]}}`},
		{"ADD a.b :v", `{":v": 1}`, `{"a": {}}`, `{"a": {"b": 1}}`},
		{"DELETE a :v", `{":v": {"SS": ["b", "x"]}}`, `{"a": {"SS": ["a", "b"]}}`, `{"a": {"SS": ["a"]}}`},
		{"DELETE a :v", `{":v": {"SS": ["a", "b"]}}`, `{"a": {"SS": ["a", "b"]}}`, `{}`},
		{"DELETE a :v", `{":v": {"SS": ["a"]}}`, `{"b": 1}`, `{"b": 1}`},
		{"REMOVE d SET a = :n ADD b :n DELETE c :s", `{":n": 1, ":s": {"SS": ["x"]}}`,
			`{"b": 1, "c": {"SS": ["x", "y"]}, "d": 1}`, `{"a": 1, "b": 2, "c": {"SS": ["y"]}}`},
	} {
		u, err := bindUpdate(t, tc.text, tc.values)
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		before := doc(t, tc.before)
		after, err := u.Apply(before)
		if err != nil || !same(after, doc(t, tc.after)) {
			t.Errorf("%s on %s: %v, %v; want %s", tc.text, tc.before, after, err, tc.after)
		}
		if !same(before, doc(t, tc.before)) {
			t.Errorf("%s changed the item it was given: %v", tc.text, before)
		}
	}
}

func TestUpdatesThatDoNotFit(t *testing.T) {
	const (
		absent = "The provided expression refers to an attribute that does not exist in the item"
		typ    = "An operand in the update expression has an incorrect data type"
		path   = "The document path provided in the update expression is invalid for update"
	)
	for _, tc := range []struct{ text, values, before, want string }{
		{"SET a = b", "", `{}`, absent},
		{"SET a = a + :v", `{":v": 1}`, `{}`, absent},
		{"SET a = :v, b = a", `{":v": 1}`, `{}`, absent}, // read before written
		{"SET a = list_append(a, :v)", `{":v": []}`, `{}`, absent},
		{"SET a = a + :v", `{":v": 1}`, `{"a": "x"}`, typ},
		{"SET a = list_append(a, :v)", `{":v": []}`, `{"a": "x"}`, typ},
		{"SET a = list_append(:v, a)", `{":v": []}`, `{"a": 1}`, typ},
		{"ADD a :v", `{":v": 1}`, `{"a": "x"}`, typ},
		{"ADD a :v", `{":v": {"SS": ["x"]}}`, `{"a": {"NS": ["1"]}}`, typ},
		{"DELETE a :v", `{":v": {"SS": ["x"]}}`, `{"a": "x"}`, typ},
		{"SET a.b = :v", `{":v": 1}`, `{}`, path},
		{"SET a.b = :v", `{":v": 1}`, `{"a": "x"}`, path},
		{"SET a.b = :v", `{":v": 1}`, `{"a": []}`, path},
		{"SET a[0] = :v", `{":v": 1}`, `{"a": {}}`, path},
		{"SET a[5].b = :v", `{":v": 1}`, `{"a": []}`, path},
		{"REMOVE a.b", "", `{}`, path},
		{"REMOVE a[0]", "", `{"a": {}}`, path},
		{"ADD a.b :v", `{":v": 1}`, `{}`, path},
		{"SET a = a + :v", `{":v": 9e125}`, `{"a": 9e125}`,
			"Number overflow. Attempting to store a number with magnitude larger than supported range"},
	} {
		u, err := bindUpdate(t, tc.text, tc.values)
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		_, err = u.Apply(doc(t, tc.before))
		wantMessage(t, tc.text+" on "+tc.before, err, tc.want)
	}
}

func TestUpdateErrors(t *testing.T) {
	const (
		wrong   = "Incorrect operand type for operator or function; operator or function: "
		overlap = "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: "
	)
	for _, tc := range []struct{ text, values, want string }{
		{"", "", "The expression can not be empty;"},
		{"HELLO a = :v", "", `Syntax error; token: "HELLO", near: "HELLO a"`},
		{"SET a", "", `Syntax error; token: "<EOF>", near: "a"`},
		{"SET :a = :b", "", `Syntax error; token: ":a", near: "SET :a ="`},
		{"SET a = :b,", "", `Syntax error; token: "<EOF>", near: ","`},
		{"SET a = :b + :c + :d", "", `Syntax error; token: "+", near: ":c + :d"`},
		{"SET a = if_not_exists(a, :b + :c)", "", `Syntax error; token: "+", near: ":b + :c"`},
		{"ADD a b", "", `Syntax error; token: "b", near: "a b"`},
		{"REMOVE a = :v", "", `Syntax error; token: "=", near: "a = :v"`},
		{"SET a = f(b)", "", "Invalid function name; function: f"},
		{"SET a = size(b)", "", "The function is not allowed in an update expression; function: size"},
		{"SET a = LIST_APPEND(b, c)", "", "Invalid function name; function: LIST_APPEND"},
		{"SET a = :v SET b = :v", "", `The "SET" section can only be used once in an update expression;`},
		{"SET a = :v REMOVE b set c = :v", "", `The "SET" section can only be used once in an update expression;`},
		{"SET key = :v", "", "Attribute name is a reserved keyword; reserved keyword: key"},
		{"SET a = list_append(list_append(a, b), c)", "",
			"The function is not allowed to be used this way in an expression; function: list_append"},

		{"SET #a = :v", `{":v": 1}`,
			"An expression attribute name used in the document path is not defined; attribute name: #a"},
		{"SET a = :x", `{":v": 1}`,
			"An expression attribute value used in expression is not defined; attribute value: :x"},
		{"SET a = b + :x", `{":v": 1}`,
			"An expression attribute value used in expression is not defined; attribute value: :x"},
		{"SET a = list_append(b, :x)", `{":v": 1}`,
			"An expression attribute value used in expression is not defined; attribute value: :x"},
		{"SET a = :v REMOVE a", `{":v": 1}`, overlap + "[a], path two: [a]"},
		{"SET a = :v, a.b = :v", `{":v": 1}`, overlap + "[a], path two: [a, b]"},
		{"SET a[1][1] = :v, a[1] = :v", `{":v": 1}`, overlap + "[a, [1], [1]], path two: [a, [1]]"},
		{"SET a.b = :v, a[1] = :v", `{":v": 1}`,
			"Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, " +
				"b], path two: [a, [1]]"},
		{"SET a = list_append(b)", "",
			"Incorrect number of operands for operator or function; operator or function: list_append, number of " +
				"operands: 1"},
		{"SET a = if_not_exists(b, c, d)", "",
			"Incorrect number of operands for operator or function; operator or function: if_not_exists, number of " +
				"operands: 3"},
		{"SET a = if_not_exists(:v, :v)", `{":v": 1}`,
			"Operator or function requires a document path; operator or function: if_not_exists"},
		{"SET a = list_append(b, :v)", `{":v": "x"}`, wrong + "list_append, operand type: S"},
		{"SET a = b + :v", `{":v": "x"}`, wrong + "+, operand type: S"},
		{"SET a = :v - b", `{":v": [1]}`, wrong + "-, operand type: L"},
		{"SET a = list_append(b, c) + d", "", wrong + "+, operand type: L"},
		{"ADD a :v", `{":v": "x"}`,
			"Incorrect operand type for operator or function; operator: ADD, operand type: STRING"},
		{"ADD a :v", `{":v": [1]}`,
			"Incorrect operand type for operator or function; operator: ADD, operand type: LIST"},
		{"DELETE a :v", `{":v": 1}`,
			"Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER"},
	} {
		_, err := bindUpdate(t, tc.text, tc.values)
		wantMessage(t, tc.text+" with "+tc.values, err, "Invalid UpdateExpression: "+tc.want)
	}
}

func TestTouched(t *testing.T) {
	u, err := bindUpdate(t, "SET a.c[1] = :v, a.b = :v REMOVE d, x", `{":v": 1}`)
	if err != nil {
		t.Fatal(err)
	}
	item := doc(t, `{"a": {"b": "old", "c": [1, 2, 3], "other": 0}, "d": 4, "other": 0}`)
	if got, want := u.Touched(item), doc(t, `{"a": {"b": "old", "c": [2]}, "d": 4}`); !same(got, want) {
		t.Errorf("touched %v, want %v", got, want)
	}
	if got := u.Touched(attr.Item{}); len(got) != 0 {
		t.Errorf("touched %v of an empty item", got)
	}
}

func TestCreates(t *testing.T) {
	for text, want := range map[string]bool{"REMOVE a": false, "DELETE a :v": false, "REMOVE a ADD b :v": true,
		"SET b = :v": true} {
		values := ""
		if text != "REMOVE a" {
			values = `{":v": {"SS": ["x"]}}`
		}
		u, err := bindUpdate(t, text, values)
		if err != nil {
			t.Fatal(err)
		}
		if u.Creates() != want {
			t.Errorf("%s: creates %t", text, !want)
		}
	}
}
