package plan

import (
	"cmp"
	"reflect"
	"strings"
	"time"
)

// Event is one entry of the ledger: what a write of the record did. EventText
// describes it to people.
type Event struct {
	Rev int64
	At  time.Time
	// Kind lists what the write did, in words; a write may do several things. A word
	// of a newer keyturn stays in it.
	Kind []EventKind
	// Claim is the id of the claim that is open after the write, or that the
	// write finished; "" if there is none.
	Claim string
	// GaveUp is the id of the claim that the write gave up, whatever its kind.
	GaveUp string
	// Generation is the record's after the write.
	Generation int64
	// Version is the version that the write is about; 0 if it is about none.
	Version int64
	// KeyID is the KMS key of Version.
	KeyID string
	// Window is the latest window that is done, if the write has changed that.
	Window time.Time
	// Anchor is the record's, if the write has made the record. One of an older keyturn has none.
	Anchor time.Time
	// Schedule is the plan's, for a scheduled claim.
	Schedule string
	// Until is when the lease, hold, drain, mark or fence ends that the write begins, or when
	// KMS deletes the version.
	Until time.Time
	// Left are the versions that are no longer live after the write, or whose deadline
	// or terms it has changed.
	Left []Left
	// Ended are the versions that drained and were found disabled or deleted, which keyturn
	// had not done.
	Ended []Ended
	Run   string
	Who   Who
	// Reason is what a person said, or why the key holds itself; at most MaxReason
	// bytes.
	Reason string
	// Calls are the calls to KMS whose answers the write records: the newest
	// MaxCalls.
	Calls []Answered
	// Replaced are the events of the record before a rebuild which the ledger tells
	// otherwise.
	Replaced []Event
	// Prev is the event before this one; of a rebuild, the newest that was known. The first
	// event of a ledger has none.
	Prev Link
	Rest Rest
	// Stored is the event in the form that is hashed, as it was read or written; "" if that
	// was not asked for. See docs/record.md.
	Stored string
}

// Who describes the run that made a write. A record has it once for each run.
type Who struct {
	Pool, Host string
	// By is the ARN of the caller.
	By string
	// Release is keyturn's.
	Release string
	// Plan is the name of the plan, and Terms the digest of its policy for the key.
	Plan, Terms string
	Rest        Rest
}

// Left describes a version that drains: until when, and on which terms.
type Left struct {
	Version int64
	KeyID   string
	// Live reports whether the version was live until this write.
	Live   bool
	Until  time.Time
	Retire Retire
	Rest   Rest
}

// Ended describes a drain that somebody else has ended. KMS does not show when that was: what
// is proved is that it was before the event.
type Ended struct {
	Version int64
	KeyID   string
	// Until is the deadline of the drain.
	Until time.Time
	Rest  Rest
}

// Early returns how long before its deadline the drain had certainly ended; zero if it may
// have lasted as long as it should.
func (x Ended) Early(found time.Time) time.Duration { return max(0, x.Until.Sub(found)) }

// Answered is a call to KMS and its answer: "yes", "unknown" or AWS's error code.
type Answered struct {
	Operation string
	RequestID string
	Answer    string
	Rest      Rest
}

// These bound one event.
const (
	MaxReason = 256
	MaxCalls  = 8
)

