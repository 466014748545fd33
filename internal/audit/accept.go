package audit

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Accepted is the entry of the plan that accepts a finding.
type Accepted struct {
	plan.Acceptance
	// Ended reports whether it is over, so that the finding counts again.
	Ended bool
}

// Entry is an entry of the plan's accept.
type Entry struct {
	// Key is the name of the key under which it stands; "" at the top.
	Key string
	plan.Acceptance
	Ended bool
}

// Unmatched says that the entry is about no finding.
func (e Entry) Unmatched() string {
	under := "at the top of the plan"
	if e.Key != "" {
		under = "under " + e.Key
	}
	return "accept " + under + ": " + e.About() + " matches no finding"
}

// InForce reports whether the plan accepts the finding now.
func (f Finding) InForce() bool { return f.Accepted != nil && !f.Accepted.Ended }

// Counts reports whether a person must look at the finding.
func (f Finding) Counts() bool { return f.Level == Person && !f.InForce() }

// Accept marks the findings that a plan accepts: one about a key by the list under it, any
// other by the list at the top.
func Accept(now time.Time, top []plan.Acceptance, keys []plan.Policy, findings []Finding) {
	for i, f := range findings {
		list := top
		if f.Key != "" {
			list = nil
			if at := slices.IndexFunc(keys, func(k plan.Policy) bool { return k.Name == f.Key }); at >= 0 {
				list = keys[at].Judging.Accept
			}
		}
		if a, ok := plan.Accepted(list, f.ID(), f.Code, f.Version); ok {
			findings[i].Accepted = &Accepted{a, a.Ended(now)}
		}
	}
}

// Entries returns what the plan accepts at its top and under the given keys.
func Entries(now time.Time, top []plan.Acceptance, keys []plan.Policy) []Entry {
	var all []Entry
	add := func(key string, list []plan.Acceptance) {
		for _, a := range list {
			all = append(all, Entry{key, a, a.Ended(now)})
		}
	}
	add("", top)
	for _, k := range keys {
		add(k.Name, k.Judging.Accept)
	}
	return all
}

// Unused returns the entries that match no finding. Of one that this audit did not look for,
// or could not, because it stopped at the key before, that is not known.
func (r Result) Unused() []Entry {
	var unused []Entry
	for _, e := range r.Accepts {
		about, _ := plan.AuditCodeOf(e.Code())
		looked := about.Needs == "" || slices.Contains(r.Looked, about.Needs)
		if looked && !slices.ContainsFunc(slices.Concat(r.Findings, r.Older), e.mayBeOf) {
			unused = append(unused, e)
		}
	}
	return unused
}

// mayBeOf reports whether the entry is about a finding, or may be about one behind it.
func (e Entry) mayBeOf(f Finding) bool {
	return e.Key != "" && f.hides(e.Key) ||
		(f.Key == e.Key || slices.Contains(f.Keys, e.Key)) && e.Matches(f.ID(), f.Code, f.Version)
}

// hides reports whether the finding stops the audit of a key before all was compared.
func (f Finding) hides(key string) bool {
	if f.Key != key && !slices.Contains(f.Keys, key) {
		return false
	}
	return f.Code == plan.CodeMalformedRecord || f.Code != plan.CodeNotAdopted && plan.SharedBy(f.Code, "") != ""
}
