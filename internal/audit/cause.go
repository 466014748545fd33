package audit

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// untrue reports whether the record is of another table, or older than its ledger, and
// says so. Whatever else does not agree with such a record follows from that, and goes
// with it: only what KMS shows by itself is judged.
func (c *checker) untrue() bool {
	if ref := plan.OtherTable(c.p, c.r, c.s.TableID); ref != nil {
		f := Finding{Code: ref.Code, Level: Person, Mode: Partial, What: ref.What, Hint: ref.Hint}
		c.after(&f, c.r.Rev) // it was copied since
		c.add(f)
	} else if ref := c.restored(); ref != nil {
		f := Finding{Code: ref.Code, Level: Person, Mode: Partial, Invariants: []int{6}, What: ref.What,
			Hint: ref.Hint}
		c.after(&f, c.beyond()...)
		c.add(f)
	} else {
		return false
	}
	switch a := c.s.Alias; {
	case a == nil:
	case a.Missing:
		c.add(Finding{Code: plan.CodeAliasMissing, Level: Person, Mode: Race,
			What: "there is no " + c.p.Alias + " in " + c.p.Region,
			Hint: plan.Noted("see alias-missing in docs/runbook.md")})
	case a.State != plan.KeyEnabled:
		c.unusableAlias(*a)
	}
	return true
}

// restored returns the refusal for a record that the ledger contradicts; nil if it does
// not, or was not read.
func (c *checker) restored() *plan.Refusal {
	if !c.s.Ledgered {
		return nil
	}
	return plan.RecordRestored(c.p, c.r, c.s.Ledger)
}

// beyond returns the revisions of the ledger that the record does not have, or tells
// otherwise.
func (c *checker) beyond() (revs []int64) {
	for _, found := range c.chain.Findings {
		if found.Kind == plan.Beyond || found.Kind == plan.Differs {
			revs = append(revs, found.From)
		}
	}
	return revs
}

// unusableAlias reports that callers of the alias fail.
func (c *checker) unusableAlias(a plan.KeySeen) {
	c.add(Finding{Code: plan.CodeLiveUnusable, Level: Person, Mode: Drain, Invariants: []int{3}, KeyID: a.KeyID,
		What: "the key behind the alias is " + say(a), Hint: c.repair(a)})
}

// join makes one of findings with the same id: what is wrong in two ways is one thing, which
// a plan accepts, and a collector counts, once. What an event says about it stands first.
func (c *checker) join() {
	var out []Finding
	at := map[string]int{}
	for _, f := range c.out {
		i, twice := at[f.ID()]
		if !twice {
			at[f.ID()] = len(out)
			out = append(out, f)
			continue
		}
		a, b := out[i], f
		if len(a.Evidence.Revs) == 0 {
			a, b = b, a
		}
		a.What += "; " + b.What
		if a.Since.IsZero() || !b.Since.IsZero() && b.Since.Before(a.Since) {
			a.Since, a.AtEarliest = b.Since, b.AtEarliest
		}
		for _, rev := range b.Evidence.Revs {
			if !slices.Contains(a.Evidence.Revs, rev) {
				a.Evidence.Revs = append(a.Evidence.Revs, rev)
			}
		}
		a.Evidence.RequestIDs = c.requests(a.Evidence.Revs)
		out[i] = a
	}
	c.out = out
}

// Together puts the findings of several keys that have one cause into one, which names
// the keys.
func Together(findings []Finding) []Finding {
	var out []Finding
	for _, group := range plan.Alike(len(findings), func(i int) string {
		if findings[i].Key == "" || findings[i].Accepted != nil {
			return ""
		}
		return plan.SharedBy(findings[i].Code, findings[i].What)
	}) {
		f := findings[group[0]]
		for _, i := range group {
			if name := findings[i].Key; name != "" {
				f.Keys = append(f.Keys, name)
			}
		}
		if len(group) > 1 {
			f.Key, f.KeyID = "", ""
			f.Since, f.AtEarliest = earliest(findings, group)
			if cause, ok := plan.SharedOf(f.Code); ok {
				f.What, f.Hint = cause.What, cause.Hint
			}
			f.Works = claim.Works{} // it is of each key
		}
		out = append(out, f)
	}
	return out
}

// earliest returns since when the first of several findings shows.
func earliest(findings []Finding, group []int) (since time.Time, atEarliest bool) {
	for _, i := range group {
		if f := findings[i]; !f.Since.IsZero() && (since.IsZero() || f.Since.Before(since)) {
			since, atEarliest = f.Since, f.AtEarliest
		}
	}
	return since, atEarliest
}

// SetAside leaves out the suspects that were made for a key whose record is not there or
// not to be believed, and counts them. Until that is settled each of them may be a
// version, and the finding about the record stands for it.
func SetAside(region string, suspects []Suspect, owners map[string]Owner) (rest []Suspect, aside int) {
	for _, s := range suspects {
		if s.Tags.Claim != "" && plan.SharedBy(owners[region+"/"+s.Tags.Alias].Doubt, "") != "" {
			aside++
			continue
		}
		rest = append(rest, s)
	}
	return rest, aside
}