// eventOf describes a write by the record before it and after it.
func eventOf(before, after *Record, a Act) Event {
	e := Event{Rev: after.Rev, At: a.At, Generation: after.Generation, Run: a.Self.Run, Who: a.who(),
		Reason: a.Reason, Calls: a.Calls}
	claim := a.Claims()
	if claim != nil {
		e.Schedule = a.Schedule
	}
	words := a.did()
	e.Kind = words[:1:1]
	e.setClaims(before, after, a)
	e.Kind = append(e.Kind, words[1:]...)
	switch a.Kind {
	case WriteNote, WriteTakeover, WriteRenew, WriteAbandon:
	case WriteClaim, WriteFirstClaim:
		e.Version = after.Generation
	default:
		e.Version, e.KeyID = a.Version, a.KeyID
	}
	if claim != nil && claim.Verb == VerbRollback && after.Target != 0 {
		e.Version = after.Target
	}
	if before == nil {
		before = &Record{}
	}
	if !after.Window.Equal(before.Window) {
		e.Window = after.Window
	}
	switch w := a.Write.(type) {
	case AdoptWrite, FirstClaimWrite:
		e.Anchor = after.Anchor
	case RebuildWrite:
		e.Anchor, e.Replaced, e.Prev = after.Anchor, w.Replaced, w.Follows
	}
	e.Until = a.until(after)
	if was := before.Entry(a.Version); a.Kind == WriteRetired && was != nil && was.RetiredBy != "" {
		e.addKind(ByVerb(VerbRetire))
	}
	e.setEnded(before, after, a)
	e.setHold(before.Hold, after.Hold, a)
	e.setLeft(before, after)
	return e
}

// setClaims sets which claim is open or finished and which was given up. A claim that
// was open before the write, and after it is neither open nor finished, was given up,
// whatever the kind of the write.
func (e *Event) setClaims(before, after *Record, a Act) {
	switch was, is := before.openClaim(), after.openClaim(); {
	case a.Kind == WriteFinish:
		e.Claim = was
	case is == was:
		e.Claim = is
	case is != "":
		e.Claim, e.GaveUp = is, was
		e.addKind(EventClaim)
	default:
		e.GaveUp = was
		// Giving the open claim up may be all that a verb had to do.
		if w, ok := a.Write.(AbandonWrite); ok && w.Ended != nil {
			e.Claim = w.Ended.ID
			e.addKind(EventFinish)
		}
	}
	if e.GaveUp != "" {
		e.addKind(EventAbandon)
	}
}

// until returns when ends what a write begins or extends; zero if it does neither.
func (a Act) until(after *Record) time.Time {
	switch a.Kind {
	case WriteFirstClaim, WriteClaim, WriteAbandon, WriteTakeover, WriteRenew:
		if after.Lease != nil {
			return after.Lease.Until
		}
	case WriteConfirm:
		return after.Fence.Until
	case WriteHold:
		if h := after.HoldOf(a.Version); h != nil {
			return h.Until
		}
	case WriteReinstate, WriteLooked:
		if d := after.EntryOf(a.KeyID); d != nil && d.State == Draining {
			return d.DrainUntil
		}
	case WriteMark:
		if v := after.Entry(a.Version); v != nil && v.Fence != nil {
			return v.Fence.Until
		}
	case WriteDeleting:
		if d := after.Entry(a.Version); d != nil {
			return d.DeleteAt
		}
	}
	return time.Time{}
}

// setHold sets what the write did to the hold. A rebuild restores a hold that older
// events describe, so its event describes only a hold of the key itself.
func (e *Event) setHold(before, after *Hold, a Act) {
	self := after != nil && after.Self
	switch {
	case after == nil && before != nil:
		e.addKind(EventRelease)
	case after == nil || sameHold(before, after):
	case a.Kind == WriteRebuild:
		if self && (before == nil || !before.Self) {
			e.addKind(EventSelfHold)
		}
	case before != nil && before.Self && !self:
		e.addKind(EventSelfRelease)
	default:
		e.addKind(EventHold)
		if self {
			e.addKind(EventSelfHold)
		}
		if e.Reason == "" {
			e.Reason = cutReason(after.Reason)
		}
	}
}

// HoldsVersion reports whether the event is that of a hold, or of a release, of the version
// in it, and not of the key.
func (e Event) HoldsVersion() bool {
	return e.Version != 0 && len(e.Kind) > 0 && (e.Kind[0] == EventHold || e.Kind[0] == EventRelease)
}

