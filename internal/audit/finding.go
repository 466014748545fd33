package audit

import (
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
	Warning Level = "warning" // it goes on by itself, or works as it is
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
	// Keys are the names of all keys that the finding is about: see Together.
	Keys []string
	// KeyID is the KMS key that the finding is about, if it is about one.
	KeyID string
	// What describes what was seen.
	What string
	// Version is the version that the finding is about; 0 if it is not about one.
	Version int64
	// Works is whether encrypt and decrypt work; it is of a finding for a person.
	Works claim.Works
	// Orphan is the key of a finding that is about one.
	Orphan *Orphan
	// Hint is what to do next.
	Hint plan.Hint
}

// Checked returns the invariants that a live state can show to be broken. The
// others are about a sequence of states, and the simulation checks them.
func Checked() []int { return []int{1, 2, 3, 4, 6, 8, 9, 12} }

// Tags are those that say who made a KMS key, and for what.
type Tags struct{ Alias, Version, Window, Claim string }

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
	// KeysFailed says of which of them KMS could not be asked, and why.
	KeysFailed map[string]string
	// Aliases holds all aliases of a key, by the key's id.
	Aliases map[string][]plan.AliasListed
	Tags    map[string]Tags
	// Use holds the last use of versions whose drain is over, by key id.
	Use map[string]plan.UseSeen
	// Rotations are of the live version and of the one before it, where KMS can
	// rotate them automatically.
	Rotations map[string]plan.RotationSeen
	Ledger    []plan.Event
	// Ledgered reports whether the ledger was read.
	Ledgered bool
}

// Key returns the findings of one key. A nil record means there is none.
func Key(now time.Time, p plan.Policy, r *plan.Record, s Seen) []Finding {
	c := &checker{now: now, p: p, r: r, s: s}
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
		c.rotation()
		c.windows()
		c.drains()
		c.generation()
		c.schedule()
		c.holds()
		c.ledger()
	}
	return c.out
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
	r   *plan.Record
	s   Seen
	out []Finding
}

// add adds a finding. One for a person also says whether the key works now.
func (c *checker) add(f Finding) {
	f.Key = c.p.Name
	if f.Level == Person {
		f.Works = c.works(f.Version)
	}
	c.out = append(c.out, f)
}
