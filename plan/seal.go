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
	// SealUnknown: no event of the ledger has the hash of the tag. The claim's event is
	// missing, or was rewritten.
	SealUnknown SealState = "unknown"
	// SealNone: no event tells that the version was made, and its key has no such tag: it
	// was adopted.
	SealNone SealState = "none"
)

// Seal is the tag keyturn:ledger of a version that keyturn made, compared with the ledger.
type Seal struct {
	// Version is 0 if which versions there are could not be read.
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

// SealsOf returns the versions that keyturn made or may have made, before their tags are
// read: oldest first those whose making events tell, and then those that only the record
// has. A rollback makes none.
func SealsOf(r *Record, events []Event) []Seal {
	claims := map[string]Event{}
	var seals []Seal
	known := func(id string) bool {
		return slices.ContainsFunc(seals, func(s Seal) bool { return s.KeyID == id })
	}
	for _, e := range events {
		if e.Is(EventClaim) {
			claims[e.Claim] = e
		}
		made := e.Is(EventCreated) || e.Is(EventConfirm) || e.Is(EventFinish)
		claim, told := claims[e.Claim]
		if !made || e.KeyID == "" || told && claim.Is(ByVerb(VerbRollback)) || known(e.KeyID) {
			continue
		}
		s := Seal{Version: e.Version, KeyID: e.KeyID}
		if told {
			s.Claim = claim.link()
		}
		seals = append(seals, s)
	}
	if r != nil {
		for _, v := range r.Versions {
			if !known(v.KeyID) {
				seals = append(seals, Seal{Version: v.Version, KeyID: v.KeyID})
			}
		}
	}
	return seals
}

// Read takes in the tag of a seal's key, "" for none, and compares it with the ledger. A
// version whose making no event tells may have been adopted, and then has no tag.
func (s *Seal) Read(tag string, events []Event) {
	s.Tag = tag
	if s.Claim.Hash == "" && tag != "" {
		s.Claim = told(events, tag)
	}
	switch {
	case s.Claim.Hash == "" && tag == "":
		s.State = SealNone
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

// told returns the link to the event with a hash; zero if there is none. Those that a
// rebuild replaced are told, too: a key may have been made under one of them.
func told(events []Event, hash string) Link {
	for _, e := range events {
		if e.Hash() == hash {
			return e.link()
		}
		if l := told(e.Replaced, hash); l.Hash != "" {
			return l
		}
	}
	return Link{}
}

// Fault reports whether a seal shows that the ledger or a tag was changed, or that the
// ledger lacks what it once told.
func (s Seal) Fault() bool {
	return s.State == SealBroken || s.State == SealAbsent || s.State == SealUnknown
}

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
	if s.Version == 0 {
		what = "which versions KMS has names of"
	}
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
		return what + " has the hash " + s.Tag + ", and no event of the ledger has: the claim that made " +
			VersionName(s.Version) + ", and what was before it, is missing or was rewritten"
	}
	return ""
}

// SealedText describes up to where a ledger is sealed, and what is not sealed yet.
func SealedText(seals []Seal, head Link) string {
	newest := Sealed(seals)
	unread := slices.ContainsFunc(seals, func(s Seal) bool { return s.State == SealUnread })
	if newest == nil && unread {
		return "whether it is sealed is not known: tags could not be read"
	}
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
