package plan

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxFile is far above any plan (a thousand keys are 100 kB) and keeps a
// wrong path from being parsed for minutes.
const maxFile = 1 << 20

const smallest = "the smallest plan has region, schedule, drain and keys: [{alias: alias/orders-data}]"

// ParseFile reads and checks a plan. name is what errors call the file, and
// its base without extension is the plan's default name. The error is
// Problems: everything that is wrong, in one go, in the file's order. (Only
// what is no YAML at all is reported by itself.)
//
// YAML aliases work for the value of a field; merge keys, tags and several
// documents in one file are refused.
func ParseFile(name string, data []byte) (*Plan, error) {
	r := &reader{file: name}
	p := r.plan(name, data)
	if len(r.problems) > 0 {
		return nil, r.sorted()
	}
	return p, nil
}

func (r *reader) plan(name string, data []byte) *Plan {
	body := r.document(data)
	if body == nil {
		return nil
	}
	var top planDoc
	presets(top.fields())
	if r.mapping(body, "the plan", smallest, top.fields()) == nil {
		return nil
	}
	entries := r.keys(&top)
	r.require(&top, nodeAt(body), entries)
	r.distinct(entries)
	periods := map[Schedule]time.Duration{} // keys share schedules, and a cron's takes a while
	for i := range entries {
		s := entries[i].terms.schedule
		if _, ok := periods[s.v]; s.ok && !ok {
			periods[s.v] = s.v.ShortestPeriod()
		}
		r.check(&entries[i], periods[s.v])
	}
	out := &Plan{
		Version: top.version.v, Name: top.name.v,
		Region: top.terms.region.v, Account: top.terms.account.v, Table: top.terms.table.v,
	}
	if !top.name.ok {
		base := path.Base(strings.ReplaceAll(name, `\`, "/"))
		out.Name = cmp.Or(strings.Trim(strings.TrimSuffix(base, path.Ext(base)), "."), "plan")
	}
	for _, e := range entries {
		out.Keys = append(out.Keys, e.policy())
	}
	return out
}

// policy is the entry once it is checked.
func (e *keyEntry) policy() Policy {
	t := &e.terms
	p := Policy{
		Name: e.keyName(), Alias: e.alias.v,
		Region: t.region.v, Account: t.account.v, Table: t.table.v,
		Schedule: t.schedule.v, StartWithin: t.startWithin.v.d, MinInterval: t.minInterval.v,
		Freeze: slices.Clone(t.freeze.v), Drain: t.drain.v, Retire: t.retire.v, MaxDraining: t.maxDraining.v,
		Prepublish: t.prepublish.v, BeforeSwitch: slices.Clone(t.beforeSwitch.v),
		Probe: t.probe.v, MaxAttempts: t.maxAttempts.v,
		Spec: e.spec.v, Usage: e.usage.v, PolicyPath: e.keyDoc.policy.v, Tags: e.tags.v,
	}
	if e.description.ok {
		p.Description = &e.description.v
	}
	return p
}

// document is the tree of the file's one document, or nil with the problem
// noted.
func (r *reader) document(data []byte) ast.Node {
	start := pos{1, 1}
	if len(data) > maxFile {
		r.refuse(start, "is it the right file?", "the file has %d bytes; a plan has at most %d", len(data), maxFile)
		return nil
	}
	if !utf8.Valid(data) {
		r.refuse(start, "save it as UTF-8", "the file is not UTF-8 text")
		return nil
	}
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	// Repeated keys are let through here, to be reported with everything else.
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err, data)
		return nil
	}
	var body ast.Node
	documents := 0
	for _, d := range tree.Docs {
		if _, isDirective := d.Body.(*ast.DirectiveNode); isDirective {
			continue
		}
		if documents++; documents > 1 {
			r.refuse(posOf(d.Start), "one plan is one document: make it two files", "the file has several YAML documents")
			return nil
		}
		body = d.Body
	}
	if body == nil || body.Type() == ast.NullType {
		r.refuse(start, smallest, "the plan is empty")
		return nil
	}
	r.collectAnchors(body)
	return body
}

// syntax notes what the YAML library says. Its errors carry the token at which
// it gave up; there is no more than one.
func (r *reader) syntax(err error, data []byte) {
	at, message := pos{1, 1}, err.Error()
	if e, ok := err.(interface {
		GetToken() *token.Token
		GetMessage() string
	}); ok {
		at, message = posOf(e.GetToken()), e.GetMessage()
	}
	hint := ""
	if lines := strings.Split(string(data), "\n"); at.line <= len(lines) && strings.ContainsAny(lines[at.line-1], "*&!%@`") {
		hint = `quote a value with * & ! % @ or a backquote, as in cron: "0 3 1 * *"`
	}
	r.refuse(at, hint, "this is not YAML: %s", message)
}
