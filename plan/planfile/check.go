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

// required are the terms without which a key cannot be rotated.
var required = []struct {
	name, hint string
	written    func(*terms) bool
}{
	{"schedule", "schedule: {every: 90d}", func(t *terms) bool { return t.schedule.written() }},
	{"drain", "drain: 30d, how long the previous version stays enabled",
		func(t *terms) bool { return t.drain.written() }},
}

// lacking counts the keys, and has those without a required term, by the name of the term.
type lacking struct {
	keys int
	at   map[string][]lacks
}

// lacks is a key without a term.
type lacks struct {
	key string
	at  pos
}

func (l *lacking) add(e *keyEntry) {
	l.keys++
	for _, f := range required {
		if !f.written(&e.terms) {
			if l.at == nil {
				l.at = map[string][]lacks{}
			}
			l.at[f.name] = append(l.at[f.name], lacks{e.keyName(), e.at})
		}
	}
}

// require reports missing required terms: once at the top level if no key has them,
// else at each key that lacks them.
func (r *reader) require(top *planDoc, start pos, l lacking) {
	if !top.terms.region.written() {
		r.refuse(start, "region: eu-west-1; cron has no environment to take it from",
			"the plan needs the field region at its top level")
	}
	for _, f := range required {
		if len(l.at[f.name]) == l.keys {
			if !f.written(&top.terms) {
				r.refuse(start, f.hint, "the plan needs the field %s, at the top level or under every key", f.name)
			}
			continue
		}
		for _, e := range l.at[f.name] {
			r.refuse(e.at, f.hint, "%s has no %s, and the top level has none", e.key, f.name)
		}
	}
}

// unique has where each alias and each name stands.
type unique struct{ aliases, names map[string]pos }

// add refuses a second entry for one alias in one Region, and a second one with one name.
func (n unique) add(r *reader, e *keyEntry) {
	if !e.alias.ok {
		return
	}
	id := e.terms.region.v + "/" + e.alias.v
	if old, ok := n.aliases[id]; ok {
		r.refuse(e.alias.at, fmt.Sprintf("it is already on line %d", old.line),
			"two keys with the alias %s", e.alias.v)
		return // their names are the same for that reason
	}
	n.aliases[id] = e.alias.at
	name, at := e.keyName(), e.alias.at
	if e.name.written() {
		at = e.name.at
	}
	if old, ok := n.names[name]; ok {
		r.refuse(at, fmt.Sprintf("line %d has it; give one of them another name", old.line),
			"two keys with the name %s", name)
		return
	}
	n.names[name] = at
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
