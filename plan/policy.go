package plan

import "time"

// Policy is the plan's terms for one key, with the defaults of the top level and of
// keyturn filled in.
type Policy struct {
	// Name is what people call the key: orders-data.
	Name string
	// Alias is the alias of the key: alias/orders-data.
	Alias  string
	Region string
	// Account is the account of the key; "" is not checked.
	Account string
	Table   string

	Schedule Schedule
	// StartWithin is how much unfrozen time a window may wait for its claim before it
	// is left out; 0 is without a limit.
	StartWithin time.Duration
	// MinInterval is as written in the plan; for 0 see MinIntervalAt.
	MinInterval time.Duration
	Freeze      []Freeze
	// Drain is how long the previous version stays enabled.
	Drain  time.Duration
	Retire Retire
	// MaxDraining is how many versions may await disabling before scheduled claims stop.
	MaxDraining int
	// Prepublish is how long before its switch a version is made.
	Prepublish time.Duration
	// BeforeSwitch is a command as an argument list: the list of the plan, or
	// {"/bin/sh", "-c", s} for a string s. Empty is no command.
	BeforeSwitch []string
	Probe        bool
	// MaxAttempts is how many definite refusals one generation may have before the key
	// holds itself.
	MaxAttempts int

	// AutoRotation is that of new versions.
	AutoRotation AutoRotation

	// Spec and Usage are those of new versions; "" is the active version's.
	Spec, Usage string
	// PolicyPath is as written in the plan; the reader of the file resolves it
	// against the plan file's directory. "": the policy is copied from the active
	// version.
	PolicyPath string
	// Description is nil if it is copied from the active version.
	Description *string
	// Tags are added to the copied ones, and win over them.
	Tags map[string]string

	// Notify is who a run tells of what it does. It is no term of a rotation either.
	Notify []Notify `json:"-"`

	// Judging is no term of a rotation, so the digest does not have it.
	Judging Judging `json:"-"`
}

// Key returns the partition key of the key's record: "eu-west-1/alias/orders-data".
func (p Policy) Key() string { return p.Region + "/" + p.Alias }

// Digest returns a short text that is the same only for policies with the same terms. What
// a plan calls the key is no term. Another release of keyturn may have another digest for the
// same policy.
func (p Policy) Digest() string {
	p.Name = ""
	return digestOf(p)
}

// MinIntervalAt returns how old a version must be before window w may rotate it: the
// plan's min_interval, otherwise half of the window before w.
func (p Policy) MinIntervalAt(w Window, anchor time.Time) time.Duration {
	if p.MinInterval > 0 {
		return p.MinInterval
	}
	return p.Schedule.Prev(w, anchor).Length() / 2
}

// RetireAction is what happens to a version when its drain is over.
type RetireAction string

// The actions, from careful to final. Delete disables first.
const (
	RetireKeep    RetireAction = "keep"
	RetireDisable RetireAction = "disable"
	RetireDelete  RetireAction = "delete"
)

// Retire is what happens to a version when its drain is over, and on which conditions.
type Retire struct {
	Action RetireAction
	// UnlessUsedWithin keeps a version enabled that was used this recently.
	// It does not count with UsageOff.
	UnlessUsedWithin time.Duration
	// UsageOff reports whether the last use of a version is not looked at.
	UsageOff bool
	// DeleteAfter is how long a version is disabled before its deletion is scheduled.
	DeleteAfter time.Duration
	// DeletionWindow is KMS's waiting period: whole days, 7 to 30.
	DeletionWindow time.Duration
	// Rest is what a newer keyturn has added in a record.
	Rest Rest
}
