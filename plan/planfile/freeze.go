package planfile

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

// list reads a list element by element; ok is false if n is none.
func (r *reader) list(name string, n ast.Node, hint string, each func(i int, n ast.Node)) (ok bool) {
	l, ok := n.(ast.ArrayNode)
	if !ok {
		r.refuse(nodeAt(n), hint, "%s is %s, not a list", name, kindOf(n))
		return false
	}
	i := 0
	for it := l.ArrayRange(); it.Next(); i++ {
		each(i, it.Value())
	}
	return true
}

const freezeHint = "{from: 2026-12-20, to: 2027-01-04, reason: year end}"

// freezeDoc is one entry of freeze.
type freezeDoc struct {
	from, to setting[time.Time]
	reason   setting[string]
}

func (d *freezeDoc) fields() []field {
	return []field{
		{name: "from", required: true, value: momentOf(&d.from), doc: "The first moment of the freeze."},
		{name: "to", required: true, value: momentOf(&d.to), doc: "The first moment after it."},
		{name: "reason", value: textOf(&d.reason, textRule{least: 1, most: 256, hint: "say why"}),
			doc: "Why; shown by status."},
	}
}

type freezeList struct{ into *setting[[]plan.Freeze] }

func (v freezeList) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[[]plan.Freeze]{at: nodeAt(n)}
	v.into.ok = r.list(name, n, "["+freezeHint+"]", func(i int, n ast.Node) {
		var d freezeDoc
		if r.mapping(n, fmt.Sprintf("%s[%d]", name, i), freezeHint, d.fields()) == nil {
			return
		}
		if d.from.ok && d.to.ok && !d.from.v.Before(d.to.v) {
			r.refuse(d.to.at, "to is the first moment after the freeze", "%s[%d] ends before it begins", name, i)
		}
		v.into.v = append(v.into.v, plan.Freeze{From: d.from.v, To: d.to.v, Reason: d.reason.v})
	})
}

func (v freezeList) schema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: objectSchema((&freezeDoc{}).fields(), true)}
}
