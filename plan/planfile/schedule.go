package planfile

import (
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

const scheduleHint = `{every: 90d} or {cron: "0 3 1 * *"}`

// scheduleDoc is the mapping under schedule.
type scheduleDoc struct {
	every  setting[time.Duration]
	anchor setting[time.Time]
	cron   setting[string]
}

func (d *scheduleDoc) fields() []field {
	return []field{
		{name: "every", value: durationOf(&d.every, time.Minute),
			doc: "The length of a window; at least 1m."},
		{name: "anchor", value: momentOf(&d.anchor),
			doc: "A moment at which a window of every opens; the others lie before and after it. Default: when the " +
				"adopted version went live."},
		{name: "cron", value: cronOf(&d.cron),
			doc: "A window opens at each firing of this cron line: " + cronHint + "."},
	}
}

func cronOf(into *setting[string]) value {
	return leaf[string]{into, func(s scalar) (string, *fault) { return parseCron(s.text) },
		func() jsonschema.Schema { return jsonschema.Schema{Type: "string", Pattern: cronPattern} }, cronHint}
}

type scheduleValue struct{ into *setting[plan.Schedule] }

func (v scheduleValue) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[plan.Schedule]{at: nodeAt(n)}
	var d scheduleDoc
	if r.mapping(n, name, scheduleHint, d.fields()) == nil {
		return
	}
	switch {
	case d.every.written() && d.cron.written():
		r.refuse(d.cron.at, "leave one of them out", "%s has both every and cron", name)
	case d.cron.written() && d.anchor.written():
		r.refuse(d.anchor.at, "leave it out; the cron line itself says when", "%s has an anchor beside cron", name)
	case !d.every.written() && !d.cron.written():
		r.refuse(nodeAt(n), scheduleHint, "%s has neither every nor cron", name)
	default:
		v.into.v = plan.Schedule{Every: d.every.v, Anchor: d.anchor.v, Cron: d.cron.v}
		v.into.ok = (d.every.ok || d.cron.ok) && (d.anchor.ok || !d.anchor.written())
	}
}

func (v scheduleValue) schema() *jsonschema.Schema {
	s := objectSchema((&scheduleDoc{}).fields(), true)
	s.OneOf = []*jsonschema.Schema{
		{Required: []string{"every"}},
		{Required: []string{"cron"}, Not: &jsonschema.Schema{Required: []string{"anchor"}}},
	}
	return s
}
