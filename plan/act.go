package plan

import "time"

// Act is what comes next for a key: one look, one effect, one write, or an
// end. It is data, so that a run can carry it out and a dry-run can print it.
type Act struct {
	Kind Kind
	// Try is how often this run has had another answer than yes to it; before
	// a repetition the runner pauses.
	Try int
	// Optional says that what keeps it from being done keeps nothing else.
	Optional bool
	// Version is what it is about, and KeyID its KMS key.
	Version int64
	KeyID   string
	// Name is the alias that it creates or looks up.
	Name string
	// Terms are what a call to KMS asks for beside the key.
	Terms Terms
	// Write is what it does to the record.
	Write Write
	Writer
	End
}

// Terms are what a call to KMS asks for. Each call has its own of them.
type Terms struct {
	// Waive tells KMS, in CreateKey, not to ask whether the caller could change the key
	// policy.
	Waive bool
	// Every is the period of automatic rotation, in EnableKeyRotation.
	Every time.Duration
	// What says which call is signed or sent.
	What Fenced
	// DeletionWindow is how long KMS waits, in ScheduleKeyDeletion.
	DeletionWindow time.Duration
}

// End is why a run stops or waits.
type End struct {
	Outcome Outcome
	// Until is when a wait may be over, and after Settled, when the next claim may be
	// made.
	Until time.Time
	// Fenced says that the wait is for a signature to die, and not for another run.
	Fenced  bool
	Refusal *Refusal
}

// Writer says who makes a write of the record, when, and why.
type Writer struct {
	At time.Time
	// Rev is the record's revision after it.
	Rev int64
	// Key is the record's key, TableID the table that it is born in.
	Key     string
	TableID string
	Self    Self
	// Caller is who AWS says the run is.
	Caller string
	// Reason is a person's, and Verb their verb, if it is not the claim's.
	Reason string
	Verb   Verb
	// Schedule is the plan's, as text, for the event of a claim by schedule.
	Schedule string
	// Calls are the answers of KMS that the write puts into its event.
	Calls []Answered
}

// Refuses is what a decision refuses, at once or after the note that it writes first;
// nil if nothing.
func (a Act) Refuses() *Refusal {
	if n, ok := a.Write.(Note); ok {
		return n.Refusal
	}
	return a.Refusal
}

// Claims is the claim that the act makes; nil if it makes none.
func (a Act) Claims() *Claim {
	switch w := a.Write.(type) {
	case FirstClaimWrite:
		return &w.Claim
	case ClaimWrite:
		return &w.Claim
	case AbandonWrite:
		return w.Claim
	}
	return nil
}

// ClaimID is the id of the claim that a write makes, or makes and finishes at once;
// "" if it makes none.
func (a Act) ClaimID() string {
	if c := a.Claims(); c != nil {
		return c.ID
	}
	if w, ok := a.Write.(AbandonWrite); ok && w.Ended != nil {
		return w.Ended.ID
	}
	return ""
}

// Tells reports whether the act puts something into the record that a person should
// see.
func (a Act) Tells() bool {
	switch w := a.Write.(type) {
	case Note:
		return w.Error != nil || w.SelfHold != ""
	case MarkNoWrite:
		return w.Error != nil
	case RetiredWrite:
		return w.Error != nil
	}
	return false
}

// Writing makes an act of a write about a version, or about none.
func Writing(version int64, keyID string, w Write) Act {
	return Act{Kind: w.kind(), Version: version, KeyID: keyID, Write: w}
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

// Refusal tells a person what was seen and what to do.
type Refusal struct {
	Code Code // stable: "drift"
	// About is what it is about, as data: a version, a key and its state. Two refusals of
	// one code are news to one another only if they are about something else.
	About string
	What  string // what was seen
	Safe  string // whether encrypt and decrypt work
	Hint  string // the next command to type
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