// RetiresFound reports whether the event is that of a person's retire of a version that was
// disabled already. One of a run that found what an earlier retire did has no reason.
func (e Event) RetiresFound() bool {
	return e.Is(EventRetired) && e.Is(EventFound) && e.Is(ByVerb(VerbRetire)) && e.Reason != ""
}

// cutReason shortens the reason of a hold: it may quote AWS.
func cutReason(s string) string { return cutText(s, MaxReason) }

// cutText shortens a text to so many bytes.
func cutText(s string, most int) string {
	const more = "…"
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-len(more)], "") + more
}

// setLeft sets which versions are no longer live, and whose deadlines moved.
func (e *Event) setLeft(before, after *Record) {
	for _, d := range after.Draining() {
		was := before.EntryOf(d.KeyID)
		live := was != nil && was.Version == before.Active
		if was == nil || was.State != Draining || !was.DrainUntil.Equal(d.DrainUntil) {
			e.Left = append(e.Left, Left{Version: d.Version, KeyID: d.KeyID, Live: live, Until: d.DrainUntil,
				Retire: d.Retire})
		}
	}
}

// setEnded sets which drains somebody else has ended.
func (e *Event) setEnded(before, after *Record, a Act) {
	ended := false
	switch w := a.Write.(type) {
	case RebuildWrite:
		e.Ended = w.Ended
	case ReinstateWrite:
		ended = w.Found
	case RetiredWrite:
		v, was := after.Entry(a.Version), before.Entry(a.Version)
		ended = v != nil && v.DisabledUnknown && was != nil && was.drainsUntouched()
	}
	if was := before.Entry(a.Version); ended && was != nil {
		e.Ended = []Ended{{Version: was.Version, KeyID: was.KeyID, Until: was.DrainUntil}}
	}
}

func (a Act) who() Who {
	s := a.Self
	return Who{Pool: s.Pool, Host: s.Host, By: a.Caller, Release: s.Release, Plan: s.Plan, Terms: s.Terms}
}

func sameHold(a, b *Hold) bool {
	return a != nil && b != nil && a.By == b.By && a.Reason == b.Reason && a.Self == b.Self && a.Since.Equal(b.Since) &&
		a.Until.Equal(b.Until)
}

// SameEvent reports whether two events tell the same.
func SameEvent(a, b Event) bool { return reflect.DeepEqual(a.plain(), b.plain()) }

// plain returns an event without what is not compared: time zones, whether an empty list
// is nil, and whether the stored form was asked for.
func (e Event) plain() Event {
	e.At, e.Window, e.Anchor, e.Until = e.At.UTC(), e.Window.UTC(), e.Anchor.UTC(), e.Until.UTC()
	e.Stored = ""
	e.Kind = append([]EventKind{}, e.Kind...)
	left := []Left{}
	for _, l := range e.Left {
		l.Until = l.Until.UTC()
		left = append(left, l)
	}
	ended := []Ended{}
	for _, x := range e.Ended {
		x.Until = x.Until.UTC()
		ended = append(ended, x)
	}
	calls := append([]Answered{}, e.Calls...)
	replaced := []Event{}
	for _, r := range e.Replaced {
		replaced = append(replaced, r.plain())
	}
	e.Left, e.Ended, e.Calls, e.Replaced = left, ended, calls, replaced
	return e
}

func (e *Event) addKind(k EventKind) {
	if !e.Is(k) {
		e.Kind = append(e.Kind, k)
	}
}

// openClaim returns the id of the open claim; "" if there is none.
func (r *Record) openClaim() string {
	if r == nil || r.Step == Steady || r.Claim == nil {
		return ""
	}
	return r.Claim.ID
}

// call returns a call to KMS and its answer as an event has it.
func (a Answer) call(operation string) Answered {
	return Answered{Operation: operation, RequestID: a.RequestID, Answer: cmp.Or(a.Code, string(a.Verdict))}
}
