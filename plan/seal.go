package plan

import (
	"fmt"
	"slices"
	"strings"
)

// SealState is how the seal of a version was found.
type SealState string

// The states of a seal.
const (
	// SealFits: the tag has the hash of the claim's event.
	SealFits SealState = "fits"
	// SealBroken: the tag has another hash. The ledger up to the claim was rewritten, or
	// the tag was changed.
	SealBroken SealState = "broken"
	// SealAbsent: the key has no such tag.
	SealAbsent SealState = "absent"
	// SealDeleted: KMS has deleted the key. CloudTrail has its CreateKey, and the tag there.
	SealDeleted SealState = "deleted"
	// SealUnread: the tags could not be read.
	SealUnread SealState = "unread"
	// SealUnknown: the ledger does not have the claim's event.
	SealUnknown SealState = "unknown"
)

// Seal is the tag keyturn:ledger of a version that keyturn made, compared with the ledger.
type Seal struct {
	Version int64
	KeyID   string
	// Claim is the event of the claim that made the version: what the tag names.
	Claim Link
	State SealState
	// Tag is what the tag says; "" if it is absent or was not read.
	Tag string
	// Why describes why the tags could not be read.
	Why string
}

// SealsOf returns the versions whose making events tell, oldest first, before their tags
// are read. A rollback makes none.
func SealsOf(events []Event) []Seal {
	claims := map[string]Event{}
	var seals []Seal
	for _, e := range events {
		if e.Is(EventClaim) {
			claims[e.Claim] = e
		}
		made := e.Is(EventCreated) || e.Is(EventConfirm) || e.Is(EventFinish)
		claim, known := claims[e.Claim]
		if !made || e.KeyID == "" || known && claim.Is(byVerb(VerbRollback)) ||
			slices.ContainsFunc(seals, func(s Seal) bool { return s.KeyID == e.KeyID }) {
			continue
		}
		s := Seal{Version: e.Version, KeyID: e.KeyID}
		if known {
			s.Claim = claim.link()
		}
		seals = append(seals, s)
	}
	return seals
}

// Read takes in the tag of a seal's key.
func (s *Seal) Read(tag string) {
	s.Tag = tag
	switch {
	case s.Claim.Hash == "":
		s.State = SealUnknown
	case tag == "":
		s.State = SealAbsent
	case tag != s.Claim.Hash:
		s.State = SealBroken
	default:
		s.State = SealFits
	}
}

// Fault reports whether a seal shows that the ledger or a tag was changed.
func (s Seal) Fault() bool { return s.State == SealBroken || s.State == SealAbsent }

// Sealed returns the newest seal that fits: it seals the ledger up to its claim. It is
// nil if there is none.
func Sealed(seals []Seal) *Seal {
	var newest *Seal
	for i, s := range seals {
		if s.State == SealFits && (newest == nil || s.Claim.Rev > newest.Claim.Rev) {
			newest = &seals[i]
		}
	}
	return newest
}

// Text describes a seal that does not fit; "" for one that does.
func (s Seal) Text() string {
	what := fmt.Sprintf("the seal of %s (key %s)", VersionName(s.Version), s.KeyID)
	switch s.State {
	case SealBroken:
		return fmt.Sprintf("%s has the hash %s, and the event of its claim, revision %d, has %s: "+
			"the ledger up to there was rewritten, or the tag was changed", what, s.Tag, s.Claim.Rev, s.Claim.Hash)
	case SealAbsent:
		return what + ", the tag keyturn:ledger, is missing: somebody has removed it"
	case SealDeleted:
		return what + " is not in KMS any more, which has deleted the key: CloudTrail has it in the event CreateKey"
	case SealUnread:
		return what + " could not be read: " + s.Why
	case SealUnknown:
		return what + " cannot be compared: the ledger does not have the event of its claim"
	}
	return ""
}

// SealedText describes up to where a ledger is sealed, and what is not sealed yet.
func SealedText(seals []Seal, head Link) string {
	newest := Sealed(seals)
	if newest == nil {
		return "not sealed: no version that KMS has was made since the ledger began, or none has a seal that fits"
	}
	text := fmt.Sprintf("sealed up to revision %d by %s (key %s)", newest.Claim.Rev, VersionName(newest.Version),
		newest.KeyID)
	if newest.Claim.Rev < head.Rev {
		text += "; " + strings.TrimSuffix(revisions(newest.Claim.Rev+1, head.Rev), " ") + " not sealed yet"
	}
	return text
}
