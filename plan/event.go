package plan

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Event is one entry of the ledger: what a write of the record did. It is data;
// EventText makes the sentence.
type Event struct {
	Rev int64
	At  time.Time
	// Kind is what the write did, in words. A write may do several things at once.
	// A word of a newer keyturn is kept.
	Kind []EventKind
	// Claim is the id of the claim that is open after the write, or that the
	// write finished; "" if there is none.
	Claim string
	// GaveUp is the id of the claim that the write gave up, by whatever kind.
	GaveUp string
	// Generation is that of the record after the write.
	Generation int64
	// Version is the version that the write is about; 0 if it is about none. KeyID
	// is its KMS key.
	Version int64
	KeyID   string
	// Window is the latest one that is done, if the write has changed that.
	Window time.Time
	// Schedule is the plan's, of a claim that was made by it.
	Schedule string
	// Until is the end of what Kind says: of the lease, of the hold, of the drain,
	// of a mark; of a confirm, the fence's.
	Until time.Time
	// Left are the versions that stopped being live by the write, or whose deadline
	// or terms it has changed.
	Left []Left
	Run  string
	Who  Who
	// Reason is a person's, or why the key holds itself; at most MaxReason bytes.
	Reason string
	// Calls are the calls to KMS whose answers the write records: the newest
	// MaxCalls.
	Calls []Answered
	Rest  Rest
}

// Who is who acted: the run that made a write. A record has it once for each run.
type Who struct {
	Pool, Host string
	By         string // caller ARN
	Release    string // of keyturn
	Plan       string // name of the plan
	Terms      string // digest of what the plan says of the key
	Rest       Rest
}

// Left is a version that drains: until when, and on which terms.
type Left struct {
	Version int64
	KeyID   string
	Live    bool // it was live until this write
	Until   time.Time
	Retire  Retire
	Rest    Rest
}

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
	e.claims(before, after, a)
	e.Kind = append(e.Kind, words[1:]...)
	switch a.Kind {
	case WriteNote, WriteTakeover, WriteRenew, WriteHold, WriteRelease, WriteAbandon:
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
	e.Until = a.until(after)
	e.holds(before.Hold, after.Hold, a)
	e.leaves(before, after)
	return e
}

// claims tells what became of claims. One that was open before and is neither
// open nor finished after was given up, whatever the write is called.
func (e *Event) claims(before, after *Record, a Act) {
	switch was, is := before.openClaim(), after.openClaim(); {
	case a.Kind == WriteFinish:
		e.Claim = was
	case is == was:
		e.Claim = is
	case is != "":
		e.Claim, e.GaveUp = is, was
		e.also(EventClaim)
	default:
		e.GaveUp = was
		if w, ok := a.Write.(AbandonWrite); ok && w.Ended != nil { // giving the other one up was all it had to do
			e.Claim = w.Ended.ID
			e.also(EventFinish)
		}
	}
	if e.GaveUp != "" {
		e.also(EventAbandon)
	}
}

// until is the end of what a write begins or moves out; zero if it does neither.
func (a Act) until(after *Record) time.Time {
	switch a.Kind {
	case WriteFirstClaim, WriteClaim, WriteAbandon, WriteTakeover, WriteRenew:
		if after.Lease != nil {
			return after.Lease.Until
		}
	case WriteConfirm:
		return after.Fence.Until
	case WriteHold:
		return after.Hold.Until
	case WriteReinstate, WriteLooked:
		if d := after.EntryOf(a.KeyID); d != nil && d.State == Draining {
			return d.DrainUntil
		}
	case WriteMark:
		return a.At.Add(FenceFor)
	}
	return time.Time{}
}

// holds tells what the write did to the hold. A rebuild restores one that older
// events tell of, and so it tells only of one of the key's own.
func (e *Event) holds(before, after *Hold, a Act) {
	self := after != nil && after.Self
	switch {
	case after == nil && before != nil:
		e.also(EventRelease)
	case after == nil || sameHold(before, after):
	case a.Kind == WriteRebuild:
		if self && (before == nil || !before.Self) {
			e.also(EventSelfHold)
		}
	case before != nil && before.Self && !self:
		e.also(EventSelfRelease)
	default:
		e.also(EventHold)
		if self {
			e.also(EventSelfHold)
		}
		if e.Reason == "" {
			e.Reason = cutReason(after.Reason)
		}
	}
}

// cutReason shortens why a key holds itself: it may quote AWS.
func cutReason(s string) string {
	const more = "…"
	if len(s) <= MaxReason {
		return s
	}
	return strings.ToValidUTF8(s[:MaxReason-len(more)], "") + more
}

// leaves tells which versions stopped being live, and whose deadlines moved.
func (e *Event) leaves(before, after *Record) {
	for _, d := range after.Draining() {
		was := before.EntryOf(d.KeyID)
		live := was != nil && was.Version == before.Active
		if was == nil || was.State != Draining || !was.DrainUntil.Equal(d.DrainUntil) {
			e.Left = append(e.Left, Left{Version: d.Version, KeyID: d.KeyID, Live: live, Until: d.DrainUntil,
				Retire: d.Retire})
		}
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

// CopiedAtOnce reports whether an event is copied to the ledger in the run that wrote
// it: it begins or ends something that a lost record must not take with it.
func (e Event) CopiedAtOnce() bool {
	return e.Rev == 1 || slices.ContainsFunc(e.Kind, func(k EventKind) bool {
		switch k {
		case EventAdopt, EventRebuild, EventHold, EventSelfHold, EventRelease, EventSelfRelease:
			return true
		}
		return false
	})
}

// SameEvent reports whether two events tell the same. What a newer keyturn added
// to one is not compared.
func SameEvent(a, b Event) bool { return reflect.DeepEqual(a.plain(), b.plain()) }

// plain is an event without what is not compared: time zones, unknown attributes,
// and whether an empty list is there.
func (e Event) plain() Event {
	e.At, e.Window, e.Until = e.At.UTC(), e.Window.UTC(), e.Until.UTC()
	e.Rest, e.Who.Rest = nil, nil
	e.Kind = append([]EventKind{}, e.Kind...)
	left := []Left{}
	for _, l := range e.Left {
		l.Until, l.Rest, l.Retire.Rest = l.Until.UTC(), nil, nil
		left = append(left, l)
	}
	calls := []Answered{}
	for _, c := range e.Calls {
		c.Rest = nil
		calls = append(calls, c)
	}
	e.Left, e.Calls = left, calls
	return e
}

func (e *Event) also(k EventKind) {
	if !e.Is(k) {
		e.Kind = append(e.Kind, k)
	}
}

// openClaim is the id of the claim of an open generation; "" if none is open.
func (r *Record) openClaim() string {
	if r == nil || r.Step == Steady || r.Claim == nil {
		return ""
	}
	return r.Claim.ID
}

// call is how a call to KMS stands in an event.
func (a Answer) call(operation string) Answered {
	return Answered{Operation: operation, RequestID: a.RequestID, Answer: cmp.Or(a.Code, string(a.Verdict))}
}
