package plan

import (
	"fmt"
	"slices"
	"strings"
)

// EventText describes an event in a sentence for people. An unknown word stands in it
// as it is.
func EventText(e Event) string {
	var parts, codes []string
	for i, k := range e.Kind {
		text, known := eventTexts[k]
		switch {
		case strings.HasPrefix(string(k), byVerbs): // in the sentence of the word before
		case !known && e.Is(EventRefused):
			codes = append(codes, string(k))
		case !known:
			parts = append(parts, string(k))
		default:
			if s := text(e, i == 0); s != "" {
				parts = append(parts, s)
			}
		}
	}
	if len(codes) > 0 {
		parts = append(parts, "refused: "+strings.Join(codes, ", "))
	}
	return strings.Join(parts, ", ")
}

// byText describes who caused the event.
func (e Event) byText() string { return fmt.Sprintf("%s (run %s, %s)", e.Who.Pool, e.Run, e.Who.By) }

// WriteText describes what a write about an old version did.
func WriteText(a Act) string { return EventText(Event{Kind: a.did(), Version: a.Version}) }

// eventTexts has the text that each word adds to the sentence; "" is nothing. first
// reports whether the word is the event's first.
var eventTexts = map[EventKind]func(e Event, first bool) string{
	EventAdopt:     about("adopted %s"),
	EventClaim:     func(e Event, _ bool) string { return "claimed " + e.claimedText() },
	EventTakeover:  func(e Event, _ bool) string { return "took over" + e.verbText() },
	EventRenew:     says("renewed"),
	EventCreated:   about("created %s"),
	EventConfirm:   about("confirmed the switch to %s"),
	EventFinish:    Event.finishText,
	EventAbandon:   Event.abandonText,
	EventRebuild:   Event.rebuildText,
	EventNote:      func(e Event, _ bool) string { return alone(e, "note") },
	EventHold:      leading("held"),
	EventRelease:   leading("released"),
	EventReinstate: Event.reinstateText,
	EventLookAgain: about("sees to %s again"),
	EventLooked:    about("%s is enabled"),
	EventChecked:   about("asks whether %s may go"),
	EventKept:      about("kept %s"),
	EventMark: func(e Event, _ bool) string {
		return "marked " + VersionName(e.Version) + ": " + string(e.markText()) + e.retireText(", to retire it now")
	},
	EventMarkNo: Event.markNoText,
	EventUnmark: about("%s is enabled"),
	EventRetired: func(e Event, first bool) string {
		return oldText("disabled %s")(e, first) + e.retireText(", retired by a person")
	},
	EventDeleting: deletingText,

	EventSelfHold: func(e Event, _ bool) string {
		if e.Kind[0] == EventHold {
			return ""
		}
		return "the key holds itself"
	},
	EventSelfRelease: says(""),
	EventUnsent:      says("signature thrown away"),
	EventAnswered:    says("answered"),
	EventMoveNo:      says("alias move refused"),
	EventFailed:      func(e Event, _ bool) string { return strings.TrimPrefix(e.failedCall()+" failed", " ") },
	EventRefused:     says(""),
	EventFree:        says("lease freed"),
	EventAnotherKey:  func(e Event, _ bool) string { return "another key for " + VersionName(e.Generation) },
	EventNoMoreKeys:  says("no more keys"),
	EventFound:       says(""),
	EventPending:     says(""),
	EventGone:        says(""),
	EventDisable:     says(""),
	EventDelete:      says(""),
}

func says(text string) func(Event, bool) string { return func(Event, bool) string { return text } }

func about(format string) func(Event, bool) string {
	return func(e Event, _ bool) string { return fmt.Sprintf(format, VersionName(e.Version)) }
}

// leading adds a text only if the word is the first: otherwise it follows from another.
func leading(text string) func(Event, bool) string {
	return func(e Event, first bool) string {
		switch {
		case !first:
			return ""
		case e.Version != 0:
			return text + " " + VersionName(e.Version)
		}
		return text
	}
}

func alone(e Event, text string) string {
	if len(e.Kind) > 1 {
		return ""
	}
	return text
}

