package plan

import "time"

// Kind says what an act is. DESIGN's protocol calls what Decide answers "one
// step"; the code calls it an act, so that Step can mean one thing only: where
// a record's generation stands.
type Kind string

// The kinds of acts.
const (
	// Stop: nothing more for this run to do; Outcome says why.
	Stop Kind = "stop"
	// Wait: another run works on it, or a moment has to come.
	Wait Kind = "wait"

	// Looks change nothing and need no lease.
	LookCaller  Kind = "look caller"  // GetCallerIdentity
	LookTable   Kind = "look table"   // DescribeTable, DescribeTimeToLive
	LookAlias   Kind = "look alias"   // DescribeKey of the alias
	LookMoved   Kind = "look moved"   // ListAliases of the key behind it
	LookListing Kind = "look listing" // one full ListAliases
	LookVersion Kind = "look version" // DescribeKey of v<n>, and its claim tag
	LookActive  Kind = "look active"  // DescribeKey of the active version, where the alias is seen on an older one
	LookSource  Kind = "look source"  // policy, tags and grants of the active version
	LookTarget  Kind = "look target"  // DescribeKey of the target
	LookPolicy  Kind = "look policy"  // the policy of a target that another run made, and what it is to be
	TryTarget   Kind = "try target"   // the probe
	// LookRotation asks how a key is rotated automatically.
	LookRotation Kind = "look rotation"
	AskGate      Kind = "ask gate"     // before_switch
	LookOld      Kind = "look old"     // DescribeKey of an old version
	LookUse      Kind = "look use"     // GetKeyLastUsage of an old version
	LookLedger   Kind = "look ledger"  // the highest revision in the ledger
	LookClaim    Kind = "look claim"   // what the ledger says of the claim in Name
	LookHistory  Kind = "look history" // all of the ledger
	LookRecord   Kind = "look record"  // the record once more, where there was none
	// LookOldAliases lists what names an old version.
	LookOldAliases Kind = "look old aliases"

	// Effects change KMS. SignMove only makes bytes.
	CreateKey    Kind = "create key"
	NameVersion  Kind = "name version"  // CreateAlias v<n>
	CreateAlias  Kind = "create alias"  // of the alias itself: ends adopt --create
	DisableFresh Kind = "disable fresh" // own new key that lost to another
	// EnableRotation switches automatic rotation of a new version on. Late, it does
	// no harm.
	EnableRotation Kind = "enable rotation"
	SignMove       Kind = "sign move"
	SendMove       Kind = "send move" // the signed and confirmed UpdateAlias
	SignMark       Kind = "sign mark"
	SendMark       Kind = "send mark" // the signed and marked DisableKey or ScheduleKeyDeletion
	// CancelDeletion and EnableKey reinstate; they are sent as they are, for
	// what they do late does no harm.
	CancelDeletion Kind = "cancel deletion"
	EnableKey      Kind = "enable key"

	// Writes of the record, each one conditional write.
	WriteAdopt      Kind = "adopt"       // (none) → steady
	WriteFirstClaim Kind = "first claim" // (none) → claimed, adopt --create
	WriteClaim      Kind = "claim"       // steady → claimed
	WriteTakeover   Kind = "take over"   // the lease only
	WriteRenew      Kind = "renew"       // the lease only
	WriteCreated    Kind = "created"     // claimed → created
	WriteConfirm    Kind = "confirm"     // → switching
	WriteFinish     Kind = "finish"      // switching → steady
	WriteAdoptDrift Kind = "adopt drift" // any → steady
	WriteNote       Kind = "note"        // any → same step
	WriteAbandon    Kind = "abandon"     // claimed, created, switching → claimed or steady
	WriteRebuild    Kind = "rebuild"     // any → steady, from what KMS has
	WriteHold       Kind = "hold"
	WriteRelease    Kind = "release"
	WriteReinstate  Kind = "reinstate"  // retired → draining
	WriteLookAgain  Kind = "look again" // this run sees to a reinstated version
	WriteLooked     Kind = "looked"     // it is enabled
	WriteChecked    Kind = "checked"    // this run asks whether a version may retire
	WriteKept       Kind = "kept"       // draining → retired, enabled
	WriteMark       Kind = "mark"       // a disabling or deletion is about to be sent
	WriteMarkNo     Kind = "mark no"    // it was refused, or never sent
	WriteUnmark     Kind = "unmark"     // its time is over, or somebody enabled the version: it is enabled
	WriteRetired    Kind = "retired"    // draining → retired, disabled
	WriteDeleting   Kind = "deleting"   // its deletion is scheduled
)

// Writes tells whether an act writes the record.
func (k Kind) Writes() bool {
	switch k {
	case WriteAdopt, WriteFirstClaim, WriteClaim, WriteTakeover, WriteRenew, WriteCreated,
		WriteConfirm, WriteFinish, WriteAdoptDrift, WriteNote, WriteAbandon, WriteRebuild, WriteHold, WriteRelease, WriteReinstate,
		WriteLookAgain, WriteLooked, WriteChecked, WriteKept, WriteMark, WriteMarkNo, WriteUnmark, WriteRetired, WriteDeleting:
		return true
	}
	return false
}

