package claim

import (
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Look is what is known of one KMS key. The zero Look says that nobody has asked.
type Look struct {
	kind lookKind
	why  string
	key  plan.KeySeen
	at   time.Time
}

type lookKind int

const (
	notAsked lookKind = iota
	failed            // KMS could not be asked
	saw
)

// Failed returns the Look of a key that KMS could not be asked about, and why.
func Failed(why string) Look { return Look{kind: failed, why: why} }

// Saw returns the Look of a key that KMS showed at a time. A key without a State was
// named by KMS, and its state was not looked at.
func Saw(k plan.KeySeen, at time.Time) Look { return Look{kind: saw, key: k, at: at} }

// What a Look says about whether a key works.
const (
	unasked = "not-looked-at"
	unknown = "not-known"
	works   = "works"
	fails   = "fails"
)

func (l Look) state() string {
	switch {
	case l.kind == failed:
		return unknown
	case l.kind == notAsked, l.key.State == "" && !l.key.Missing:
		return unasked
	case l.key.Missing || l.key.Down():
		return fails
	case l.key.State == plan.KeyEnabled:
		return works
	}
	return unknown // Creating, Updating, Unavailable, …
}

// reason says why a key does not work, or why that is not known; "" otherwise.
func (l Look) reason() string {
	switch {
	case l.state() == works || l.state() == unasked:
		return ""
	case l.kind == failed:
		return l.why
	case l.key.Missing:
		return "deleted"
	case l.key.State == plan.KeyDisabled:
		return "disabled"
	case l.key.State == plan.KeyPendingDeletion && !l.key.DeletionAt.IsZero():
		return "pending deletion, on " + plan.Stamp(l.key.DeletionAt)
	case l.key.State == plan.KeyPendingDeletion:
		return "pending deletion"
	}
	return "in state " + l.key.State
}
