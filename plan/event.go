package plan

import (
	"cmp"
	"slices"
)

// EventKind is one word for what a write of the record did. Rules and verbs ask
// for these words, never for the sentence beside them.
type EventKind string

// The words. A write that does two things has two: a claim over an open
// generation is abandon and claim.
const (
	EventAdopt     EventKind = "adopt"
	EventClaim     EventKind = "claim"
	EventTakeover  EventKind = "takeover"
	EventRenew     EventKind = "renew"
	EventCreated   EventKind = "created"
	EventConfirm   EventKind = "confirm"
	EventFinish    EventKind = "finish"  // the claim that the event names is done
	EventAbandon   EventKind = "abandon" // the claim in gave_up was open, and is over without being done
	EventRebuild   EventKind = "rebuild"
	EventNote      EventKind = "note"
	EventHold      EventKind = "hold"
	EventRelease   EventKind = "release"
	EventReinstate EventKind = "reinstate"
	EventLookAgain EventKind = "look-again"
	EventLooked    EventKind = "looked" // a reinstated version is enabled
	EventChecked   EventKind = "checked"
	EventKept      EventKind = "kept"
	EventMark      EventKind = "mark"
	EventMarkNo    EventKind = "mark-no"
	EventUnmark    EventKind = "unmark"
	EventRetired   EventKind = "retired"
	EventDeleting  EventKind = "deleting"
)

// Is reports whether the write did this.
func (e Event) Is(k EventKind) bool { return slices.Contains(e.Kind, k) }

// eventWord is the first word for each kind of write.
var eventWord = map[Kind]EventKind{
	WriteAdopt: EventAdopt, WriteAdoptDrift: EventAdopt, WriteFirstClaim: EventClaim, WriteClaim: EventClaim,
	WriteTakeover: EventTakeover, WriteRenew: EventRenew, WriteCreated: EventCreated, WriteConfirm: EventConfirm,
	WriteFinish: EventFinish, WriteAbandon: EventAbandon, WriteRebuild: EventRebuild, WriteNote: EventNote,
	WriteHold: EventHold, WriteRelease: EventRelease, WriteReinstate: EventReinstate, WriteLookAgain: EventLookAgain,
	WriteLooked: EventLooked, WriteChecked: EventChecked, WriteKept: EventKept, WriteMark: EventMark,
	WriteMarkNo: EventMarkNo, WriteUnmark: EventUnmark, WriteRetired: EventRetired, WriteDeleting: EventDeleting,
}

// tell fills in what a write did, from the record before it and after it. A
// claim that was open before and is neither open nor finished after was given
// up, whatever the write is called.
func (e *Event) tell(before, after *Record, a Act) {
	e.Kind = []EventKind{cmp.Or(eventWord[a.Kind], EventKind(a.Kind))}
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
		if a.Ended != nil { // giving the other one up was all that this one had to do
			e.Claim = a.Ended.ID
			e.also(EventFinish)
		}
	}
	if e.GaveUp != "" {
		e.also(EventAbandon)
	}
	switch a.Kind {
	case WriteNote, WriteTakeover, WriteRenew, WriteHold, WriteRelease, WriteAbandon, WriteClaim, WriteFirstClaim:
	default:
		e.Version, e.KeyID = a.Version, a.KeyID
	}
	e.tellState(before, after)
}

// tellState puts down what a record that was lost is made again from: what the
// write did to holds, windows and versions that drain.
func (e *Event) tellState(before, after *Record) {
	if before == nil {
		before = &Record{}
	}
	e.Generation = after.Generation
	if !after.Window.Equal(before.Window) {
		e.Window = after.Window
	}
	switch {
	case after.Hold == nil && before.Hold != nil:
		e.also(EventRelease)
	case after.Hold != nil && !sameHold(before.Hold, after.Hold):
		e.Hold = clone(after.Hold)
	}
	for _, d := range after.Draining {
		was := before.drainingOf(d.KeyID)
		live := before.Active != nil && before.Active.KeyID == d.KeyID
		if was == nil || !was.DrainUntil.Equal(d.DrainUntil) {
			e.Left = append(e.Left, Left{Version: d.Version, KeyID: d.KeyID, Live: live, Until: d.DrainUntil,
				Retire: d.Retire})
		}
	}
}

func sameHold(a, b *Hold) bool {
	return a != nil && b != nil && a.By == b.By && a.Reason == b.Reason && a.Self == b.Self && a.Since.Equal(b.Since) &&
		a.Until.Equal(b.Until)
}

func (r *Record) drainingOf(keyID string) *Draining {
	for i := range r.Draining {
		if r.Draining[i].KeyID == keyID {
			return &r.Draining[i]
		}
	}
	return nil
}

// CopiedAtOnce reports whether an event is copied to the ledger in the run that wrote
// it: it begins or ends something that a lost record must not take with it.
func (e Event) CopiedAtOnce() bool {
	return e.Is(EventAdopt) || e.Is(EventRebuild) || e.Is(EventRelease) || e.Hold != nil || e.Rev == 1
}

// sameState tells whether two events tell the same of the state.
func sameState(a, b Event) bool {
	return a.Generation == b.Generation && a.KeyID == b.KeyID && a.Window.Equal(b.Window) &&
		(a.Hold == nil && b.Hold == nil || sameHold(a.Hold, b.Hold)) &&
		slices.EqualFunc(a.Left, b.Left, func(x, y Left) bool {
			return x.Version == y.Version && x.KeyID == y.KeyID && x.Live == y.Live && x.Until.Equal(y.Until)
		})
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
