package planfile

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

// What an argument of a process can be.
var (
	notBlank = plan.Pattern(`^[^\x00]*[^\x00\s][^\x00]*$`)
	noNUL    = plan.Pattern(`^[^\x00]*$`)
)

const commandHint = `a command as one string, or as a list of arguments such as [./ready.sh, "--quiet"]`

type commandValue struct{ into *setting[[]string] }

func (v commandValue) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[[]string]{at: nodeAt(n)}
	if _, isList := n.(ast.ArrayNode); !isList {
		var line setting[string]
		commandText(&line).read(r, name, n)
		v.into.v, v.into.ok = []string{"/bin/sh", "-c", line.v}, line.ok
		return
	}
	v.into.ok = r.list(name, n, commandHint, func(i int, n ast.Node) {
		var arg setting[string]
		argument := commandText(&arg)
		if i > 0 {
			argument = argumentText(&arg)
		}
		argument.read(r, fmt.Sprintf("%s[%d]", name, i), n)
		v.into.v = append(v.into.v, arg.v)
	})
}

func commandText(into *setting[string]) leaf[string] {
	return textOf(into, textRule{least: 1, most: 8192, form: notBlank, hint: commandHint})
}

func argumentText(into *setting[string]) leaf[string] {
	return textOf(into, textRule{most: 8192, form: noNUL, hint: commandHint})
}

func (v commandValue) schema() *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		commandText(nil).schema(),
		{Type: "array", Items: argumentText(nil).schema()},
	}}
}
