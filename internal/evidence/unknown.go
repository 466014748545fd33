package evidence

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Unknown is something that the report cannot show.
type Unknown struct {
	Kind UnknownKind
	// From and To are the time that it is about; zero if it is about none.
	From, To time.Time
	// Revs are the first and the last revision that it is about; 0 if it is about none.
	Revs    [2]int64
	Version int64
	// Text is what could not be read, and why, what the ledger's check has found, or what KMS
	// shows.
	Text string
	// Told is the state that the ledger tells of a version that KMS shows otherwise.
	Told State
}

// UnknownKind is a kind of what cannot be shown.
type UnknownKind string

// The kinds.
const (
	// Unread: AWS was asked and did not answer, or refused.
	Unread UnknownKind = "unread"
	// NoLedger: there is no event.
	NoLedger UnknownKind = "no-ledger"
	// BeforeLedger: the report's time begins before the ledger does.
	BeforeLedger UnknownKind = "before-ledger"
	// LedgerGap: no event tells these revisions.
	LedgerGap UnknownKind = "ledger-gap"
	// LedgerDiffers: record and ledger do not tell the same.
	LedgerDiffers UnknownKind = "ledger-differs"
	// Rebuilt: the record was lost and made again from KMS; revisions before that are not
	// told.
	Rebuilt UnknownKind = "rebuilt"
	// AdoptedBefore: what was before a version was adopted.
	AdoptedBefore UnknownKind = "adopted"
	// RecordOnly: only the record has this version, and no event tells how it came there.
	RecordOnly UnknownKind = "record-only"
	// ScheduleUnknown: which schedule the plan had.
	ScheduleUnknown UnknownKind = "schedule"
	// WindowsLeftOut: there are more windows than the report has.
	WindowsLeftOut UnknownKind = "windows-left-out"
	// UseUnknown: KMS records the use of this version only since then, or not at all.
	UseUnknown UnknownKind = "use"
	// SwitchUnknown: which of two versions the alias named after a switch was signed.
	SwitchUnknown UnknownKind = "switch"
	// SealUnfit: the tag of a version does not seal the ledger.
	SealUnfit UnknownKind = "seal"
	// KMSDiffers: KMS shows a version in another state than the ledger tells.
	KMSDiffers UnknownKind = "kms-differs"
	// EventUnknown: an event that this release does not know.
	EventUnknown UnknownKind = "event"
)

// Sentence describes it to people.
func (u Unknown) Sentence() string {
	v := plan.VersionName(u.Version)
	switch u.Kind {
	case Unread:
		return "not read: " + u.Text
	case NoLedger:
		return "what happened to this key, and which windows were due: there is no event of it"
	case BeforeLedger:
		return "from " + plan.Stamp(u.From) + " to " + plan.Stamp(u.To) + " there is no ledger of this key"
	case LedgerGap:
		if u.From.IsZero() {
			return fmt.Sprintf("%s, up to %s: no event tells what happened", u.revs(), plan.Stamp(u.To))
		}
		return fmt.Sprintf("%s, between %s and %s: no event tells what happened", u.revs(), plan.Stamp(u.From),
			plan.Stamp(u.To))
	case LedgerDiffers:
		return "the ledger and the record: " + u.Text
	case Rebuilt:
		return fmt.Sprintf("the record was made again from KMS on %s; no event tells %s before that", plan.Stamp(u.To),
			u.revs())
	case AdoptedBefore:
		text := v + " was found behind the alias: who made it and who used it before " + plan.Stamp(u.To)
		if !u.From.IsZero() {
			text += " (KMS says it was made " + plan.Stamp(u.From) + ")"
		}
		return text
	case RecordOnly:
		return v + " is in the record, and no event tells how it came there"
	case ScheduleUnknown:
		return "from " + plan.Stamp(u.From) + " to " + plan.Stamp(u.To) +
			" the schedule is not known: which windows were due then"
	case WindowsLeftOut:
		return "windows from " + plan.Stamp(u.From) + " to " + plan.Stamp(u.To) + " are left out: there are too many"
	case UseUnknown:
		if u.From.IsZero() {
			return "whether " + v + " is in use: " + u.Text
		}
		return "whether " + v + " was used before " + plan.Stamp(u.From) + ": KMS has recorded its use since then only"
	case KMSDiffers:
		return fmt.Sprintf("since when, and by whom, KMS shows %s as %s: the ledger tells that it is %s", v, u.Text,
			u.Told)
	case EventUnknown:
		return u.revs() + ": this release of keyturn does not know what the event says"
	}
	return u.Text
}

func (u Unknown) revs() string {
	if u.Revs[0] == u.Revs[1] {
		return fmt.Sprintf("revision %d", u.Revs[0])
	}
	return fmt.Sprintf("revisions %d to %d", u.Revs[0], u.Revs[1])
}
