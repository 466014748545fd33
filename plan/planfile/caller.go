package planfile

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

const callerHint = "the ARN of a role or a user, as in arn:aws:iam::111122223333:role/keyturn; * at the end only"

// callerList is the field expect_callers.
type callerList struct{ into *setting[[]string] }

func (v callerList) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[[]string]{at: nodeAt(n)}
	v.into.ok = r.list(name, n, "[arn:aws:iam::111122223333:role/keyturn]", func(i int, n ast.Node) {
		var arn setting[string]
		callerText(&arn).read(r, fmt.Sprintf("%s[%d]", name, i), n)
		v.into.v = append(v.into.v, arn.v)
	})
}

// callerText is who a plan expects. What could never match is refused: the mistake should
// show now, and not as a finding about everybody.
func callerText(into *setting[string]) leaf[string] {
	return textOf(into, textRule{least: 1, most: 2048, form: plan.PrincipalForm, hint: callerHint,
		also: func(s string) *fault {
			role := plan.PrincipalOf(s)
			switch {
			case role != s:
				return &fault{"is a session", "name its role: " + role}
			case strings.Contains(s, ":role/") && strings.HasSuffix(s, "/*") && strings.Count(s, "/") > 1:
				return &fault{"is a path", "the ARN of a role's session has no path: name the role, or the beginning " +
					"of its name and *"}
			}
			return nil
		}})
}

func (v callerList) schema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: callerText(nil).schema()}
}
