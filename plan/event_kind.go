package plan

import "slices"

// EventKind is a word for what a write of the record did.
type EventKind string

// The words. A write that does two things has two: a claim over an open
// generation is abandon and claim.
const (
	EventAdopt    EventKind = "adopt"
	EventClaim    EventKind = "claim"
	EventTakeover EventKind = "takeover"
	EventRenew    EventKind = "renew"
	EventCreated  EventKind = "created"
	EventConfirm  EventKind = "confirm"
	// EventFinish: the claim that the event names is done.
	EventFinish EventKind = "finish"
	// EventAbandon: the claim in gave_up was open, and ended without being done.
	EventAbandon   EventKind = "abandon"
	EventRebuild   EventKind = "rebuild"
	EventNote      EventKind = "note"
	EventHold      EventKind = "hold"
	EventRelease   EventKind = "release"
	EventReinstate EventKind = "reinstate"
	EventLookAgain EventKind = "look-again"
	// EventLooked: a reinstated version is enabled.
	EventLooked   EventKind = "looked"
	EventChecked  EventKind = "checked"
	EventKept     EventKind = "kept"
	EventMark     EventKind = "mark"
	EventMarkNo   EventKind = "mark-no"
	EventUnmark   EventKind = "unmark"
	EventRetired  EventKind = "retired"
	EventDeleting EventKind = "deleting"
)

// The words that add to another: for a hold, who set it; for a note, what it records;
// for an old version, how it was found. EventRefused is followed by the code of the
// refusal.
const (
	// EventSelfHold: the key holds itself.
	EventSelfHold EventKind = "self-hold"
	// EventSelfRelease: from now on only a person holds the key.
	EventSelfRelease EventKind = "self-release"
	// EventUnsent: a signature was thrown away.
	EventUnsent EventKind = "unsent"
	// EventAnswered: a signed call was answered.
	EventAnswered EventKind = "answered"
	// EventMoveNo: KMS refused the alias move.
	EventMoveNo EventKind = "move-no"
	// EventFailed: a call failed.
	EventFailed EventKind = "failed"
	// EventRefused: keyturn refused.
	EventRefused EventKind = "refused"
	// EventFree: the lease was given back.
	EventFree EventKind = "free"
	// EventAnotherKey: one more key is about to be made for the generation.
	EventAnotherKey EventKind = "another-key"
	EventNoMoreKeys EventKind = "no-more-keys"
	// EventFound: somebody else did it, or an earlier call.
	EventFound   EventKind = "found"
	EventPending EventKind = "pending-deletion"
	EventGone    EventKind = "gone"
	EventDisable EventKind = EventKind(FencedDisable)
	EventDelete  EventKind = EventKind(FencedDelete)
)

// ByVerb returns the word for the person's verb that a write serves.
func ByVerb(v Verb) EventKind { return byVerbs + EventKind(v) }

const byVerbs = "by-"

// ClaimVerb returns the verb that claimed a generation, by the event of the claim. Only an adopt has no
// word for it.
func (e Event) ClaimVerb() Verb {
	switch {
	case e.Schedule != "":
		return VerbSchedule
	case e.Is(ByVerb(VerbRotate)):
		return VerbRotate
	case e.Is(ByVerb(VerbRollback)):
		return VerbRollback
	}
	return VerbAdopt
}

func did(words ...EventKind) []EventKind { return words }

// Is reports whether the write did this.
func (e Event) Is(k EventKind) bool { return slices.Contains(e.Kind, k) }

// did returns the words for what the act itself does.
func (a Act) did() []EventKind {
	words := did(kinds[a.Kind].event)
	if a.Verb != "" {
		words = append(words, ByVerb(a.Verb))
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
