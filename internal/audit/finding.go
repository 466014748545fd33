package audit

import (
	"slices"
	"time"

	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/claim"
)

// Mode is a failure mode of rotation from many pools, which keyturn rules out.
type Mode string

// The failure modes, as docs/protocol.md names them.
const (
	Duplicate Mode = "F1" // two versions for one window
	Drain     Mode = "F2" // drains that overlap, are reset, or end early
	Partial   Mode = "F3" // something begun and not finished, or begun twice
	Race      Mode = "F4" // alias, status and record disagree
)

// Level is what a finding asks for.
type Level string

// The levels.
const (
	Person  Level = "person"  // somebody must look: exit 13
	Warning Level = "warning" // nobody has to act now
)

// Finding is one thing that is wrong or needs attention.
type Finding struct {
	// Code is stable, for programs: "drift".
	Code  plan.Code
	Level Level
	// Mode is "" if it is none of the four.
	Mode Mode
	// Invariants are the numbers of those that do not hold.
	Invariants []int
	// Key is the key's name in the plan; "" if the finding is about the table, or about
	// several keys.
	Key string
	// Table is the name of the table that the finding is about, if it is about one.
	Table string
	// Keys are the names of all keys that the finding is about: see Together.
	Keys []string
	// KeyID is the KMS key that the finding is about, if it is about one.
	KeyID string
	// What describes what was seen.
	What string
	// Field tells it from others of the same code about the same key: the attribute of the
	// record, "versions[v7].left", the call in a trail, the caller; "" if there is one at most.
	Field string
	// Observed and Expected are what was seen and what should have been, if the finding is
	// a difference of two values.
	Observed, Expected string
	// Since is the earliest time at which the record, the ledger or AWS shows it; zero if
	// none does.
	Since time.Time
	// AtEarliest reports whether it began at Since or later, and nothing shows when. Whoever
	// changes a ledger, a record or a tag by hand leaves no date: Since is then that of an
	// event which is changed or missing, or which tells otherwise.
	AtEarliest bool
	// Evidence is where anyone can look it up.
	Evidence Evidence
	// Version is the version that the finding is about; 0 if it is not about one.
	Version int64
	// Accepted is the entry of the plan that accepts it; nil if none does.
	Accepted *Accepted
	// Works is whether encrypt and decrypt work; it is of a finding for a person.
	Works claim.Works
	// Orphan is the key of a finding that is about one.
	Orphan *Orphan
	// Hint is what to do next.
	Hint plan.Hint
	// ended is of a finding that somebody else has ended a drain.
	ended drainEnd
}

// Evidence is where a finding can be looked up.
type Evidence struct {
	// Revs are the revisions of events of the ledger.
	Revs []int64
	// RequestIDs are of calls to KMS, which CloudTrail has.
	RequestIDs []string
	// KeyIDs are KMS keys.
	KeyIDs []string
}

// ID returns a name of the finding that is the same in every audit: of what kind it is
// and what it is about, "record-edited/orders-data/versions[v7].left". One about several keys has
// no key in it.
func (f Finding) ID() string {
	about := f.Table
	switch {
	case f.Version > 0:
		about = plan.VersionName(f.Version)
	case f.KeyID != "":
		about = f.KeyID
	}
	return plan.FindingID(f.Code, f.Key, about, f.Field)
}

// NeedsOrphans reports whether no audit without --orphans shows it.
func (f Finding) NeedsOrphans() bool {
	about, _ := plan.AuditCodeOf(f.Code)
	return about.Needs == plan.NeedsOrphans
}

// Checked returns the invariants that a live state can show to be broken. The
// others are about a sequence of states, and the simulation checks them.
func Checked() []int { return []int{1, 2, 3, 4, 6, 8, 9, 12, 13, 14} }

// Tags are those that say who made a KMS key, and for what. Policy is a fingerprint of the
// file that its policy was made from.
type Tags struct{ Alias, Version, Window, Claim, Ledger, Policy string }

// Seen is what was read of one key of the plan. What is nil or absent was not
// asked for, or could not be read; then it is in Result.Unread.
type Seen struct {
	Caller *plan.Caller
	// TableID is "" if it is not known, or the backend has none.
	TableID string
	// Unsafe says why nothing may be written to the table, which is a finding of the
	// table's own.
	Unsafe string

	// Alias is the key behind the alias; AliasFailed says why KMS could not be asked.
	Alias       *plan.KeySeen
	AliasFailed string
	Listing     *plan.ListingSeen
	// Keys holds all keys that the record and the version aliases name, by id.
	Keys map[string]plan.KeySeen
	// KeysFailed are those for which KMS could not be asked, and why.
	KeysFailed map[string]string
	// Aliases holds all aliases of a key, by the key's id.
	Aliases map[string][]plan.AliasListed
	Tags    map[string]Tags
	// Use holds the last use of old versions, by key id: see Watched. Of those whose drain is
	// over and that may retire it also has the grants.
	Use map[string]plan.UseSeen
	// Policies holds the key policies of versions that are enabled, by key id, as JSON.
	// OwnPolicy is that of the plan's file; "" if it has none.
	Policies  map[string]string
	OwnPolicy string
	// Grants holds the grants of the live version and of the one before it, by key id.
	Grants map[string][]plan.Grant
	// Rotations are of the live version and of the one before it, or of all that are enabled
	// if the plan says how they rotate, where KMS can rotate them automatically. OnDemand has
	// when the material of enabled versions was rotated on demand. Both are by key id.
	Rotations map[string]plan.RotationSeen
	OnDemand  map[string][]time.Time
	Ledger    []plan.Event
	// Ledgered reports whether the ledger was read. LedgerMalformed says why it cannot be
	// understood, if that is so.
	Ledgered        bool
	LedgerMalformed string
}

