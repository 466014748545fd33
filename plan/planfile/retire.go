package planfile

import (
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

// defaultDeleteAfter is Retire.DeleteAfter for plans in which it has no effect: a
// plan that deletes must state its own.
const defaultDeleteAfter = 30 * plan.Day

// retireDoc is the mapping under retire.
type retireDoc struct {
	action           setting[string]
	unlessUsedWithin setting[orOff]
	deleteAfter      setting[time.Duration]
	deletionWindow   setting[time.Duration]
}

func (d *retireDoc) fields() []field {
	return []field{
		{name: "action", required: true, value: actionOf(&d.action),
			doc: "keep: it stays enabled. disable: it is disabled. delete: it is disabled, and deleted later."},
		{name: "unless_used_within", preset: "7d", value: durationOrOff(&d.unlessUsedWithin, time.Second),
			doc: "A version that was used this recently, or that somebody may use by a grant, stays enabled; off: " +
				"nobody asks."},
		{name: "delete_after", value: durationOf(&d.deleteAfter, time.Second),
			doc: "How long the version is disabled before its deletion is scheduled; delete needs it."},
		{name: "deletion_window", preset: "30d", value: deletionWindowOf(&d.deletionWindow),
			doc: "KMS's waiting period before a scheduled deletion, in which it can be called back: 7d to 30d, whole " +
				"days."},
	}
}

func actionOf(into *setting[string]) leaf[string] {
	return wordOf(into, string(plan.RetireKeep), string(plan.RetireDisable), string(plan.RetireDelete))
}

// deletionWindowOf is PendingWindowInDays of
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
func deletionWindowOf(into *setting[time.Duration]) value {
	l := durationOf(into, 0)
	parse := l.parse
	l.parse = func(s scalar) (time.Duration, *fault) {
		d, f := parse(s)
		if f == nil && (d < 7*plan.Day || d > 30*plan.Day || d%plan.Day != 0) {
			return 0, &fault{"is not accepted", "whole days from 7d to 30d, as KMS wants"}
		}
		return d, f
	}
	return l
}

type retireValue struct{ into *setting[plan.Retire] }

func (v retireValue) preset(text string) {
	var d retireDoc
	presets(d.fields())
	actionOf(&d.action).preset(text)
	v.into.v, v.into.ok = d.retire(), true
}

func (v retireValue) read(r *reader, name string, n ast.Node) {
	if n = r.resolve(n); n == nil {
		return
	}
	*v.into = setting[plan.Retire]{at: nodeAt(n)}
	var d retireDoc
	presets(d.fields())
	switch n.(type) {
	case ast.MapNode:
		if r.mapping(n, name, "as in {action: disable}", d.fields()) == nil {
			return
		}
	default:
		actionOf(&d.action).read(r, name, n)
	}
	if d.action.ok {
		d.check(r, name)
		v.into.v, v.into.ok = d.retire(), true
	}
}

// check refuses a guard that has no effect: the misunderstanding should show now,
// and not when a version is gone.
func (d *retireDoc) check(r *reader, name string) {
	action := plan.RetireAction(d.action.v)
	if action == plan.RetireKeep && d.unlessUsedWithin.written() {
		r.refuse(d.unlessUsedWithin.at, "leave it out, or write action: disable",
			"unless_used_within has no effect with keep")
	}
	if action == plan.RetireDelete && !d.deleteAfter.written() {
		r.refuse(d.action.at, "write how long it is disabled first: {action: delete, delete_after: 30d}",
			"%s: delete needs delete_after", name)
	}
	if action != plan.RetireDelete && d.deleteAfter.written() {
		r.refuse(d.deleteAfter.at, "leave it out, or write action: delete",
			"delete_after has no effect with %s", action)
	}
	if action != plan.RetireDelete && d.deletionWindow.written() {
		r.refuse(d.deletionWindow.at, "leave it out, or write action: delete",
			"deletion_window has no effect with %s", action)
	}
}

func (d *retireDoc) retire() plan.Retire {
	out := plan.Retire{
		Action:           plan.RetireAction(d.action.v),
		UnlessUsedWithin: d.unlessUsedWithin.v.d,
		UsageOff:         d.unlessUsedWithin.v.off,
		DeleteAfter:      defaultDeleteAfter,
		DeletionWindow:   d.deletionWindow.v,
	}
	if d.deleteAfter.ok {
		out.DeleteAfter = d.deleteAfter.v
	}
	return out
}

func (v retireValue) schema() *jsonschema.Schema {
	long := objectSchema((&retireDoc{}).fields(), true)
	is := func(action plan.RetireAction) *jsonschema.Schema {
		return &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{
			"action": {Const: jsonschema.Ptr(any(string(action)))}}}
	}
	without := func(name string) *jsonschema.Schema {
		return &jsonschema.Schema{Not: &jsonschema.Schema{Required: []string{name}}}
	}
	long.AllOf = []*jsonschema.Schema{
		{If: is(plan.RetireDelete), Then: &jsonschema.Schema{Required: []string{"delete_after"}},
			Else: &jsonschema.Schema{AllOf: []*jsonschema.Schema{without("delete_after"), without("deletion_window")}}},
		{If: is(plan.RetireKeep), Then: without("unless_used_within")},
	}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		{Enum: []any{string(plan.RetireKeep), string(plan.RetireDisable)}},
		long,
	}}
}
