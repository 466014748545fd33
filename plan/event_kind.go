package plan

import (
	"slices"
)

// EventKind is one word for what a write of the record did.
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

// The words that say more of one: of a hold, who set it; of a note, what it puts
// down; of an old version, what was found. After EventRefused stands the code of
// the refusal.
const (
	EventSelfHold    EventKind = "self-hold"    // the hold is one of the key's own
	EventSelfRelease EventKind = "self-release" // it is a person's alone from now on
	EventUnsent      EventKind = "unsent"       // a signature was thrown away
	EventAnswered    EventKind = "answered"     // one was answered
	EventMoveNo      EventKind = "move-no"      // the alias move was refused
	EventFailed      EventKind = "failed"       // a call was
	EventRefused     EventKind = "refused"      // by keyturn
	EventFree        EventKind = "free"         // the lease was given back
	EventAnotherKey  EventKind = "another-key"  // one more is about to be made
	EventNoMoreKeys  EventKind = "no-more-keys"
	EventFound       EventKind = "found" // somebody else did it, or an earlier call
	EventPending     EventKind = "pending-deletion"
	EventGone        EventKind = "gone"
	EventDisable     EventKind = EventKind(FencedDisable)
	EventDelete      EventKind = EventKind(FencedDelete)
)

// byVerb is the word for the person's verb that a write serves.
func byVerb(v Verb) EventKind { return byVerbs + EventKind(v) }

const byVerbs = "by-"

func did(words ...EventKind) []EventKind { return words }

// Is reports whether the write did this.
func (e Event) Is(k EventKind) bool { return slices.Contains(e.Kind, k) }

// did lists the words that a write's own act says.
func (a Act) did() []EventKind {
	words := did(kinds[a.Kind].event)
	if a.Verb != "" {
		words = append(words, byVerb(a.Verb))
	}
	if a.Write == nil {
		return words
	}
	for _, w := range a.Write.words() {
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}
