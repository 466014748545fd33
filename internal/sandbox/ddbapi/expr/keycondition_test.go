package expr_test

import (
	"testing"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/attr"
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi/expr"
)

func keyTests(t *testing.T, text, values string) (map[string]expr.KeyTest, error) {
	t.Helper()
	c, err := expr.ParseCondition(expr.KindKeyCondition, text)
	if err != nil {
		return nil, err
	}
	return c.KeyTests(params(t, nil, values))
}

func TestKeyConditions(t *testing.T) {
	for _, tc := range []struct{ condition, matches, not string }{
		{"r = :a", "b", "ba"},
		{"r < :a", "a", "b"},
		{"r <= :a", "b", "ba"},
		{"r > :a", "ba", "b"},
		{"r >= :a", "b", "a"},
		{":a < r", "c", "b"},
		{":a >= r", "b", "c"},
		{"r BETWEEN :a AND :z", "b", "a"},
		{"r BETWEEN :a AND :z", "d", "da"},
		{"begins_with(r, :a)", "bx", "a"},
	} {
		values := `{":h": "k", ":a": "b"}`
		if tc.condition == "r BETWEEN :a AND :z" {
			values = `{":h": "k", ":a": "b", ":z": "d"}`
		}
		tests, err := keyTests(t, "h = :h AND "+tc.condition, values)
		if err != nil {
			t.Errorf("%s: %v", tc.condition, err)
			continue
		}
		if !tests["h"].Match(attr.String("k")) || !tests["r"].Match(attr.String(tc.matches)) ||
			tests["r"].Match(attr.String(tc.not)) {
			t.Errorf("%s: %+v", tc.condition, tests)
		}
	}
}

func TestKeyConditionErrors(t *testing.T) {
	const invalid = "Invalid condition in KeyConditionExpression: "
	for text, want := range map[string]string{
		"h = :a OR r = :a":               "Invalid operator used in KeyConditionExpression: OR",
		"h = :a AND NOT r = :a":          "Invalid operator used in KeyConditionExpression: NOT",
		"h = :a AND r IN (:a)":           "Invalid operator used in KeyConditionExpression: IN",
		"h = :a AND r <> :a":             "Invalid operator used in KeyConditionExpression: <>",
		"h = :a AND contains(r, :a)":     "Invalid operator used in KeyConditionExpression: contains",
		"h = :a AND attribute_exists(r)": "Invalid operator used in KeyConditionExpression: attribute_exists",
		"h = :a AND size(r) = :a":        "KeyConditionExpressions cannot contain nested operations",
		"h.x = :a":                       "KeyConditionExpressions cannot have conditions on nested attributes",
		"h = :a AND h = :a":              "KeyConditionExpressions must only contain one condition per key",
		":a = :a":                        invalid + "No key attribute specified",
		"h = r":                          invalid + "Multiple attribute names used in one condition",
		"h = :a AND begins_with(:a, r)": invalid + "begins_with operator must have the key attribute as its " +
			"first operand",
		"h = :a AND :a BETWEEN r AND :a": invalid + "BETWEEN operator must have the key attribute as its " +
			"first operand",
		"h = ": `Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "="`,
		"h = :missing": "Invalid KeyConditionExpression: An expression attribute value used in " +
			"expression is not defined; attribute value: :missing",
		"h = :a AND begins_with(r, :one)": "Invalid KeyConditionExpression: An expression attribute value used in " +
			"expression is not defined; attribute value: :one",
	} {
		_, err := keyTests(t, text, `{":a": "a"}`)
		wantMessage(t, text, err, want)
	}
}
