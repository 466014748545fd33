package planfile

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/keyturn/keyturn/plan"
)

const smallest = "the smallest plan has region, schedule, drain and keys: [{alias: alias/orders-data}]"

// Parse reads and checks a plan. name is what errors call the file, and
// its base without extension is the plan's default name. The error is
// Problems: everything that is wrong, in the file's order. (If the file is not YAML,
// only that is reported.)
//
// YAML aliases work for the value of a field; merge keys, tags and several
// documents in one file are refused.
func Parse(name string, data []byte) (*Plan, error) {
	r := &reader{file: name, noted: map[Problem]bool{}}
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
	out := &Plan{
		Version: top.version.v, Name: top.name.v, Named: top.name.ok,
		Region: top.terms.region.v, Account: top.terms.account.v, Table: top.terms.table.v,
		Accept: top.accept.v,
	}
	if !top.name.ok {
		base := path.Base(strings.ReplaceAll(name, `\`, "/"))
		out.Name = cmp.Or(strings.Trim(strings.TrimSuffix(base, path.Ext(base)), "."), "plan")
	}
	if out.Ping = top.ping.v; out.Ping != "" {
		out.PingBy = top.pingBy.v
	}
	var without lacking
	seen := unique{aliases: map[string]pos{}, names: map[string]pos{}}
	if l, ok := top.keys.node.(*ast.SequenceNode); ok { // a plan of many keys grows no slice, piece by piece
		out.Keys = make([]plan.Policy, 0, len(l.Values))
	}
	periods := map[plan.Schedule]time.Duration{} // keys share schedules, and a cron's takes a while
	r.keys(&top, func(e *keyEntry) {
		without.add(e)
		seen.add(r, e)
		s := e.terms.schedule
		if _, ok := periods[s.v]; s.ok && !ok {
			periods[s.v] = s.v.ShortestPeriod()
		}
		r.check(e, periods[s.v])
		out.Keys = append(out.Keys, e.policy())
	})
	r.require(&top, nodeAt(body), without)
	return out
}

// policy returns the entry once it is checked.
func (e *keyEntry) policy() plan.Policy {
	t := &e.terms
	p := plan.Policy{
		Name: e.keyName(), Alias: e.alias.v,
		Region: t.region.v, Account: t.account.v, Table: t.table.v,
		Schedule: t.schedule.v, StartWithin: t.startWithin.v.d, MinInterval: t.minInterval.v,
		Freeze: slices.Clone(t.freeze.v), Drain: t.drain.v, Retire: t.retire.v, MaxDraining: t.maxDraining.v,
		Prepublish: t.prepublish.v, BeforeSwitch: slices.Clone(t.beforeSwitch.v),
		Probe: t.probe.v, MaxAttempts: t.maxAttempts.v, AutoRotation: t.autoRotation.v,
		Notify: slices.Clone(t.notify.v),
		Spec:   e.spec.v, Usage: e.usage.v, PolicyPath: e.keyDoc.policy.v, Tags: e.tags.v,
		Judging: plan.Judging{Accept: e.accept.v, ExpectCallers: slices.Clone(t.callers.v), HoldMax: t.holdMax.v},
	}
	if e.description.ok {
		description := e.description.v // e is used again
		p.Description = &description
	}
	return p
}
