package plan

import (
	"crypto/sha256"
	"encoding/hex"
)

// The ledger of a key is a chain: each event names the one before it by its hash. So an
// event that was rewritten does not fit the one after it. The hash of a claim's event is
// in the tags of the key made for it, which is outside DynamoDB: it seals the claim and
// all events before it.

// Link names an event: its revision and the hash of what is stored of it. It is zero for
// none, and Hash is "" if what is stored was not read.
type Link struct {
	Rev  int64
	Hash string
}

// HashOf returns the hash of an event in its stored form: SHA-256, in hexadecimal digits.
func HashOf(stored string) string {
	sum := sha256.Sum256([]byte(stored))
	return hex.EncodeToString(sum[:])
}

// Hash returns the hash of an event; "" if its stored form was not read.
func (e Event) Hash() string {
	if e.Stored == "" {
		return ""
	}
	return HashOf(e.Stored)
}

// link returns the link to an event.
func (e Event) link() Link { return Link{Rev: e.Rev, Hash: e.Hash()} }

// Head returns the link to the newest of some events; zero if there are none.
func Head(events []Event) Link {
	var head Event
	for _, e := range events {
		if e.Rev >= head.Rev {
			head = e
		}
	}
	return head.link()
}

// Exported is an event as an earlier export has it.
type Exported struct {
	// Key is that of the record.
	Key string
	Link
}

// Against compares a history with an earlier export of it, and finds what was changed
// since. What a rebuild replaced is kept in its event: that is told, and is no fault.
func (h *KeyHistory) Against(export []Exported) {
	now := map[int64]string{}
	for _, e := range h.Events {
		now[e.Rev] = e.Hash()
	}
	for _, was := range export {
		switch {
		case was.Key != h.Key.Key() || now[was.Rev] == was.Hash:
		case told(h.Events, was.Hash) == was.Link:
			h.find(Replaced, was.Rev, was.Rev, "the export tells it as a record did that a rebuild has replaced")
		case now[was.Rev] == "":
			h.find(Lost, was.Rev, was.Rev, "is in the export, and is missing now")
		default:
			h.find(Changed, was.Rev, was.Rev, "the export tells it otherwise")
		}
	}
}
