package planfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// This file checks what involves several fields. A check looks only at well-formed
// values, so that one mistake is one problem.

// require reports missing required terms: once at the top level if no key has them,
// else at each key that lacks them.
func (r *reader) require(top *planDoc, start pos, entries []keyEntry) {
	if !top.terms.region.written() {
		r.refuse(start, "region: eu-west-1; cron has no environment to take it from",
			"the plan needs the field region at its top level")
	}
	for _, f := range []struct {
		name, hint string
		written    func(*terms) bool
	}{
		{"schedule", "schedule: {every: 90d}", func(t *terms) bool { return t.schedule.written() }},
		{"drain", "drain: 30d, how long the previous version stays enabled",
			func(t *terms) bool { return t.drain.written() }},
	} {
		lacks := func(e keyEntry) bool { return !f.written(&e.terms) }
		if !slices.ContainsFunc(entries, func(e keyEntry) bool { return !lacks(e) }) {
			if !f.written(&top.terms) {
				r.refuse(start, f.hint, "the plan needs the field %s, at the top level or under every key", f.name)
			}
			continue
		}
		for _, e := range entries {
			if lacks(e) {
				r.refuse(e.at, f.hint, "%s has no %s, and the top level has none", e.keyName(), f.name)
			}
		}
	}
}

// distinct refuses two entries for one alias in one Region, and two with one name.
func (r *reader) distinct(entries []keyEntry) {
	aliases, names := map[string]pos{}, map[string]pos{}
	for _, e := range entries {
		if !e.alias.ok {
			continue
		}
		id := e.terms.region.v + "/" + e.alias.v
		if old, ok := aliases[id]; ok {
			r.refuse(e.alias.at, fmt.Sprintf("it is already on line %d", old.line),
				"two keys with the alias %s", e.alias.v)
			continue // their names are the same for that reason
		}
		aliases[id] = e.alias.at
		name, at := e.keyName(), e.alias.at
		if e.name.written() {
			at = e.name.at
		}
		if old, ok := names[name]; ok {
			r.refuse(at, fmt.Sprintf("line %d has it; give one of them another name", old.line),
				"two keys with the name %s", name)
			continue
		}
		names[name] = at
	}
}

// check checks the terms of one key together.
func (r *reader) check(e *keyEntry, shortest time.Duration) {
	if shortest > 0 {
		r.fits(e, "drain", e.terms.drain, shortest, "longer than", "at most "+plan.FormatDuration(shortest))
		r.fits(e, "min_interval", e.terms.minInterval, shortest/4*3, "longer than ¾ of",
			"at most "+plan.FormatDuration(shortest/4*3))
		if t := e.terms.retire; t.ok && t.v.Action == plan.RetireDelete &&
			t.v.DeleteAfter/shortest >= plan.MaxDisabled {
			r.refuse(e.at, "at most "+plan.FormatDuration(shortest*(plan.MaxDisabled-1)),
				"%s: delete_after %s spans more than %d windows, and a record lists no more disabled versions",
				e.keyName(), plan.FormatDuration(t.v.DeleteAfter), plan.MaxDisabled)
		}
		r.fits(e, "prepublish", e.terms.prepublish, shortest-1, "not shorter than",
			"less than "+plan.FormatDuration(shortest))
	}
	if e.spec.ok && e.usage.ok && !slices.Contains(plan.UsagesOf(e.spec.v), e.usage.v) {
		r.refuse(e.usage.at, e.spec.v+" is for "+strings.Join(plan.UsagesOf(e.spec.v), " or "),
			"usage %s does not fit spec %s", e.usage.v, e.spec.v)
	}
	if e.spec.ok && e.terms.region.ok {
		if why := plan.SpecAbsent(e.spec.v, e.terms.region.v); why != "" {
			r.refuse(e.spec.at, why, "there are no %s keys in %s", e.spec.v, e.terms.region.v)
		}
	}
	if _, f := keyNameText(new(setting[string])).parse(scalar{text: e.keyName(), kind: aString}); f != nil &&
		e.alias.ok && !e.name.written() {
		r.refuse(e.alias.at, "give the key a name", "the default name %q %s", e.keyName(), f.is)
	}
	r.checkRetire(e)
}

// fits refuses a span longer than most. Where key and top level disagree, the
// message names the key.
func (r *reader) fits(e *keyEntry, name string, s setting[time.Duration], most time.Duration, relation, hint string) {
	if !s.ok || s.v <= most {
		return
	}
	of := ""
	_, ownSpan := e.own[name]
	if _, ownSchedule := e.own["schedule"]; ownSpan || ownSchedule {
		of = " of " + e.keyName()
	}
	r.refuse(s.at, hint, "%s %s is %s the schedule's shortest period%s", name, plan.FormatDuration(s.v), relation, of)
}

// checkRetire requires that what destroys stands under the key itself. A default for
// all keys must not make old ciphertext unreadable (a new version cannot decrypt
// what an old one encrypted), nor have anything deleted.
func (r *reader) checkRetire(e *keyEntry) {
	if _, own := e.own["retire"]; own {
		return
	}
	switch action := e.terms.retire.v.Action; {
	case action == plan.RetireDelete:
		r.refuse(e.at, "write it under this key, or another retire",
			"%s takes retire: delete from the top level; deletion must stand under the key itself", e.keyName())
	case action == plan.RetireDisable && plan.MayEncrypt(e.spec.v, e.usage.v):
		hint := "write retire: disable or keep under this key"
		if !e.usage.written() {
			hint += "; or its usage, if it does not encrypt"
		}
		r.refuse(e.at, hint, "%s takes retire: disable from the top level and may be an ENCRYPT_DECRYPT key: old "+
			"ciphertext dies with the version, so it must stand under the key itself", e.keyName())
	}
}