// claimedText describes a claimed generation. One of a rollback makes no version.
func (e Event) claimedText() string {
	switch {
	case e.Is(ByVerb(VerbRollback)):
		return fmt.Sprintf("generation %d: rollback to %s", e.Generation, VersionName(e.Version))
	case e.Is(ByVerb(VerbRotate)):
		return VersionName(e.Generation) + ": rotate"
	}
	return VersionName(e.Generation)
}

// verbText names the person's verb that continued an open generation.
func (e Event) verbText() string {
	for _, k := range e.Kind {
		if verb, ok := strings.CutPrefix(string(k), byVerbs); ok {
			return ": " + verb
		}
	}
	return ""
}

// retireText returns the text if the event is of a person's retire, or of its end.
func (e Event) retireText(text string) string {
	if e.Is(ByVerb(VerbRetire)) {
		return text
	}
	return ""
}

func (e Event) rebuildText(bool) string {
	text := "rebuilt from KMS"
	for _, x := range e.Ended {
		text += ", found " + VersionName(x.Version) + " disabled" + e.endedText(x.Version, "")
	}
	if len(e.Replaced) == 0 {
		return text
	}
	from, to := e.Replaced[0].Rev, e.Replaced[len(e.Replaced)-1].Rev
	return text + ", in place of " + revisions(from, to) + " that the ledger tells otherwise"
}

// revisions names a span: "revision 7", "revisions 7 to 9".
func revisions(from, to int64) string {
	if from == to {
		return fmt.Sprintf("revision %d", from)
	}
	return fmt.Sprintf("revisions %d to %d", from, to)
}

func (e Event) finishText(first bool) string {
	if !first {
		return ""
	}
	return "switched to " + VersionName(e.Version) + e.verbText()
}

func (e Event) abandonText(first bool) string {
	if !first { // by an adopt or a rebuild
		return ""
	}
	given := e.Generation
	if e.Is(EventClaim) {
		given--
	}
	return fmt.Sprintf("abandoned generation %d", given)
}

func (e Event) markText() EventKind {
	if e.Is(EventDelete) {
		return EventDelete
	}
	return EventDisable
}

func (e Event) markNoText(bool) string {
	if e.Is(EventUnsent) {
		return ""
	}
	text := string(e.markText()) + " refused"
	if n := len(e.Calls); n > 0 {
		text += ": " + e.Calls[n-1].Answer
	}
	return text
}

// oldText describes what was done to an old version, or how it was found.
func oldText(format string) func(Event, bool) string {
	return func(e Event, first bool) string {
		v := VersionName(e.Version)
		switch {
		case !e.Is(EventFound):
			return fmt.Sprintf(format, v)
		case e.Is(EventPending):
			return "found " + v + " pending deletion" + e.endedText(e.Version, ",")
		case e.Is(EventGone):
			return "found " + v + " gone" + e.endedText(e.Version, ",")
		}
		return "found " + v + " disabled" + e.endedText(e.Version, "")
	}
}

// endedText describes how somebody else has ended the drain of a version, to end a sentence;
// "" if keyturn may have done it. after stands before it.
func (e Event) endedText(version int64, after string) string {
	i := slices.IndexFunc(e.Ended, func(x Ended) bool { return x.Version == version })
	if i < 0 {
		return ""
	}
	if early := e.Ended[i].Early(e.At); early > 0 {
		return fmt.Sprintf("%s by somebody else, at least %s before its deadline", after, Age(early))
	}
	return after + " by somebody else; its deadline was " + Stamp(e.Ended[i].Until)
}

func deletingText(e Event, first bool) string {
	text := oldText("scheduled the deletion of %s")(e, first)
	if e.Until.IsZero() || e.Is(EventGone) {
		return text
	}
	return text + " for " + Stamp(e.Until)
}

func (e Event) reinstateText(bool) string {
	text, ended := "reinstated "+VersionName(e.Version), e.endedText(e.Version, "")
	switch {
	case e.Is(EventPending):
		return text + ", found pending deletion" + e.endedText(e.Version, ",")
	case ended != "":
		return text + ", found disabled" + ended
	}
	return text
}

// failedCall returns the operation of the last call whose answer is not yes.
func (e Event) failedCall() string {
	for _, c := range slices.Backward(e.Calls) {
		if c.Answer != string(Yes) {
			return c.Operation
		}
	}
	return ""
}