// Key returns the findings of one key. A nil record means there is none.
func Key(now time.Time, p plan.Policy, r *plan.Record, s Seen) []Finding {
	history := plan.HistoryOf(r, s.Ledger)
	c := &checker{now: now, p: p, r: r, record: r, s: s, chain: history, told: tell(history.Events)}
	if r != nil && r.LeftOut > 0 {
		c.r = c.told.whollyOf(p, r, s)
	}
	switch ref := Elsewhere(p, r, s); {
	case ref != nil:
		c.add(Finding{Code: ref.Code, Level: Person, What: ref.What, Hint: ref.Hint})
	case r == nil:
		c.noRecord()
	case r.Schema > plan.SchemaVersion:
		c.newerRecord()
	case c.untrue():
	default:
		c.identity()
		c.shape()
		c.alias()
		c.versions()
		c.names()
		c.tags()
		c.seals()
		c.others()
		c.rotation()
		c.materials()
		c.policies()
		c.grants()
		c.lateUse()
		c.windows()
		c.drains()
		c.generation()
		c.schedule()
		c.missed()
		c.plans()
		c.holds()
		c.callers()
		c.ledger()
		c.edited()
	}
	c.join()
	c.settleFirst()
	return c.out
}

// stopping are the findings while which every run ends before it does anything.
var stopping = []plan.Code{plan.CodeDrift, plan.CodeAliasMissing, plan.CodeForeignVersion, plan.CodeActiveDisabled,
	plan.CodeMarked, plan.CodeBadVersion, plan.CodeUnlikePlan}

// settleFirst takes the command to start a run from findings beside one that stops it.
func (c *checker) settleFirst() {
	i := slices.IndexFunc(c.out, func(f Finding) bool { return slices.Contains(stopping, f.Code) })
	if i < 0 {
		return
	}
	for n, f := range c.out {
		if len(f.Hint.Commands) == 1 && slices.Equal(f.Hint.Commands[0], plan.RunNow(c.p).Commands[0]) {
			c.out[n].Hint = plan.Noted("settle " + string(c.out[i].Code) + " first: until then no run goes on")
		}
	}
}

// Elsewhere returns the refusal of a run with credentials of another account than
// the key's, or whose endpoint is not KMS; nil if neither is known to be so. Any
// other finding there would not be about this key.
func Elsewhere(p plan.Policy, r *plan.Record, s Seen) *plan.Refusal {
	ref := plan.Unfit(p, r, plan.Observed{Caller: s.Caller, Looks: plan.Looks{Alias: s.Alias, Listing: s.Listing}})
	if ref == nil || ref.Code != plan.CodeWrongAccount && ref.Code != plan.CodeNoRequestID {
		return nil
	}
	return ref
}

// checker gathers the findings of one key.
type checker struct {
	now time.Time
	p   plan.Policy
	// r is the record with the versions that it has left out, and record the one in the table.
	r, record *plan.Record
	s         Seen
	// told is what the events say about the record.
	chain plan.History
	told  told
	out   []Finding
}

// add adds a finding. One for a person also says whether the key works now.
func (c *checker) add(f Finding) {
	f.Key = c.p.Name
	if f.KeyID != "" && !slices.Contains(f.Evidence.KeyIDs, f.KeyID) {
		f.Evidence.KeyIDs = append([]string{f.KeyID}, f.Evidence.KeyIDs...)
	}
	f.Evidence.RequestIDs = append(f.Evidence.RequestIDs, c.requests(f.Evidence.Revs)...)
	if f.Level == Person {
		f.Works = c.works(f.Version)
	}
	c.out = append(c.out, f)
}

// after says that a finding began with the first of some events, or later. With none of them
// nothing is known of that.
func (c *checker) after(f *Finding, revs ...int64) {
	for _, e := range c.told.events {
		if slices.Contains(revs, e.Rev) {
			f.Since, f.AtEarliest = e.At, true
			return
		}
	}
}

// toldAt returns when the event of a revision was; zero if it is not known.
func (c *checker) toldAt(rev int64) time.Time {
	for _, e := range c.told.events {
		if e.Rev == rev {
			return e.At
		}
	}
	return time.Time{}
}

// requests returns the ids of the calls to KMS that events have.
func (c *checker) requests(revs []int64) []string {
	var ids []string
	for _, e := range c.told.events {
		if !slices.Contains(revs, e.Rev) {
			continue
		}
		for _, call := range e.Calls {
			if call.RequestID != "" && !slices.Contains(ids, call.RequestID) {
				ids = append(ids, call.RequestID)
			}
		}
	}
	return ids
}
