package audit

import (
	"fmt"
	"sort"
	"strings"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// noRecord judges a key without a record.
func (c *checker) noRecord() {
	l := c.s.Listing
	switch {
	case c.s.Unsafe != "": // no run takes it under management here, and the table's finding says so
	case l != nil && plan.RecordLost(c.p, *l, c.lastRev()) != nil:
		c.lost(*l)
	case c.s.Alias != nil && c.s.Alias.Missing:
		ref := plan.NeverMade(c.p, c.s.Caller)
		c.add(Finding{Code: ref.Code, Level: Person, What: ref.What, Hint: ref.Hint})
	case c.s.Alias != nil && plan.Unadoptable(c.p, *c.s.Alias) != nil:
		ref := plan.Unadoptable(c.p, *c.s.Alias)
		f := Finding{Code: ref.Code, Level: Person, What: ref.What, Hint: ref.Hint}
		if ref.Code == plan.CodeUnsupportedKey { // of what kind a key is never changes
			f.Since = c.s.Alias.CreatedAt
		}
		c.add(f)
	case c.s.Alias == nil || l == nil || !c.s.Ledgered:
		c.add(Finding{Code: plan.CodeNotAdopted, Level: Warning,
			What: "no record; whether the next run adopts it is not known, because not all could be read",
			Hint: plan.Noted("see what was not checked")})
	default:
		c.add(Finding{Code: plan.CodeNotAdopted, Level: Warning, What: "no record yet; the next run adopts it",
			Hint: plan.Try("keyturn", "adopt", c.p.Name)})
	}
}

// lost adds the finding of a record that is not there any more. It was, when the newest event
// of the ledger was written, or when the newest version got its name.
func (c *checker) lost(l plan.ListingSeen) {
	ref := plan.RecordLost(c.p, l, c.lastRev())
	f := Finding{Code: ref.Code, Level: Person, Mode: Partial, Invariants: []int{8}, What: ref.What, Hint: ref.Hint}
	for _, a := range l.Versions {
		f.Since, f.AtEarliest = later(f.Since, a.MovedAt), true
	}
	if last := c.lastRev(); last > 0 {
		f.Evidence.Revs = []int64{last}
		c.after(&f, last)
	}
	c.add(f)
}

// Malformed returns the finding of a record that cannot be understood.
func Malformed(p plan.Policy, what string) Finding {
	return Finding{Code: plan.CodeMalformedRecord, Level: Person, Mode: Partial, Key: p.Name,
		What: what, Works: claim.Of(claim.Seen{Alias: p.Alias}),
		Hint: plan.Noted("repair the item in the table; see malformed-record in docs/runbook.md")}
}

func (c *checker) newerRecord() {
	c.add(Finding{Code: plan.CodeNewerRecord, Level: Person,
		What: fmt.Sprintf("the record has schema %d, this binary knows %d: a newer keyturn wrote it",
			c.r.Schema, plan.SchemaVersion),
		Hint: plan.Noted("audit it with that keyturn")})
}

// identity compares the key behind the alias with what the plan says about it.
func (c *checker) identity() {
	if a := c.s.Alias; a != nil && !a.Missing && (c.p.Spec != "" && a.Spec != c.p.Spec ||
		c.p.Usage != "" && a.Usage != c.p.Usage) {
		c.add(Finding{Code: plan.CodeUnlikePlan, Level: Person,
			What: fmt.Sprintf("%s is %s for %s; the plan says %s", c.called(a.KeyID), a.Spec, a.Usage,
				strings.TrimSpace(c.p.Spec+" "+c.p.Usage)),
			Hint: plan.Noted("correct spec and usage in the plan, or take " + c.p.Name + " out of it")})
	}
}

// shape looks for states that no edge of the protocol leads to.
func (c *checker) shape() {
	places := map[string]int{}
	highest := int64(0)
	for _, v := range c.all() {
		places[v.KeyID]++
		highest = max(highest, v.Version)
	}
	var twice []string
	for id, n := range places {
		if n > 1 {
			twice = append(twice, c.called(id)+" ("+id+")")
		}
	}
	sort.Strings(twice)
	if len(twice) > 0 {
		c.add(Finding{Code: plan.CodeListedTwice, Level: Person, Mode: Race, Invariants: []int{6},
			What: "the record has " + strings.Join(twice, ", ") +
				" in more than one place: something else than keyturn wrote it",
			Hint: c.holdAndRead()})
	}
	if highest > c.r.Generation {
		f := Finding{Code: plan.CodeGenerationBehind, Level: Person, Mode: Race, Invariants: []int{6},
			What: fmt.Sprintf("the record is at generation %d and knows %s", c.r.Generation, plan.VersionName(highest)),
			Hint: c.holdAndRead()}
		if made, ok := c.told.made[highest]; ok {
			f.Evidence.Revs = []int64{made.rev}
			c.after(&f, made.rev)
		}
		c.add(f)
	}
}

// lastRev returns the highest revision in the ledger.
func (c *checker) lastRev() (last int64) {
	for _, e := range c.s.Ledger {
		last = max(last, e.Rev)
	}
	return last
}
