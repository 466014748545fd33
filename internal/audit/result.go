package audit

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Result is what the audit of a plan found.
type Result struct {
	// At is AWS's time.
	At     time.Time
	Caller *plan.Caller
	// Keys is how many keys were checked.
	Keys     int
	Findings []Finding
	// Since is from when on findings are told that began then or later; zero: all are. Older
	// are the others, which count for nothing. One is told, too, if nothing shows when it
	// began.
	Since time.Time
	Older []Finding
	// Unread is what could not be read, and so was not checked.
	Unread []string
	// Lacking is what was not checked and changes no exit code: the endpoint does not have
	// the operation, because it is an emulator; or the policies of other people's keys do not
	// let anybody look.
	Lacking []string
	// Accepts are the entries of the plan's accept about what was checked.
	Accepts []Entry
	// Looked are the flags of the audit that have it look at more.
	Looked []string
	// Orphans says how much a search for orphans saw, whose findings are among the others;
	// nil if nobody asked for it.
	Orphans *Search
	// Others are the records of other plans in the plan's tables.
	Others []OtherPlan
	// Heads are the newest events of the ledgers that were read.
	Heads []LedgerHead
}

// LedgerHead is the newest event of a key's ledger.
type LedgerHead struct {
	// Key is the key's name in the plan.
	Key  string
	Head plan.Link
	// Seal is the newest tag that fits the ledger; nil if none was found.
	Seal *plan.Seal
	// SealUnread reports that none was found, and that there may be one: the tags of a version
	// were not read.
	SealUnread bool
}

// OnlySince leaves out the findings that certainly began before a time.
func (r *Result) OnlySince(t time.Time) {
	r.Since = t
	var told []Finding
	for _, f := range r.Findings {
		if !f.Since.IsZero() && !f.AtEarliest && f.Since.Before(t) {
			r.Older = append(r.Older, f)
			continue
		}
		told = append(told, f)
	}
	r.Findings = told
}

// Search is how much a search for orphans saw.
type Search struct {
	// Keys is how many keys the Regions have, and Unnamed how many of them no alias.
	Keys, Unnamed int
	// Calls is how many calls of ListResourceTags it took.
	Calls int
	// Aside is how many keys may be versions of keys whose records are not there or not to
	// be believed: see SetAside.
	Aside int
	// Unread is how many keys may be orphans for all that is known: they could not be looked
	// at. Unlisted are the Regions whose keys are not known at all.
	Unread   int
	Unlisted []string
}

// FoundOrphans returns how many orphans were found, and how many of them OnlySince left out.
func (r Result) FoundOrphans() (all, older int) {
	of := func(findings []Finding) (n int) {
		for _, f := range findings {
			if f.Orphan != nil {
				n++
			}
		}
		return n
	}
	older = of(r.Older)
	return of(r.Findings) + older, older
}

// Exit returns the exit code. 13 comes before 1: what was found counts, even if
// not everything was read, or if KMS may show an old state.
func (r Result) Exit() plan.Exit {
	lags := func(f Finding) bool { return f.Code == plan.CodeLag }
	switch {
	case slices.ContainsFunc(r.Findings, Finding.Counts):
		return plan.ExitPerson
	case len(r.Unread) > 0, slices.ContainsFunc(r.Findings, lags):
		return plan.ExitFailed
	}
	return plan.ExitDone
}
