package audit

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Mode is what keyturn exists to rule out, as cron in many pools brings it
// about.
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

// Finding is one thing that is not as it should be.
type Finding struct {
	Code       plan.Code // stable, for programs: "drift"
	Level      Level
	Mode       Mode   // "" if it is none of the four
	Invariants []int  // of the design, that do not hold
	Key        string // of the plan: its name; "" if it is about the table
	KeyID      string // of the KMS key it is about, if it is one
	What       string // was seen
	Safe       string // whether encrypt and decrypt work; "" with a warning
	Hint       string // what to type next
}

// Checked returns the invariants that a live state can show to be broken. The
// others are about a sequence of states, and the simulation checks them.
func Checked() []int { return []int{1, 2, 3, 4, 6, 8, 9, 12} }

// Tags say where a KMS key comes from.
type Tags struct{ Alias, Version, Window, Claim string }

// Seen is what was read of one key of the plan. What is nil or absent was not
// asked for, or could not be read: then Unread says so.
type Seen struct {
	Caller  *plan.Caller
	TableID string // "" if not known, or the backend has none
	// Unsafe says why nothing may be written to the table, which is a finding of the
	// table's own.
	Unsafe string

	Alias   *plan.KeySeen // the key behind the alias
	Listing *plan.ListingSeen
	Keys    map[string]plan.KeySeen       // by id: all that record and version aliases name
	Aliases map[string][]plan.AliasListed // all names of a key, by id
	Tags    map[string]Tags
	Use     map[string]plan.UseSeen // of versions whose drain is over
	// Rotations are of the live version and of the one before it, where KMS can
	// rotate them automatically.
	Rotations map[string]plan.RotationSeen
	Ledger    []plan.Event
	Ledgered  bool // the ledger was read
}

// Key finds what is wrong with one key. A nil record means there is none.
func Key(now time.Time, p plan.Policy, r *plan.Record, s Seen) []Finding {
	c := &checker{now: now, p: p, r: r, s: s}
	switch ref := Elsewhere(p, r, s); {
	case ref != nil:
		c.add(Finding{Code: ref.Code, Level: Person, Safe: nothingDone, What: ref.What, Hint: ref.Hint})
	case r == nil:
		c.noRecord()
	case r.Schema > plan.SchemaVersion:
		c.newerRecord()
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

// Elsewhere returns the refusal with which a run would end that has credentials of
// another account than the key's, or that calls what is not KMS; nil if neither is
// so, or known. What else would be found there is not about this key.
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

// add puts a finding down. One for a person says how the key works just now.
func (c *checker) add(f Finding) {
	f.Key = c.p.Name
	if f.Safe == "" && f.Level == Person {
		f.Safe = c.works()
	}
	c.out = append(c.out, f)
}
