package plan

import "time"

// Act is what comes next for a key: one look, one effect, one write, or an
// end. It is data, so that a run can carry it out and a dry-run can print it.
type Act struct {
	Kind Kind
	// Try is how many answers other than yes this run has had to such an act; before a
	// repetition the runner pauses.
	Try int
	// Optional reports whether a failure of the act stops nothing else.
	Optional bool
	// Version is the version that the act is about; KeyID is its KMS key.
	Version int64
	KeyID   string
	// Name is the alias that it creates or looks up.
	Name string
	// Terms are the parameters of a call to KMS besides the key.
	Terms Terms
	// Events are those of the record that a copy puts into the ledger.
	Events []Event
	// Write is the change of the record, if the act is a write.
	Write Write
	Writer
	End
}

// Terms are parameters of calls to KMS. Each call uses its own.
type Terms struct {
	// Waive reports whether CreateKey waives the check that the caller could change the
	// key policy.
	Waive bool
	// Every is the period of automatic rotation, in EnableKeyRotation.
	Every time.Duration
	// What is the kind of call that is signed or sent.
	What Fenced
	// DeletionWindow is how long KMS waits, in ScheduleKeyDeletion.
	DeletionWindow time.Duration
}

// End is why a run stops or waits.
type End struct {
	Outcome Outcome
	// Until is when a wait may end; with Settled it is when the next claim may be made.
	Until time.Time
	// Fenced reports whether the wait is for a time that no other run brings forward: the end
	// of a fence, or when KMS is sure to show a switch. A lease may be given back early.
	Fenced  bool
	Refusal *Refusal
	// Later is set if the check of one old version has to wait. It ends nothing else.
	Later *Later
}

// Writer says which run makes a write of the record, when, and why.
type Writer struct {
	At time.Time
	// Rev is the record's revision after the write.
	Rev int64
	// Key is the record's key.
	Key string
	// TableID is the table in which the record is made.
	TableID string
	Self    Self
	// Caller is the ARN of the caller, from AWS.
	Caller string
	// Reason is a person's.
	Reason string
	// Verb is the person's verb, if it is not the claim's.
	Verb Verb
	// Schedule is the plan's, as text, for the event of a scheduled claim.
	Schedule string
	// Calls are the answers of KMS that the event of the write has.
	Calls []Answered
	// News is what somebody is told of, once the write is answered yes.
	News []News
	// Ledgered is the highest revision that the run knows to be in the ledger, with all
	// before it. Only those events may be dropped from the record.
	Ledgered int64
}

// Refuses returns the refusal that a run ends with, at once or after the note that it
// writes first; nil if there is none.
func (a Act) Refuses() *Refusal {
	if n, ok := a.Write.(Note); ok {
		return n.Refusal
	}
	return a.Refusal
}

// Claims returns the claim that the act makes; nil if it makes none.
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

// ClaimID returns the id of the claim that a write makes, or makes and finishes at
// once; "" if it makes none.
func (a Act) ClaimID() string {
	if c := a.Claims(); c != nil {
		return c.ID
	}
	if w, ok := a.Write.(AbandonWrite); ok && w.Ended != nil {
		return w.Ended.ID
	}
	return ""
}

// Tells reports whether the act records something that a person should see.
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

// Writing returns the act of a write about a version, or about none.
func Writing(version int64, keyID string, w Write) Act {
	return Act{Kind: w.kind(), Version: version, KeyID: keyID, Write: w}
}

// Outcome is why a run has nothing more to do on a key.
type Outcome string

// The outcomes.
const (
	// Settled: nothing is due.
	Settled Outcome = "settled"
	// Adopted: the key was taken under management in this run.
	Adopted Outcome = "adopted"
	// Frozen: a window is due, and a freeze lasts.
	Frozen Outcome = "frozen"
	// HeldBack: a window is due, and a person holds the key.
	HeldBack Outcome = "held"
	// Waiting: the version waits for before_switch or prepublish.
	Waiting Outcome = "waiting"
	// Lagging: KMS shows an old state; a later run continues.
	Lagging Outcome = "lagging"
	// Failed: an answer was no or unknown; a later run continues.
	Failed Outcome = "failed"
	// Refused: a person must look.
	Refused Outcome = "refused"
	// Interrupted: a signal ended the run.
	Interrupted Outcome = "interrupted"
)

// Reason is a reason of a decision.
type Reason struct {
	// Code is for programs: "window-due".
	Code Code
	// Text is for people.
	Text string
}

// Decision is the result of Decide.
type Decision struct {
	Act     Act
	Reasons []Reason
}

// Refusal tells a person what was seen and what to do.
type Refusal struct {
	// Code is for programs: "drift".
	Code Code
	// About is what it is about, as data: a version, a key and its state. A refusal is
	// known if the last one had the same code and was about the same.
	About string
	// What was seen.
	What string
	// Version is the version that it is about; 0 if it is about the key as a whole.
	Version int64
	// Differences are those from a saved decision.
	Differences []Difference
	// Hint is what to type next.
	Hint Hint
	// SelfHold is the reason why the key must hold itself, because no repetition can
	// succeed; "" if it need not.
	SelfHold string
	// Unwritten marks a refusal that must not be recorded: the table, the account or
	// the record itself cannot be trusted, or a person's verb has begun nothing.
	Unwritten bool
	// Recorded marks a refusal that is in the record already, as a hold.
	Recorded bool
}