// Changes tells whether an act sends a call that changes KMS.
func (k Kind) Changes() bool {
	switch k {
	case CreateKey, NameVersion, CreateAlias, DisableFresh, SendMove, SendMark,
		CancelDeletion, EnableKey, EnableRotation:
		return true
	}
	return false
}

// beside tells whether an act is about an old version alone. What keeps it from
// being done keeps nothing else.
func (k Kind) beside() bool {
	switch k {
	case LookOld, LookOldAliases, LookUse, SignMark, SendMark, CancelDeletion, EnableKey:
		return true
	}
	return false
}

// Act is what comes next for a key: one look, one effect, one write, or an
// end. It is data, so that a run can carry it out and a dry-run can print it.
type Act struct {
	Kind Kind
	// Try is how often this run has had another answer than yes to it; before
	// a repetition the runner pauses.
	Try int

	// Optional: what keeps it from being done keeps nothing else.
	Optional bool

	Version int64  // what it is about
	KeyID   string // of the KMS key it is about
	Name    string // of the alias it creates or looks up

	Waive bool // of CreateKey: KMS is told not to ask whether the caller could change the key policy

	Until   time.Time // of a Wait; of a Stop with Settled: when the next claim may be made
	Fenced  bool      // of a Wait: for a signature to die, not for another run
	Outcome Outcome   // of a Stop
	Refusal *Refusal  // of a Stop with Refused; also what a WriteNote puts down

	// Of writes; At of EnableKey, too.
	At       time.Time
	Rev      int64  // of the record after it
	Key      string // the record's key
	Answered bool   // of a WriteFinish: a confirmed signature was answered yes
	Self     Self
	Caller   string
	Reason   string // for the event
	// Calls are the answers of KMS that the write puts into its event.
	Calls []Answered
	// Schedule is the plan's, as text, for the event of a claim by schedule.
	Schedule string
	Verb     Verb // for the event of a WriteTakeover or WriteFinish: a person's, if it is not the claim's
	AliasARN string
	TableID  string
	Anchor   time.Time
	Window   time.Time
	Active   *Active
	Target   *Target
	Claim    *Claim
	Drain    time.Duration
	Retire   Retire
	Signed   time.Time // X-Amz-Date of the signature a WriteConfirm names
	Note     Note
	Hold     *Hold
	Kept     *Hold // of a WriteHold: the hold it adds to, if that says or lasts more

	Rebuilt *Record // of a WriteRebuild: all of it but rev, op and event

	// Of a WriteAbandon; Dropped of a WriteAdoptDrift too.
	Dropped *Target // the version given up; it drains
	Moved   bool    // the alias was seen on the open target: that is active now
	Ended   *Claim  // with no Claim: what giving the open generation up has carried out

	Every time.Duration // of an EnableRotation: the period

	// Of marks.
	What           string // MarkDisable or MarkDelete
	DeletionWindow time.Duration
	DeleteAt       time.Time
	LookAfter      time.Time
}

// Note is what a WriteNote does: any part may stand alone.
type Note struct {
	Did      []EventKind // for the event
	Answered bool        // one confirmed signature was answered or never sent
	Attempt  bool        // count a definite refusal
	Free     bool        // give the lease back
	Extend   bool        // set the lease anew
	Error    *LastError  // why it stopped
	SelfHold string      // hold the key, for this reason
	KeyFor   string      // count one more key, which this run is about to make for this claim
	NoKey    bool        // take the counted key off again: it was not made
	Unnamed  bool        // this run has made a key and could not name it
}

// Outcome is why a run has nothing more to do on a key.
type Outcome string

// The outcomes.
const (
	Settled     Outcome = "settled"     // nothing is due
	Adopted     Outcome = "adopted"     // taken under management in this run
	Frozen      Outcome = "frozen"      // due, and in a freeze
	HeldBack    Outcome = "held"        // due, and held by a person
	Waiting     Outcome = "waiting"     // the version waits for before_switch or prepublish
	Lagging     Outcome = "lagging"     // KMS shows an old state; a later run goes on
	Failed      Outcome = "failed"      // an answer was no or unknown; a later run goes on
	Refused     Outcome = "refused"     // a person must look
	Interrupted Outcome = "interrupted" // by a signal
)

// Reason is one of the grounds of a decision.
type Reason struct {
	Code Code   // stable, for programs: "window-due"
	Text string // for people
}

// Decision is Decide's answer.
type Decision struct {
	Act     Act
	Reasons []Reason
}

// Refusal tells a person what was seen and what to do. Its texts hold nothing
// that changes from run to run, so that equal refusals compare equal.
type Refusal struct {
	Code Code   // stable: "drift"
	What string // what was seen
	Safe string // whether encrypt and decrypt work
	Hint string // the next command to type
	// SelfHold: the key must stop by itself, for this reason, for no repetition
	// can succeed.
	SelfHold string
	// Unwritten marks a refusal that must leave the record alone: the table,
	// the account or the record itself is not to be trusted.
	Unwritten bool
	// Recorded marks a refusal that stands in the record already, as a hold: the
	// run that wrote that has told all of it.
	Recorded bool
}
