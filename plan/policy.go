package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Policy is what the plan says about one key: its terms, after the defaults of
// the top level and of keyturn were filled in.
type Policy struct {
	Name                   string // what people call the key: orders-data
	Alias                  string // alias/orders-data
	Region, Account, Table string // Account: "" is not checked

	Schedule    Schedule
	StartWithin time.Duration // a window not begun within so much unfrozen time is left out; 0: none is
	MinInterval time.Duration // as written; 0: see MinIntervalAt
	Freeze      []Freeze
	Drain       time.Duration // how long the previous version stays enabled
	Retire      Retire
	MaxDraining int           // versions awaiting disabling before scheduled claims stop
	Prepublish  time.Duration // made this long before the switch
	// BeforeSwitch is a command as an argument list: what the plan gives as a
	// list, or {"/bin/sh", "-c", s} for a string s. Empty: none.
	BeforeSwitch []string
	Probe        bool
	MaxAttempts  int // definite refusals of one generation before the key holds itself

	AutoRotation AutoRotation // of new versions

	Spec, Usage string // "": the active version's
	// PolicyPath is as written in the plan; whoever reads the file resolves it
	// against the plan file's directory. "": copied from the active version.
	PolicyPath  string
	Description *string           // nil: copied from the active version
	Tags        map[string]string // merged over the copied ones
}

// Key is the partition key of the key's record: "eu-west-1/alias/orders-data".
func (p Policy) Key() string { return p.Region + "/" + p.Alias }

// Digest is a short text that two policies have in common only if they say the same
// of a key. Other releases of keyturn make another one of the same policy.
func (p Policy) Digest() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // it is plain data
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// MinIntervalAt is how old a version must be before window w may rotate it:
// what the plan says, else half of the window before w.
func (p Policy) MinIntervalAt(w Window, anchor time.Time) time.Duration {
	if p.MinInterval > 0 {
		return p.MinInterval
	}
	return p.Schedule.Prev(w, anchor).Length() / 2
}

// RetireAction is what becomes of a version when its drain is over.
type RetireAction string

// The actions, from careful to final. Delete disables first.
const (
	RetireKeep    RetireAction = "keep"
	RetireDisable RetireAction = "disable"
	RetireDelete  RetireAction = "delete"
)

// Retire is what becomes of a version when its drain is over, and what must be
// true before.
type Retire struct {
	Action RetireAction
	// UnlessUsedWithin keeps a version enabled that was used this recently.
	// It counts unless UsageOff says not to ask.
	UnlessUsedWithin time.Duration
	UsageOff         bool
	DeleteAfter      time.Duration // disabled this long before the deletion is scheduled
	DeletionWindow   time.Duration // KMS's waiting period: whole days, 7 to 30
	Rest             Rest          // in a record: what a newer keyturn added
}
