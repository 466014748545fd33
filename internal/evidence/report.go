package evidence

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Report is what an assessor gets.
type Report struct {
	// At is AWS's time, and Since the first moment that the report is about.
	At, Since time.Time
	// Caller is who has read all this; nil if AWS did not say.
	Caller *plan.Caller
	Keys   []Key
	// Findings are those of the audit that are about no key: of the table, of an orphan.
	Findings []Finding
	// Unread is what else could not be read.
	Unread []string
}

// Whole reports whether all could be read that the report is made of.
func (r Report) Whole() bool {
	unread := func(u Unknown) bool { return u.Kind == Unread }
	return len(r.Unread) == 0 && !slices.ContainsFunc(r.Keys, func(k Key) bool {
		return slices.ContainsFunc(k.Unknown, unread)
	})
}

// Seen is what was read about one key.
type Seen struct {
	plan.KeyHistory
	// Failed says why its record or ledger could not be read; "" if both were.
	Failed string
	// Keys are its KMS keys as DescribeKey shows them, and Uses their last uses, by id.
	Keys map[string]plan.KeySeen
	Uses map[string]plan.UseSeen
	// Unread is what else could not be read about it.
	Unread   []string
	Findings []Finding
}

// Finding is one of the audit's.
type Finding struct {
	ID, Level, What string
	Code            plan.Code
	// Since is when it began, or else AtEarliest when it began at the earliest; zero if
	// nothing shows that.
	Since      time.Time
	AtEarliest bool
	// Accepted is the entry of the plan that accepts it, which has Ended or not; nil if none
	// does.
	Accepted *plan.Acceptance
	Ended    bool
}

// Key is the report on one key.
type Key struct {
	Policy plan.Policy
	// Unread reports that the ledger was not read. Then nothing that it would tell is known:
	// versions, windows, uses, holds and acts are missing, and not none.
	Unread bool
	// Live is the version behind the alias by the record, and Rev its revision; 0 if there
	// is no record, or none was read.
	Live, Rev int64
	// Begins is when the ledger begins; zero if there is none.
	Begins time.Time
	// From is the first moment that the report can tell of: Since, or later Begins.
	From     time.Time
	Versions []Version
	Windows  []Window
	// Open is the claim of the generation that is open; not known if none is.
	Open Fact
	// Longest is the longest time without a new version; nil if none is known.
	Longest *Gap
	// Head is the newest event of the ledger's chain, and Seals the versions' tags that seal
	// it, compared with it.
	Head  plan.Link
	Seals []plan.Seal
	Late  []LateUse
	Holds []Hold
	Acts  []Act
	// Findings are those of the audit of this moment.
	Findings []Finding
	Unknown  []Unknown
	Events   Events
}

// Source is where a statement is from.
type Source string

// The sources.
const (
	FromLedger Source = "ledger"
	FromRecord Source = "record"
	FromKMS    Source = "kms"
)

// Fact is something that happened, who did it, and why.
type Fact struct {
	At   time.Time
	From Source
	// Earliest is set if it may have happened before At: not before this.
	Earliest time.Time
	// Rev is the revision of the event that tells it; 0 if no event does.
	Rev int64
	Run string
	Who plan.Who
	// Calls are the calls to KMS that did it.
	Calls []plan.Answered
	Why   Why
}

// Known reports whether it happened, as far as is known.
func (f Fact) Known() bool { return !f.At.IsZero() }

// Why is the claim, or the person's word, that something was done for.
type Why struct {
	// Verb is what claimed it; "" if no claim did.
	Verb plan.Verb
	// Schedule is that of the plan then, of a scheduled claim.
	Schedule string
	Reason   string
	// Rev is the revision of the claim; 0 if there is none.
	Rev int64
}

// Events counts those of the ledger: each is in the report, or is counted here.
type Events struct {
	// Total is how many were read, and Shown how many of them a fact of the report names.
	Total, Shown int
	// Before is how many others are from before the report's time.
	Before int
	// Routine is how many others there are of each word that changes no version, hold or
	// window: leases, confirms, notes, checks, marks.
	Routine map[plan.EventKind]int
	// Others are the revisions of those that the report does not know how to show.
	Others []int64
}
